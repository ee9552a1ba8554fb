"""Recorded speech with recorded motion, and a model's motion for the same speech: every figure, beside its controls.

    bundle         the model's motion for each test clip, mean over seeds
    mean pose      nobody moves: what a figure gives for no gesture at all
    shuffled       the model's motion for another clip's sound: what a figure gives for the wrong speech
    recorded       the recorded motion itself: what a figure could give
    other half     recorded motion of one half of the clips, taken for that of the other half: real, for other speech

A figure that does not tell `bundle` from `shuffled` does not hear the speech, whatever its name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

import numpy as np

from speech_gesture_ros.evaluation.metrics import multimodality
from speech_gesture_ros.evaluation.paired_clips import Example, Frames
from speech_gesture_ros.evaluation.paired_judge import Figures, Judge

BUNDLE, MEAN_POSE, SHUFFLED, RECORDED, OTHER_HALF = "bundle", "mean pose", "shuffled audio", "recorded", "other half"


def evaluate_paired(examples: Sequence[Example], perform: Callable[[Example, int], Frames], judge: Judge,
                    mean_pose: Frames, *, seeds: int = 3,
                    progress: Callable[[list[tuple[Example, int]]], Iterable[tuple[Example, int]]] = iter,
                    ) -> tuple[dict[str, Figures], dict[str, list[Frames]]]:
    """Perform every clip with every seed and measure all rows.

    Args:
        examples: The test clips, at least one.
        perform: (T, J, 3) motion [m] for a clip and a seed.
        judge: Measures.
        mean_pose: (J, 3) mean of the recorded motion of the training split [m].
        seeds: Number of seeds.
        progress: Wraps the list of jobs, such as `tqdm.tqdm`.

    Returns:
        Figures of each row, those of the bundle with ``<name>_sd`` over seeds, and the motions of each row (those of
        the bundle: of the first seed).
    """
    jobs = [(example, seed) for seed in range(seeds) for example in examples]
    made = [np.asarray(perform(example, seed)) for example, seed in progress(jobs)]
    takes = [made[k:k + len(examples)] for k in range(0, len(made), len(examples))]
    truths = [e.truth for e in examples]
    order = shuffled_order(len(examples))
    motions = {
        BUNDLE: takes[0],
        MEAN_POSE: [np.broadcast_to(mean_pose, t.shape) for t in truths],
        SHUFFLED: [takes[0][k] for k in order] if len(order) > 1 else [half_later(takes[0][0])],
        RECORDED: truths,
    }
    rows = {BUNDLE: _over_seeds([judge.measure(examples, take, truths) for take in takes])}
    spread = [multimodality([take[i] for take in takes]) for i in range(len(examples))]
    rows[BUNDLE]["multimodality"] = float(np.mean(spread))
    rows |= {name: judge.measure(examples, motions[name], truths, order if name == SHUFFLED else None)
             for name in (MEAN_POSE, SHUFFLED, RECORDED)}
    if len(examples) > 1:
        half, other = examples[::2], examples[1::2]
        count = min(len(half), len(other))
        motions[OTHER_HALF] = [e.truth for e in other[:count]]
        rows[OTHER_HALF] = judge.measure(half[:count], motions[OTHER_HALF], [e.truth for e in half])
    return rows, motions


def shuffled_order(count: int) -> list[int]:
    """For each clip the one whose motion it gets: half the list away, for neighbours may be one recording."""
    return [(k + count // 2) % count for k in range(count)]


def half_later(motion: Frames) -> Frames:
    """A single clip has no other: its own motion, half its length later."""
    return np.roll(motion, len(motion) // 2, axis=0)


def _over_seeds(runs: Sequence[Figures]) -> Figures:
    means = {name: float(np.mean([r[name] for r in runs])) for name in runs[0]}
    return means | {f"{name}_sd": float(np.std([r[name] for r in runs])) for name in runs[0]}


def missed(figures: Mapping[str, float], targets: Mapping[str, tuple[str, float]]) -> dict[str, bool]:
    """For each target, figure to (">=" or "<=", bound), whether it is missed; what could not be measured is missed."""
    return {name: not (figures.get(name, float("nan")) >= bound if sense == ">=" else
                       figures.get(name, float("nan")) <= bound) for name, (sense, bound) in targets.items()}
