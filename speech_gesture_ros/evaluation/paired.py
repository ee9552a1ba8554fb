"""Evaluation of a model on recorded speech with recorded motion: every metric, beside its controls.

    bundle         the model's motion for each test clip, mean over seeds
    mean pose      a body that does not move: the value of a metric for no gesture at all
    shuffled       the model's motion for another clip's speech: the value for the wrong speech
    recorded       the recorded motion itself: the value that could be reached
    other half     recorded motion of one half of the clips in the place of that of the other: real, for other speech

A metric with the same value for `bundle` and `shuffled` does not depend on the speech.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.errors import InputError
from speech_gesture_ros.core.rates import POSE_RATE, SAMPLES_PER_POSE
from speech_gesture_ros.core.skeleton import Skeleton
from speech_gesture_ros.evaluation.metrics.motion_clip import Frames, MotionClip, MotionReference
from speech_gesture_ros.evaluation.metrics.motion_set import MotionSet
from speech_gesture_ros.evaluation.metrics.registry import Values, measure_motion
from speech_gesture_ros.evaluation.speech_analysis import SpeechAnalysis, analyse_speech

BUNDLE, MEAN_POSE, SHUFFLED, RECORDED, OTHER_HALF = "bundle", "mean pose", "shuffled audio", "recorded", "other half"
SHORTEST_FRAMES = 2 * POSE_RATE


@dataclass(frozen=True)
class PairedClip:
    """A clip of the test split.

    Attributes:
        name: Of the clip.
        samples: (N,) at 16 kHz.
        speech: Its analysis.
        recorded: (T, J, 3) recorded motion [m].
    """

    name: str
    samples: npt.NDArray[np.floating]
    speech: SpeechAnalysis
    recorded: Frames


def make_paired_clip(name: str, samples: npt.NDArray[np.floating], recorded: Frames) -> PairedClip:
    """Cut sound and motion to their common frames and analyse the speech.

    Raises:
        InputError: If the clip is shorter than 2 s.
    """
    count = min(len(samples) // SAMPLES_PER_POSE, len(recorded))
    if count < SHORTEST_FRAMES:
        raise InputError(f"length of clip {name!r}", f"{count / POSE_RATE:.2f} s", "at least 2 s", "Leave it out.")
    samples = samples[:count * SAMPLES_PER_POSE]
    return PairedClip(name, samples, analyse_speech(samples), np.asarray(recorded[:count]))


def evaluate_paired(clips: Sequence[PairedClip], perform: Callable[[PairedClip, int], Frames], skeleton: Skeleton,
                    reference: MotionReference, mean_pose: Frames, *, seeds: int = 3,
                    progress: Callable[[list[tuple[PairedClip, int]]], Iterable[tuple[PairedClip, int]]] = iter,
                    ) -> tuple[dict[str, Values], dict[str, list[Frames]]]:
    """Perform every clip with every seed and measure all rows.

    Args:
        clips: The test clips, at least one.
        perform: (T, J, 3) motion [m] for a clip and a seed.
        skeleton: Of all motions.
        reference: FGD extractor and speech matcher; its motions are replaced by those of the clips.
        mean_pose: (J, 3) mean of the recorded motion of the training split [m].
        seeds: Number of seeds.
        progress: Wraps the list of jobs, such as `tqdm.tqdm`.

    Returns:
        Values of each row, those of the bundle with ``<name>_sd`` over seeds, and the motions of each row (those of
        the bundle: of the first seed).
    """
    jobs = [(clip, seed) for seed in range(seeds) for clip in clips]
    made = [np.asarray(perform(clip, seed)) for clip, seed in progress(jobs)]
    by_seed = [made[k:k + len(clips)] for k in range(0, len(made), len(clips))]
    recorded = [clip.recorded for clip in clips]
    order = shuffled_order(len(clips))
    motions = {
        BUNDLE: by_seed[0],
        MEAN_POSE: [np.broadcast_to(mean_pose, motion.shape) for motion in recorded],
        SHUFFLED: [by_seed[0][k] for k in order] if len(order) > 1 else [half_later(by_seed[0][0])],
        RECORDED: recorded,
    }
    reference = replace(reference, motions=recorded)
    variants = [[motions_of_seed[i] for motions_of_seed in by_seed] for i in range(len(clips))]
    rows = {BUNDLE: _over_seeds([measure_motion(motion_set(clips, motions_of_seed, skeleton, reference,
                                                           variants=variants)) for motions_of_seed in by_seed])}
    rows |= {name: measure_motion(motion_set(clips, motions[name], skeleton, reference,
                                             order if name == SHUFFLED else None))
             for name in (MEAN_POSE, SHUFFLED, RECORDED)}
    if len(clips) > 1:
        half, other = clips[::2], clips[1::2]
        count = min(len(half), len(other))
        motions[OTHER_HALF] = [clip.recorded for clip in other[:count]]
        rows[OTHER_HALF] = measure_motion(motion_set(half[:count], motions[OTHER_HALF], skeleton, replace(
            reference, motions=[clip.recorded for clip in half])))
    return rows, motions


def motion_set(clips: Sequence[PairedClip], motions: Sequence[Frames], skeleton: Skeleton, reference: MotionReference,
               sources: Sequence[int] | None = None, variants: Sequence[Sequence[Frames]] = ()) -> MotionSet:
    """Put motions in the place of the recorded ones, each cut to the frames that it has in common with its clip.

    Raises:
        InputError: If there are not as many motions as clips.
    """
    if len(motions) != len(clips):
        raise InputError("motions", len(motions), f"as many as clips ({len(clips)})", "Perform all clips.")
    return MotionSet([MotionClip.of(motion, clip.speech, clip.recorded) for clip, motion in zip(clips, motions)],
                     skeleton, reference, sources=sources, variants=variants)


def shuffled_order(count: int) -> list[int]:
    """Index of the clip whose motion each clip gets: half the list away, as neighbours may be one recording."""
    return [(k + count // 2) % count for k in range(count)]


def half_later(motion: Frames) -> Frames:
    """The motion of a single clip, half its length later."""
    return np.roll(motion, len(motion) // 2, axis=0)


def notes(rows: dict[str, Values]) -> list[str]:
    """Remarks on the values of a table."""
    if rows[RECORDED]["match_low"] > 50.0:
        return []
    return ["speech match: the recorded motion is not clearly above 50 %, so the test says nothing about any row."]


def _over_seeds(runs: Sequence[Values]) -> Values:
    means = {name: float(np.mean([r[name] for r in runs])) for name in runs[0]}
    return means | {f"{name}_sd": float(np.std([r[name] for r in runs])) for name in runs[0]}
