"""Acceptance measurement: one table of criteria with their bounds, and one beside figures of people.

    recordings of held-out speakers ─┬─► composed motion, codes of seed i ─► reference ─┐
                                     ├─► the bundle, codes of seed i      ─► generated ─┴─► ratios, r, timing
                                     ├─► the same, sound changed          ─► changed ─────► same motion?
                                     └─► other seeds, mirrored codes, other activity
    silence, noise, music ─► the bundle, with and without the voice gate ─► hands at rest?

Composed motion uses the whole recording; the bundle uses 0.4 s of look-ahead. Music is synthesised: the data have none.
"""

from __future__ import annotations

import math
from pathlib import Path

from speech_gesture_ros.audio.files import load_mono_16k
from speech_gesture_ros.core.errors import InputError
from speech_gesture_ros.core.rates import SAMPLE_RATE
from speech_gesture_ros.datasets.speech_recordings import list_recordings, surround_with_silence
from speech_gesture_ros.evaluation.acceptance.motion import (
    artefact_criteria,
    beside_people,
    choice_criteria,
    likeness_criteria,
)
from speech_gesture_ros.evaluation.acceptance.results import LOOK_AHEAD, Acceptance
from speech_gesture_ros.evaluation.acceptance.speech import calm_criteria, sensitivity_criteria, timing_criteria
from speech_gesture_ros.evaluation.acceptance.trials import ComposedReference, OfflineModel, Trial
from speech_gesture_ros.networks.speech_to_motion.bundle import load_bundle


def measure_acceptance(bundle_folder: Path, data: Path, reference: ComposedReference, *,
                       limit_s: float = math.inf) -> Acceptance:
    """Measure a bundle trained on composed motion, on the speakers that were held out of its training.

    Args:
        bundle_folder: Bundle with the gesture codes of `reference`.
        data: The data folder.
        reference: Composed motion to compare with.
        limit_s: Speech to use at most [s].

    Raises:
        InputError: If the bundle has other codes, or no recording is of a held-out speaker.
        BundleError: If the bundle cannot be read.
    """
    bundle = load_bundle(bundle_folder)
    if bundle.codes != reference.codes:
        raise InputError("codes of the bundle", bundle.codes.names[:3], "those of the composed motion",
                         "Only models trained on composed motion can be compared with it; use the other metrics.")
    model = OfflineModel(bundle, LOOK_AHEAD)
    recordings = [r for r in list_recordings(data) if r.speaker in bundle.held_out_speakers]
    trials: list[Trial] = []
    for recording in recordings:
        if sum(len(t.samples) for t in trials) / SAMPLE_RATE < limit_s:
            trials.append(model.trial(surround_with_silence(load_mono_16k(recording.path)), seed=len(trials)))
    if not trials:
        raise InputError("recordings of held-out speakers", bundle.held_out_speakers, "at least one in the data folder",
                         "Give the data folder that the bundle was trained with.")
    generated = [model.generate(t.samples, t.codes) for t in trials]
    composed = [reference.compose(t.accents, t.codes) for t in trials]
    criteria = [
        *likeness_criteria(generated, composed, bundle.skeleton),
        *timing_criteria(trials, generated, model),
        *sensitivity_criteria(trials, generated, model),
        *calm_criteria(model),
        *choice_criteria(trials, generated, model, reference),
        *artefact_criteria(trials, generated, composed, model),
    ]
    return Acceptance(tuple(criteria), beside_people(trials, generated, model),
                      sum(len(t.samples) for t in trials) / SAMPLE_RATE / 60, len({r.speaker for r in recordings}))
