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
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.errors import InputError
from speech_gesture_ros.core.rates import POSE_RATE, SAMPLES_PER_POSE
from speech_gesture_ros.core.skeleton import Skeleton
from speech_gesture_ros.evaluation.accents import detect_accents
from speech_gesture_ros.evaluation.kinematics import (
    MIN_FRAMES,
    Bools,
    Floats,
    apex_timing,
    find_apexes,
    wrist_speeds,
    wrists,
)
from speech_gesture_ros.evaluation.metrics import (
    ApexExcess,
    GestureWindows,
    Motion,
    ape,
    apex_excess,
    beat_align,
    beat_consistency,
    cca_correlation,
    frame_histogram,
    frechet_gesture_distance,
    hellinger,
    human_figures,
    human_gap,
    human_share,
    l1_diversity,
    mae,
    mean_derivative,
    metronome_consistency,
    motion_beats_per_second,
    multimodality,
    onset_times,
    pck,
    seen_from_front,
    speed_histogram,
    srgr,
)
from speech_gesture_ros.evaluation.metrics.frechet import Encoder
from speech_gesture_ros.evaluation.metrics.pck import ALPHAS
from speech_gesture_ros.evaluation.metrics.speech_match import (
    SpeechMatcher,
    motion_features,
    sound_features,
    speech_match,
)

FPS = float(POSE_RATE)
Frames = npt.NDArray[np.floating]
Figures = dict[str, float]
BUNDLE, MEAN_POSE, SHUFFLED, RECORDED, OTHER_HALF = "bundle", "mean pose", "shuffled audio", "recorded", "other half"
SHORTEST_FRAMES = 2 * POSE_RATE


@dataclass(frozen=True)
class Sound:
    """What is heard in a clip of T frames.

    Attributes:
        accents_s: (A,) accents [s].
        onsets_s: (B,) onsets [s].
        speech: (T,) whether someone speaks.
        features: (T, 4) for the speech matcher.
    """

    accents_s: Floats
    onsets_s: Floats
    speech: Bools
    features: Floats

    def first(self, frames: int) -> Sound:
        """The beginning."""
        end = frames / FPS
        return Sound(self.accents_s[self.accents_s < end], self.onsets_s[self.onsets_s < end], self.speech[:frames],
                     self.features[:frames])


def listen(samples: npt.NDArray[np.floating]) -> Sound:
    """Everything that the figures need to know of (N,) samples at 16 kHz; T = N // 640."""
    accents = detect_accents(samples)
    return Sound(accents.times_s, onset_times(samples), accents.speech, sound_features(samples))


@dataclass(frozen=True)
class Example:
    """A clip of the test split.

    Attributes:
        name: Of the clip.
        samples: (N,) at 16 kHz.
        sound: What is heard.
        truth: (T, J, 3) recorded motion [m].
    """

    name: str
    samples: npt.NDArray[np.floating]
    sound: Sound
    truth: Frames


