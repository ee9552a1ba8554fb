"""Acceptance measurement: one table of criteria with their bounds, and one beside figures of people.

    recordings of held-out speakers ─► the whole way to the motion that the robot follows ─► beside people, timing
                                    ─► other accent lock, other activity, sound changed, the same sentence again
    silence, noise, music           ─► hands at rest?

Music is synthesised: the data have none.
"""

from __future__ import annotations

import math
from pathlib import Path

from speech_gesture_ros.audio.files import load_mono_16k
from speech_gesture_ros.core.errors import InputError
from speech_gesture_ros.core.rates import SAMPLE_RATE
from speech_gesture_ros.datasets.speech_recordings import list_recordings, surround_with_silence
from speech_gesture_ros.evaluation.acceptance.motion import (
    activity_criteria,
    human_criteria,
    lock_criteria,
    look_ahead_criteria,
    motion_in_speech,
    restart_criteria,
)
from speech_gesture_ros.evaluation.acceptance.results import Acceptance
from speech_gesture_ros.evaluation.acceptance.speech import calm_criteria, sensitivity_criteria
from speech_gesture_ros.evaluation.acceptance.trials import Performer, Trial
from speech_gesture_ros.evaluation.metrics.motion_metrics import LIKE_PEOPLE
from speech_gesture_ros.networks.strokes.bundle import load_stroke_bundle

COMPARED_S = 360.0  # speech that other look-aheads and activities, and changed sounds are measured with


def measure_acceptance(bundle_folder: Path, data: Path, *, limit_s: float = math.inf) -> Acceptance:
    """Measure a stroke model on the speakers that were held out of its training.

    Args:
        bundle_folder: The bundle.
        data: The data folder.
        limit_s: Speech to use at most [s].

    Raises:
        InputError: If no recording is of a held-out speaker.
        BundleError: If the bundle cannot be read, or is of another architecture.
    """
    held_out = load_stroke_bundle(bundle_folder).held_out_speakers
    recordings = [r for r in list_recordings(data) if r.speaker in held_out]
    trials: list[Trial] = []
    speakers: set[str] = set()
    for recording in recordings:
        if sum(len(t.samples) for t in trials) / SAMPLE_RATE < limit_s:
            trials.append(Trial.of(surround_with_silence(load_mono_16k(recording.path)), seed=len(trials)))
            speakers.add(recording.speaker)
    if not trials:
        raise InputError("recordings of held-out speakers", held_out, "at least one in the data folder",
                         "Give the data folder that the bundle was trained with.")
    performers = [Performer(bundle_folder, trial.seed) for trial in trials]
    skeleton = performers[0].skeleton
    motions = motion_in_speech(trials, [p.perform(t.samples) for p, t in zip(performers, trials)], skeleton)
    few = [t for i, t in enumerate(trials) if sum(len(u.samples) for u in trials[:i]) < COMPARED_S * SAMPLE_RATE]
    criteria = [
        *human_criteria(motions),
        *lock_criteria(bundle_folder, trials, motions),
        *look_ahead_criteria(bundle_folder, few, skeleton),
        *restart_criteria(bundle_folder, trials),
        *activity_criteria(bundle_folder, few, skeleton),
        *sensitivity_criteria(bundle_folder, few, skeleton),
        *calm_criteria(bundle_folder),
    ]
    return Acceptance(tuple(criteria), {metric.name: motions.value(metric) for metric in LIKE_PEOPLE},
                      sum(len(t.samples) for t in trials) / SAMPLE_RATE / 60, len(speakers))
