"""Turns of torso and head, drift of raised hands, and the posture: slow strokes at intervals of their own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.networks.strokes.channels import HANDS, HEAD, NUM_CHANNELS, TORSO, WRIST
from speech_gesture_ros.networks.strokes.laws import BodyLaws
from speech_gesture_ros.networks.strokes.superposition import Superposition

Floats = npt.NDArray[np.float64]
Draw = Callable[[], np.random.Generator]

GAZE_SHARE = -0.4  # of the posture's turn that the head takes back: the gaze stays on the listener
TURN_SPREAD, POSTURE_SPREAD, DRIFT_SPREAD = 0.5, 0.5, 0.4  # of the logarithms of the intervals
DRIFT_S = (0.6, 1.2)
CALM_STRENGTH = 0.35  # of turns at activity 0
SILENT_S, SILENT_STRENGTH = 1.5, 0.25  # of turns in a longer silence
QUIET_S, QUIET_SLOWER = 0.5, 1.6  # factor of the intervals in pauses


@dataclass
class SlowMotion:
    """Times at which torso, head, drift and posture change next [s], and the posture (3,) [rad]."""

    torso_s: float = 0.0
    head_s: float = 0.0
    drift_s: float = 0.0
    posture_s: float = 0.0
    posture: Floats = field(default_factory=lambda: np.zeros(3))

    def advance(self, laws: BodyLaws, curves: Superposition, time_s: float, draw: Draw, *, activity: float,
                quiet_s: float, is_raised: bool) -> None:
        """Add the changes that are due to the curves.

        Args:
            laws: Of the body.
            curves: State that they are added to.
            time_s: Time of the pose frame.
            draw: Returns the random generator of the next draw.
            activity: Of the speaker.
            quiet_s: Time since someone spoke.
            is_raised: False if the hands are at rest and do not drift.
        """
        strength = CALM_STRENGTH + (1.0 - CALM_STRENGTH) * min(activity, 1.0)
        strength *= 1.0 if quiet_s < SILENT_S else SILENT_STRENGTH
        slower = 1.0 if quiet_s < QUIET_S else QUIET_SLOWER
        if time_s >= self.posture_s:
            random = draw()
            self.posture = strength * np.array(laws.posture_spread) * random.standard_normal(3)
            self.posture_s = time_s + laws.posture_interval_s * np.exp(POSTURE_SPREAD * random.standard_normal())
        if time_s >= self.torso_s:
            random = draw()
            self._turn(laws, curves, time_s, TORSO, self.posture, strength * np.array(laws.torso_spread), random)
            self.torso_s = time_s + slower * laws.torso_interval_s * np.exp(TURN_SPREAD * random.standard_normal())
        if time_s >= self.head_s:
            random = draw()
            self._turn(laws, curves, time_s, HEAD, GAZE_SHARE * self.posture, strength * np.array(laws.head_spread),
                       random)
            self.head_s = time_s + slower * laws.head_interval_s * np.exp(TURN_SPREAD * random.standard_normal())
        if time_s >= self.drift_s:
            random = draw()
            drift = np.zeros(NUM_CHANNELS)
            for hand in HANDS:
                drift[hand][WRIST] = is_raised * laws.drift_m / np.sqrt(3.0) * random.standard_normal(3)
            curves.add(time_s, random.uniform(*DRIFT_S), drift)
            self.drift_s = time_s + laws.drift_interval_s * np.exp(DRIFT_SPREAD * random.standard_normal())

    def _turn(self, laws: BodyLaws, curves: Superposition, time_s: float, channels: slice, centre: Floats,
              spread: Floats, random: np.random.Generator) -> None:
        turn = np.zeros(NUM_CHANNELS)
        turn[channels] = centre + spread * random.standard_normal(3) - curves.goal[channels]
        curves.add(time_s, random.uniform(*laws.turn_s), turn)
