"""Promises about motion and sound: in time with the accents, the same for changed sound, calm where nobody speaks."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np

from speech_gesture_ros.core.rates import POSE_RATE, SAMPLE_RATE, SAMPLES_PER_POSE
from speech_gesture_ros.evaluation.kinematics import apex_timing, find_apexes, wrist_speeds, wrists
from speech_gesture_ros.evaluation.metrics.apex_excess import apex_excess
from speech_gesture_ros.evaluation.signals import calm_signals
from speech_gesture_ros.training.acceptance.results import Figure
from speech_gesture_ros.training.augmentation import band_limit, coloured_noise, loud_rms
from speech_gesture_ros.training.comparisons import pooled_r
from speech_gesture_ros.training.corpus import Samples
from speech_gesture_ros.training.trials import Motion, Performer, Trial, perform_gated

SENSITIVITY_S = 360.0  # of speech is enough to see whether changed sound changes the motion
SHIFT_S = 0.02
GAIN_DB = 10.0
SNR_DB = 10.0
CALM_S, SETTLED_S = 20.0, 3.0


def timing_figures(trials: Sequence[Trial], made: Sequence[Motion], performer: Performer) -> list[Figure]:
    """Hands reach their ends where the voice has its accents, and not by chance."""
    apexes, accents, begin = [], [], 0.0
    total = None
    for trial, motion in zip(trials, made):
        found = find_apexes(wrist_speeds(wrists(motion, performer.bundle.skeleton))).times_s
        apexes.append(begin + found)
        accents.append(begin + trial.accents.times_s)
        excess = apex_excess(found, trial.accents.times_s, trial.accents.speech, POSE_RATE)
        total = excess if total is None else total + excess
        begin += len(motion) / POSE_RATE
    timing = apex_timing(np.concatenate(apexes), np.concatenate(accents), begin, draws=200)
    return [
        Figure("apexes within 0.1 s of an accent", timing.share, 0.6),
        Figure("the same, accents shifted", timing.shifted_share, 0.0, 0.15),
        Figure("the same, apexes jittered within speech: excess", total.excess if total else math.nan, 1.0, math.inf,
               "people 1.07"),
        Figure("apex offset, median [ms]", 1e3 * timing.offset_median_s, -30, 30),
        Figure("apex offset, interquartile range [ms]", 1e3 * timing.offset_iqr_s, 0, 130),
    ]


def changed_sounds(seed: int = 0) -> dict[str, Callable[[Samples], Samples]]:
    """What sound goes through on its way, by name: each keeps what is said."""
    def noisy(samples: Samples) -> Samples:
        noise = coloured_noise(len(samples), 1.0, np.random.default_rng(seed))
        level = loud_rms(samples.astype(np.float64)) * 10 ** (-SNR_DB / 20) / np.sqrt(np.mean(noise**2))
        return np.asarray(samples + level * noise, dtype=np.float32)

    def moved(samples: Samples, shift_s: float) -> Samples:
        return np.asarray(np.roll(samples, round(shift_s * SAMPLE_RATE)))

    return {
        "7 kHz low-pass": lambda x: band_limit(x, 7000.0).astype(np.float32),
        "3.6 kHz low-pass": lambda x: band_limit(x, 3600.0).astype(np.float32),
        "20 ms later": lambda x: moved(x, SHIFT_S),
        "20 ms earlier": lambda x: moved(x, -SHIFT_S),
        "10 dB louder": lambda x: np.clip(x * 10 ** (GAIN_DB / 20), -1, 1).astype(np.float32),
        "10 dB softer": lambda x: (x * 10 ** (-GAIN_DB / 20)).astype(np.float32),
        "noise at 10 dB": noisy,
    }


def sensitivity_figures(trials: Sequence[Trial], made: Sequence[Motion], performer: Performer) -> list[Figure]:
    """Whatever happens to the sound on its way, the motion stays the same."""
    used, total = 0, 0.0
    while used < len(trials) and total < SENSITIVITY_S:
        total += len(trials[used].samples) / SAMPLE_RATE
        used += 1
    skeleton, out = performer.bundle.skeleton, []
    before = [wrists(m, skeleton) for m in made[:used]]
    for name, change in changed_sounds().items():
        after = [wrists(performer.perform(change(t.samples), t.codes), skeleton) for t in trials[:used]]
        out.append(Figure(f"same motion, {name}: r", pooled_r(after, before), 0.95 if "noise" in name else 0.97))
    return out


def calm_figures(performer: Performer) -> list[Figure]:
    """Where nobody speaks, hands rest."""
    skeleton, settled = performer.bundle.skeleton, round(SETTLED_S * POSE_RATE)
    out = []
    for name, samples in calm_signals(CALM_S).items():
        bare = performer.perform(samples, performer.draw_codes(len(samples) // SAMPLES_PER_POSE, 0))
        gated = perform_gated(performer.bundle, samples)
        moving, resting = (float(wrist_speeds(wrists(m, skeleton))[settled:].mean()) for m in (bare, gated))
        out += [Figure(f"wrist speed in {name}, network alone [m/s]", moving, 0.0, 0.03),
                Figure(f"wrist speed in {name}, behind the voice gate [m/s]", resting, 0.0, 0.01)]
    return out
