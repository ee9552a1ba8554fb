"""What the default model promises, measured: one table of figures with the bound of each, and one beside people.

    recordings of speakers never heard ─┬─► choreographer, codes of seed i ─► wanted ─┐
                                        ├─► the bundle, codes of seed i    ─► made   ─┴─► ratios, r, timing
                                        ├─► the same, sound changed        ─► changed ──► same motion?
                                        └─► other seeds, mirrored codes, other activity
    silence, noise, music ─► the bundle, bare and behind the voice gate ─► calm?

The choreographer hears the whole recording; the bundle hears 0.4 s ahead. Music is synthesised: none is in the data.
"""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np

from speech_gesture_ros.core.errors import InputError
from speech_gesture_ros.core.rates import SAMPLE_RATE, SAMPLES_PER_POSE
from speech_gesture_ros.networks.speech_to_motion.bundle import load_bundle
from speech_gesture_ros.training.acceptance.motion import (
    artefact_figures,
    beside_people,
    choice_figures,
    likeness_figures,
)
from speech_gesture_ros.training.acceptance.results import LOOK_AHEAD, Acceptance
from speech_gesture_ros.training.acceptance.speech import calm_figures, sensitivity_figures, timing_figures
from speech_gesture_ros.training.choreography.choreographer import CODE_PROCESS, perform
from speech_gesture_ros.training.corpus import Samples, list_recordings, read_sound
from speech_gesture_ros.training.preparation import LEAD_S, TAIL_S
from speech_gesture_ros.training.trials import Performer, Trial


def measure_acceptance(bundle_folder: Path, data: Path, *, limit_s: float = math.inf) -> Acceptance:
    """Measure a bundle of the default kind on the speakers that it never heard.

    Args:
        bundle_folder: With gesture codes of the choreographer.
        data: The data folder.
        limit_s: Speech to use at most [s].

    Raises:
        InputError: If the bundle's codes are not the choreographer's, or none of the recordings is of a held-out
            speaker.
        BundleError: If the bundle cannot be read.
    """
    bundle = load_bundle(bundle_folder)
    if bundle.codes != CODE_PROCESS:
        raise InputError("codes of the bundle", bundle.codes.names[:3], "those of the choreographer",
                         "Only models of composed motion can be laid beside the choreographer; use the other metrics.")
    performer = Performer(bundle, LOOK_AHEAD)
    recordings = [r for r in list_recordings(data) if r.speaker in bundle.held_out_speakers]
    trials: list[Trial] = []
    for recording in recordings:
        if sum(len(t.samples) for t in trials) / SAMPLE_RATE < limit_s:
            trials.append(performer.trial(with_silence(read_sound(recording.path)), seed=len(trials)))
    if not trials:
        raise InputError("recordings of held-out speakers", bundle.held_out_speakers, "at least one in the data folder",
                         "Give the data folder that the bundle was trained with.")
    made = [performer.perform(t.samples, t.codes) for t in trials]
    wanted = [perform(t.accents, t.codes).joint_xyz for t in trials]
    figures = [
        *likeness_figures(made, wanted, bundle.skeleton),
        *timing_figures(trials, made, performer),
        *sensitivity_figures(trials, made, performer),
        *calm_figures(performer),
        *choice_figures(trials, made, performer),
        *artefact_figures(trials, made, wanted, performer),
    ]
    return Acceptance(tuple(figures), beside_people(trials, made, performer),
                      sum(len(t.samples) for t in trials) / SAMPLE_RATE / 60, len({r.speaker for r in recordings}))


def with_silence(samples: Samples) -> Samples:
    """A recording as training hears it: silence before and after, whole pose frames."""
    tail = round(TAIL_S * SAMPLE_RATE)
    lead = round(LEAD_S * SAMPLE_RATE)
    tail += -(len(samples) + lead + tail) % SAMPLES_PER_POSE
    return np.concatenate([np.zeros(lead, np.float32), samples, np.zeros(tail, np.float32)])
