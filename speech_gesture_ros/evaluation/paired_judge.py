"""Every figure of one set of motions for the clips of a paired evaluation, measured with the same tools for every row.

distance to the recording    ape, mae, pck, cca, srgr
distributions                speed, Hellinger distance, Frechet gesture distance, diversity, figures of people
timing with the speech       beats, apexes and accents, speech matcher
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from speech_gesture_ros.core.errors import InputError
from speech_gesture_ros.core.skeleton import Skeleton
from speech_gesture_ros.evaluation.kinematics import MIN_FRAMES, apex_timing, find_apexes, wrist_speeds, wrists
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
    pck,
    seen_from_front,
    speed_histogram,
    srgr,
)
from speech_gesture_ros.evaluation.metrics.frechet import Encoder
from speech_gesture_ros.evaluation.metrics.pck import ALPHAS
from speech_gesture_ros.evaluation.metrics.speech_match import SpeechMatcher, motion_features, speech_match
from speech_gesture_ros.evaluation.paired_clips import FPS, Example, Frames, Sound

Figures = dict[str, float]


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


def _average(values: Sequence[float], weights: Sequence[float]) -> float:
    v, w = np.array(values, dtype=np.float64), np.array(weights, dtype=np.float64)
    known = np.isfinite(v) & (w > 0)
    return float(np.average(v[known], weights=w[known])) if known.any() else float("nan")