def make_example(name: str, samples: npt.NDArray[np.floating], truth: Frames) -> Example:
    """Cut sound and motion to whole common frames and listen.

    Raises:
        InputError: If the clip is shorter than 2 s.
    """
    count = min(len(samples) // SAMPLES_PER_POSE, len(truth))
    if count < SHORTEST_FRAMES:
        raise InputError(f"length of clip {name!r}", f"{count / FPS:.2f} s", "at least 2 s", "Leave it out.")
    samples = samples[:count * SAMPLES_PER_POSE]
    return Example(name, samples, listen(samples), np.asarray(truth[:count]))


@dataclass(frozen=True)
class Judge:
    """What figures are measured with: the same for every row.

    Attributes:
        skeleton: Of all motions.
        windows: Of the extractor; None where the training split is too short for one.
        encode: The extractor, likewise.
        matcher: Fitted on the training split; None where that is too short.
    """

    skeleton: Skeleton
    windows: GestureWindows | None = None
    encode: Encoder | None = None
    matcher: SpeechMatcher | None = None

    def measure(self, examples: Sequence[Example], motions: Sequence[Frames],
                population: Sequence[Frames] | None = None, sources: Sequence[int] | None = None) -> Figures:
        """All figures of one set of motions.

        Args:
            examples: Speech and recorded motion.
            motions: One (T, J, 3) for each [m]; the shorter of motion and clip decides.
            population: Recorded motions for the figures of distributions; those of the examples if not given.
            sources: For shuffled motions the example each was made for.

        Raises:
            InputError: If there are not as many motions as clips, none, or one is shorter than 4 frames.
        """
        if len(examples) != len(motions) or not examples or min(map(len, motions)) <= MIN_FRAMES:
            raise InputError("motions", len(motions), f"as many as clips ({len(examples)}), of more than {MIN_FRAMES} "
                             "frames", "Perform all clips.")
        counts = [min(len(e.truth), len(m)) for e, m in zip(examples, motions)]
        pairs = [(e.truth[:n], np.asarray(m[:n], dtype=np.float64), e.sound.first(n))
                 for e, m, n in zip(examples, motions, counts)]
        truths, made = [p[0] for p in pairs], [p[1] for p in pairs]
        weights = np.array([len(t) for t in truths], dtype=np.float64)
        population = truths if population is None else population

        def mean(measure: Callable[..., float], *columns: Sequence[object]) -> float:
            values = np.array([measure(*row) for row in zip(*columns)])
            known = np.isfinite(values)
            return float(np.average(values[known], weights=weights[known])) if known.any() else float("nan")

        fronts = [[seen_from_front(x) for x in side] for side in (truths, made)]
        figures = {
            "ape": 100 * mean(ape, truths, made), "mae": 100 * mean(mae, truths, made),
            **{f"{name}": mean(lambda m, n=n: mean_derivative(m, n, FPS), made)
               for n, name in ((1, "speed"), (2, "acceleration"), (3, "jerk"))},
            **{f"{name}_frame": 100 * mean(lambda m, n=n: mean_derivative(m, n), made)
               for n, name in ((2, "acceleration"), (3, "jerk"))},
            "hellinger": hellinger(speed_histogram([wrists(t, self.skeleton) for t in population], FPS),
                                   speed_histogram([wrists(m, self.skeleton) for m in made], FPS)),
            "hellinger_frame": hellinger(frame_histogram(population), frame_histogram(made)),
            "l1_diversity": mean(l1_diversity, made),
            **{f"pck_{alpha:g}": mean(lambda t, m, a=alpha: pck(t, m, a), *fronts) for alpha in ALPHAS},
            "cca": cca_correlation(np.concatenate(truths), np.concatenate(made)),
            "srgr": mean(srgr, truths, made),
            **self._distances(population, made),
            **self._beats([p[2] for p in pairs], made, mean),
            **self._people([p[2] for p in pairs], made),
            **self._timing([p[2] for p in pairs], made),
            **self._match([p[2] for p in pairs], made, sources),
        }
        return {name: float(value) for name, value in figures.items()}

    def _distances(self, truths: Sequence[Frames], made: Sequence[Frames]) -> Figures:
        unknown = {"fgd": float("nan"), "fgd_raw": float("nan")}
        if self.windows is None:
            return unknown
        if min(len(self.windows.cut(side)) for side in (truths, made)) < 2:
            return unknown
        return {"fgd": frechet_gesture_distance(truths, made, self.windows, self.encode) if self.encode else np.nan,
                "fgd_raw": frechet_gesture_distance(truths, made, self.windows)}

    def _beats(self, sounds: Sequence[Sound], made: Sequence[Frames], mean: Callable[..., float]) -> Figures:
        rate = mean(lambda m: motion_beats_per_second(m, FPS), made)
        return {
            "beat_consistency": mean(lambda m, s: beat_consistency(m, s.onsets_s, FPS), made, sounds),
            "metronome": mean(lambda m, s: metronome_consistency(s.onsets_s, rate, len(m) / FPS), made, sounds),
            "beat_align": mean(lambda m, s: beat_align(m, s.onsets_s, FPS), made, sounds),
            "motion_beats": rate,
        }

    def _people(self, sounds: Sequence[Sound], made: Sequence[Frames]) -> Figures:
        figures = human_figures([Motion(m, s.speech) for m, s in zip(made, sounds)], FPS, self.skeleton)
        return {"human_gap": human_gap(figures), "human_share": human_share(figures),
                **{f"human_{name}": value for name, value in figures.items()}}

    def _timing(self, sounds: Sequence[Sound], made: Sequence[Frames]) -> Figures:
        excess = ApexExcess(0, 0, 0.0, 0.0)
        counts: list[int] = []
        columns: tuple[list[float], ...] = ([], [], [], [])
        for k, (sound, motion) in enumerate(zip(sounds, made)):
            apexes = find_apexes(wrist_speeds(wrists(motion, self.skeleton))).times_s
            timing = apex_timing(apexes, sound.accents_s, len(motion) / FPS, draws=200, seed=k)
            excess = excess + apex_excess(apexes, sound.accents_s, sound.speech, FPS, seed=k)
            counts.append(len(apexes))
            for column, value in zip(columns, (timing.share, timing.shifted_share, timing.offset_median_s,
                                               timing.offset_iqr_s)):
                column.append(value)
        pooled = [_average(column, counts) for column in columns]
        # A body that stands still has no apex, so none in time.
        return {"apexes": float(sum(counts)), "apex_share": pooled[0] if sum(counts) else 0.0,
                "apex_shifted": pooled[1], "apex_jittered": excess.jittered_share, "apex_excess": excess.excess,
                "apex_z": excess.z, "apex_offset": 1000 * pooled[2], "apex_iqr": 1000 * pooled[3]}

    def _match(self, sounds: Sequence[Sound], made: Sequence[Frames], sources: Sequence[int] | None) -> Figures:
        if self.matcher is None:
            return dict.fromkeys(("match", "match_low", "match_high"), float("nan"))
        result = speech_match(self.matcher, [s.features for s in sounds],
                              [motion_features(m, self.skeleton) for m in made], sources=sources)
        return {"match": 100 * result.accuracy, "match_low": 100 * result.low, "match_high": 100 * result.high}


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


def _average(values: Sequence[float], weights: Sequence[float]) -> float:
    v, w = np.array(values, dtype=np.float64), np.array(weights, dtype=np.float64)
    known = np.isfinite(v) & (w > 0)
    return float(np.average(v[known], weights=w[known])) if known.any() else float("nan")


def missed(figures: Mapping[str, float], targets: Mapping[str, tuple[str, float]]) -> dict[str, bool]:
    """For each target, figure to (">=" or "<=", bound), whether it is missed; what could not be measured is missed."""
    return {name: not (figures.get(name, float("nan")) >= bound if sense == ">=" else
                       figures.get(name, float("nan")) <= bound) for name, (sense, bound) in targets.items()}
