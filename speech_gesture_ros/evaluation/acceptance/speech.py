"""Acceptance criteria of motion with sound: rest without speech, and human motion for changed sound."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from speech_gesture_ros.core.rates import POSE_RATE
from speech_gesture_ros.core.skeleton import Skeleton
from speech_gesture_ros.datasets.sound_augmentation import Samples, band_limit, coloured_noise, loud_rms
from speech_gesture_ros.evaluation.acceptance.motion import LARGEST_GAP, motion_in_speech
from speech_gesture_ros.evaluation.acceptance.results import Criterion
from speech_gesture_ros.evaluation.acceptance.trials import Performer, Trial
from speech_gesture_ros.evaluation.kinematics import wrist_speeds, wrists
from speech_gesture_ros.evaluation.metrics.registry import METRICS
from speech_gesture_ros.evaluation.signals import sounds_without_speech

GAIN_DB = 10.0
SNR_DB = 10.0
CALM_S, SETTLING_S = 20.0, 3.0  # length of a sound without speech, and its beginning that is not measured
CALM_SPEED = 0.01  # [m/s]


def changed_sounds(seed: int = 0) -> dict[str, Callable[[Samples], Samples]]:
    """Return changes of sound by name that keep its words: a band limit, gains, noise."""
    def noisy(samples: Samples) -> Samples:
        noise = coloured_noise(len(samples), 1.0, np.random.default_rng(seed))
        level = loud_rms(samples.astype(np.float64)) * 10 ** (-SNR_DB / 20) / np.sqrt(np.mean(noise**2))
        return np.asarray(samples + level * noise, dtype=np.float32)

    return {
        "3.6 kHz low-pass": lambda x: band_limit(x, 3600.0).astype(np.float32),
        "10 dB louder": lambda x: np.clip(x * 10 ** (GAIN_DB / 20), -1, 1).astype(np.float32),
        "10 dB softer": lambda x: (x * 10 ** (-GAIN_DB / 20)).astype(np.float32),
        "noise at 10 dB": noisy,
    }


def sensitivity_criteria(folder: Path, trials: Sequence[Trial], skeleton: Skeleton) -> list[Criterion]:
    """Return the gap to people of the motion of changed sound."""
    out = []
    for name, change in changed_sounds().items():
        made = [Performer(folder, t.seed).perform(change(t.samples)) for t in trials]
        motions = motion_in_speech(trials, made, skeleton)
        out.append(Criterion(f"human-statistics gap, {name}", motions.value(METRICS["human_gap"]), 0.0, LARGEST_GAP))
    return out


def calm_criteria(folder: Path) -> list[Criterion]:
    """Return the wrist speed in sounds without speech."""
    out = []
    for name, samples in sounds_without_speech(CALM_S).items():
        performer = Performer(folder, 0)
        speeds = wrist_speeds(wrists(performer.perform(samples), performer.skeleton))
        out.append(Criterion(f"wrist speed in {name} [m/s]", float(speeds[round(SETTLING_S * POSE_RATE):].mean()), 0.0,
                             CALM_SPEED))
    return out
