"""Acceptance criteria of motion with sound: strokes on accents, same motion for changed sound, rest without speech."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np

from speech_gesture_ros.core.rates import POSE_RATE, SAMPLE_RATE, SAMPLES_PER_POSE
from speech_gesture_ros.datasets.sound_augmentation import Samples, band_limit, coloured_noise, loud_rms
from speech_gesture_ros.evaluation.acceptance.comparisons import pooled_r
from speech_gesture_ros.evaluation.acceptance.results import Criterion
from speech_gesture_ros.evaluation.acceptance.trials import Motion, OfflineModel, Trial, generate_gated
from speech_gesture_ros.evaluation.kinematics import apex_timing, find_apexes, wrist_speeds, wrists
from speech_gesture_ros.evaluation.metrics.apex_excess import apex_excess
from speech_gesture_ros.evaluation.signals import calm_signals

SENSITIVITY_S = 360.0  # speech that is used to compare changed sound
SHIFT_S = 0.02
GAIN_DB = 10.0
SNR_DB = 10.0
CALM_S, SETTLING_S = 20.0, 3.0  # length of a sound without speech, and its beginning that is not measured


def timing_criteria(trials: Sequence[Trial], generated: Sequence[Motion], model: OfflineModel) -> list[Criterion]:
    """Return how near the apexes of strokes are to accents, with the chance levels."""
    apexes, accents, begin = [], [], 0.0
    total = None
    for trial, motion in zip(trials, generated):
        found = find_apexes(wrist_speeds(wrists(motion, model.bundle.skeleton))).times_s
        apexes.append(begin + found)
        accents.append(begin + trial.accents.times_s)
        excess = apex_excess(found, trial.accents.times_s, trial.accents.speech, POSE_RATE)
        total = excess if total is None else total + excess
        begin += len(motion) / POSE_RATE
    timing = apex_timing(np.concatenate(apexes), np.concatenate(accents), begin, draws=200)
    return [
        Criterion("apexes within 0.1 s of an accent", timing.share, 0.6),
        Criterion("the same, accents shifted", timing.shifted_share, 0.0, 0.15),
        Criterion("the same, apexes jittered within speech: excess", total.excess if total else math.nan, 1.0, math.inf,
                  "people 1.07"),
        Criterion("apex offset, median [ms]", 1e3 * timing.offset_median_s, -30, 30),
        Criterion("apex offset, interquartile range [ms]", 1e3 * timing.offset_iqr_s, 0, 130),
    ]


def changed_sounds(seed: int = 0) -> dict[str, Callable[[Samples], Samples]]:
    """Return changes of sound by name that keep its words: band limits, delays, gains, noise."""
    def noisy(samples: Samples) -> Samples:
        noise = coloured_noise(len(samples), 1.0, np.random.default_rng(seed))
        level = loud_rms(samples.astype(np.float64)) * 10 ** (-SNR_DB / 20) / np.sqrt(np.mean(noise**2))
        return np.asarray(samples + level * noise, dtype=np.float32)

    def shifted(samples: Samples, shift_s: float) -> Samples:
        return np.asarray(np.roll(samples, round(shift_s * SAMPLE_RATE)))

    return {
        "7 kHz low-pass": lambda x: band_limit(x, 7000.0).astype(np.float32),
        "3.6 kHz low-pass": lambda x: band_limit(x, 3600.0).astype(np.float32),
        "20 ms later": lambda x: shifted(x, SHIFT_S),
        "20 ms earlier": lambda x: shifted(x, -SHIFT_S),
        "10 dB louder": lambda x: np.clip(x * 10 ** (GAIN_DB / 20), -1, 1).astype(np.float32),
        "10 dB softer": lambda x: (x * 10 ** (-GAIN_DB / 20)).astype(np.float32),
        "noise at 10 dB": noisy,
    }


def sensitivity_criteria(trials: Sequence[Trial], generated: Sequence[Motion], model: OfflineModel) -> list[Criterion]:
    """Return the correlation of the motion of changed sound with that of the clean sound."""
    used, total = 0, 0.0
    while used < len(trials) and total < SENSITIVITY_S:
        total += len(trials[used].samples) / SAMPLE_RATE
        used += 1
    skeleton, out = model.bundle.skeleton, []
    before = [wrists(m, skeleton) for m in generated[:used]]
    for name, change in changed_sounds().items():
        after = [wrists(model.generate(change(t.samples), t.codes), skeleton) for t in trials[:used]]
        out.append(Criterion(f"same motion, {name}: r", pooled_r(after, before), 0.95 if "noise" in name else 0.97))
    return out


def calm_criteria(model: OfflineModel) -> list[Criterion]:
    """Return the wrist speed in sounds without speech, of the network alone and behind the voice gate."""
    skeleton, settling = model.bundle.skeleton, round(SETTLING_S * POSE_RATE)
    out = []
    for name, samples in calm_signals(CALM_S).items():
        alone = model.generate(samples, model.draw_codes(len(samples) // SAMPLES_PER_POSE, 0))
        gated = generate_gated(model.bundle, samples)
        moving, resting = (float(wrist_speeds(wrists(m, skeleton))[settling:].mean()) for m in (alone, gated))
        out += [Criterion(f"wrist speed in {name}, network alone [m/s]", moving, 0.0, 0.03),
                Criterion(f"wrist speed in {name}, behind the voice gate [m/s]", resting, 0.0, 0.01)]
    return out
