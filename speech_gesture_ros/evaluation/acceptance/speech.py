"""Acceptance criteria of motion with sound: strokes on accents, same motion for changed sound, rest without speech."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from speech_gesture_ros.core.rates import POSE_RATE, SAMPLE_RATE, SAMPLES_PER_POSE
from speech_gesture_ros.datasets.sound_augmentation import Samples, band_limit, coloured_noise, loud_rms
from speech_gesture_ros.evaluation.acceptance.results import Criterion, registered_criterion
from speech_gesture_ros.evaluation.acceptance.trials import Motion, OfflineModel, Trial, generate_gated
from speech_gesture_ros.evaluation.kinematics import wrist_speeds, wrists
from speech_gesture_ros.evaluation.metrics.motion_set import MotionClip, MotionSet
from speech_gesture_ros.evaluation.metrics.ratios import pooled_correlation
from speech_gesture_ros.evaluation.signals import sounds_without_speech
from speech_gesture_ros.evaluation.speech_analysis import SpeechAnalysis

SENSITIVITY_S = 360.0  # speech that is used to compare changed sound
SHIFT_S = 0.02
GAIN_DB = 10.0
SNR_DB = 10.0
CALM_S, SETTLING_S = 20.0, 3.0  # length of a sound without speech, and its beginning that is not measured


def timing_criteria(trials: Sequence[Trial], generated: Sequence[Motion], model: OfflineModel) -> list[Criterion]:
    """Return how near the apexes of strokes are to accents, with the chance levels."""
    motions = MotionSet([MotionClip.of(motion, SpeechAnalysis.of_accents(trial.accents))
                         for trial, motion in zip(trials, generated)], model.bundle.skeleton)
    return [
        registered_criterion("apex_share", motions, 0.6),
        registered_criterion("apex_share_shifted", motions, 0.0, 0.15),
        registered_criterion("apex_excess", motions, 1.0, note="people 1.07"),
        registered_criterion("apex_offset_ms", motions, -30, 30),
        registered_criterion("apex_offset_iqr_ms", motions, 0, 130),
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
        least = 0.95 if "noise" in name else 0.97
        out.append(Criterion(f"same motion, {name}: r", pooled_correlation(after, before), least))
    return out


def calm_criteria(model: OfflineModel) -> list[Criterion]:
    """Return the wrist speed in sounds without speech, of the network alone and behind the voice gate."""
    skeleton, settling = model.bundle.skeleton, round(SETTLING_S * POSE_RATE)
    out = []
    for name, samples in sounds_without_speech(CALM_S).items():
        alone = model.generate(samples, model.draw_codes(len(samples) // SAMPLES_PER_POSE, 0))
        gated = generate_gated(model.bundle, samples)
        moving, resting = (float(wrist_speeds(wrists(m, skeleton))[settling:].mean()) for m in (alone, gated))
        out += [Criterion(f"wrist speed in {name}, network alone [m/s]", moving, 0.0, 0.03),
                Criterion(f"wrist speed in {name}, behind the voice gate [m/s]", resting, 0.0, 0.01)]
    return out
