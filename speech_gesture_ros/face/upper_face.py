"""Blinks, brows and gaze by stated rules, from the prosody of the voice and a seed; nothing here is learned.

Blinks   intervals of 2 to 6 s (log-normal, median 3.2 s: 17 a minute at rest, 26 in talk, Bentivoglio et al., Movement
         Disorders 1997); the end of a phrase draws a due blink forward. A blink closes in 80 ms, stays closed for
         40 ms, opens in 140 ms.
Brows    a rise on an accent of the pitch, with probability 1/2, at most once in 0.9 s.
Gaze     small saccades every 0.8 to 3.5 s that return to the listener; a saccade of this size lasts about 40 ms
         (2.2 ms/degree + 21 ms, Carpenter 1988).

Frame by frame at `FACE_RATE`; the draws begin again with a reset.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.errors import ConfigError
from speech_gesture_ros.core.face_channels import BLENDSHAPE_INDEX, BLENDSHAPES
from speech_gesture_ros.core.rates import FACE_RATE

BLINK_MEDIAN_S, BLINK_SPREAD, BLINK_RANGE_S = 3.2, 0.4, (1.2, 7.0)
CLOSING_FRAMES, CLOSED_FRAMES, OPENING_FRAMES = 4, 2, 7  # frames of 20 ms
BLINK_LENGTH = CLOSING_FRAMES + CLOSED_FRAMES + OPENING_FRAMES
DRAWN_FORWARD_S = 1.5  # a blink due within this time happens at the end of a phrase
TALKING_LOUDNESS, PHRASE_END_LOUDNESS = 0.3, 0.12  # loudness
BROW_FROM_PITCH, BROW_GAP_S, BROW_SHARE = 0.68, 0.9, 0.5
BROW_RISE_S, BROW_FALL_S = 0.12, 0.35
GAZE_EVERY_S, GAZE_SIDE, GAZE_UP, GAZE_HOME_SHARE = (0.8, 3.5), 0.22, 0.12, 0.45
SACCADE_FRAMES = 2

_COLUMNS = np.array([BLENDSHAPE_INDEX[name] for name in (
    "eyeBlinkLeft", "eyeBlinkRight", "browInnerUp", "browOuterUpLeft", "browOuterUpRight",
    "eyeLookOutLeft", "eyeLookInRight", "eyeLookInLeft", "eyeLookOutRight",
    "eyeLookUpLeft", "eyeLookUpRight", "eyeLookDownLeft", "eyeLookDownRight")])  # that `step` sets

MAX_BLINKS, MAX_MOVEMENT = 4.0, 2.0  # factors


@dataclass(frozen=True)
class UpperFaceControls:
    """Liveliness of the upper face.

    Attributes:
        blinks: Factor of the frequency of blinks, 0 to 4; 0 is none.
        brows: Factor of the height of the brows, 0 to 2.
        gaze: Factor of the size of the saccades, 0 to 2.
    """

    blinks: float = 1.0
    brows: float = 1.0
    gaze: float = 1.0

    def __post_init__(self) -> None:
        for name, high in (("blinks", MAX_BLINKS), ("brows", MAX_MOVEMENT), ("gaze", MAX_MOVEMENT)):
            if not 0.0 <= getattr(self, name) <= high:
                raise ConfigError(f"upper face: {name}", getattr(self, name), f"0 to {high:g}", "1 is usual.")


class UpperFace:
    """Prosody, frame by frame, to the blendshapes of eyes and brows.

    Args:
        seed: Of the draws.
        controls: How lively it is.
    """

    def __init__(self, seed: int = 0, controls: UpperFaceControls | None = None) -> None:
        self.seed, self.controls = seed, controls or UpperFaceControls()
        self.reset()

    def reset(self) -> None:
        """Begin again, with the draws of a new one."""
        self._rng = np.random.default_rng([self.seed, 7])
        self._blink_in, self._blink = self._next_blink(), BLINK_LENGTH
        self._brow = self._brow_target = 0.0
        self._brow_rest = 0
        self._was_talking, self._was_high = False, False
        self._aim = self._saccade_step = (0.0, 0.0)  # left and up positive, in units of the eyes' shapes
        self._saccade_left, self._gaze_in = 0, self._next_gaze()  # frames

    def step(self, loudness: float, pitch: float) -> npt.NDArray[np.float32]:
        """Return the blendshapes (52,) of the next frame for its prosody, both in [0, 1]."""
        blink = self._blink_step(loudness)
        brow = self._brow_step(loudness, pitch) * self.controls.brows
        left, up = (self.controls.gaze * angle for angle in self._gaze_step())
        out = np.zeros(len(BLENDSHAPES), np.float32)
        out[_COLUMNS] = blink, blink, brow, 0.75 * brow, 0.75 * brow, left, left, -left, -left, up, up, -up, -up
        return out.clip(0.0, 1.0)

    def _blink_step(self, loudness: float) -> float:
        ends = self._was_talking and loudness < PHRASE_END_LOUDNESS
        self._was_talking = loudness > TALKING_LOUDNESS or (self._was_talking and not ends)
        self._blink_in -= self.controls.blinks
        if ends and self._blink_in < DRAWN_FORWARD_S * FACE_RATE and self.controls.blinks > 0.0:
            self._blink_in = 0.0
        if self._blink_in <= 0.0 and self._blink >= BLINK_LENGTH:
            self._blink, self._blink_in = 0, self._next_blink()
        if self._blink >= BLINK_LENGTH:
            return 0.0
        self._blink += 1
        if self._blink <= CLOSING_FRAMES:
            return self._blink / CLOSING_FRAMES
        opened = self._blink - CLOSING_FRAMES - CLOSED_FRAMES
        return 1.0 if opened <= 0 else 1.0 - opened / OPENING_FRAMES

    def _next_blink(self) -> float:
        drawn = BLINK_MEDIAN_S * np.exp(BLINK_SPREAD * self._rng.standard_normal())
        return float(np.clip(drawn, *BLINK_RANGE_S)) * FACE_RATE

    def _brow_step(self, loudness: float, pitch: float) -> float:
        is_high = pitch > BROW_FROM_PITCH and loudness > TALKING_LOUDNESS
        self._brow_rest = max(0, self._brow_rest - 1)
        if is_high and not self._was_high and self._brow_rest == 0:
            self._brow_rest = round(BROW_GAP_S * FACE_RATE)
            if self._rng.random() < BROW_SHARE:
                self._brow_target = float(self._rng.uniform(0.25, 0.6))
        self._was_high = is_high
        rises = self._brow_target > self._brow
        self._brow += (self._brow_target - self._brow) / (FACE_RATE * (BROW_RISE_S if rises else BROW_FALL_S) / 2)
        if rises and self._brow > 0.9 * self._brow_target:
            self._brow_target = 0.0
        return self._brow

    def _gaze_step(self) -> tuple[float, float]:
        self._gaze_in -= 1
        if self._gaze_in <= 0:
            self._gaze_in = self._next_gaze()
            home = self._rng.random() < GAZE_HOME_SHARE
            side, height = self._rng.uniform(-1.0, 1.0, 2).tolist()
            (from_left, from_up), self._aim = self._aim, (0.0, 0.0) if home else (GAZE_SIDE * side, GAZE_UP * height)
            self._saccade_step = (self._aim[0] - from_left) / SACCADE_FRAMES, (self._aim[1] - from_up) / SACCADE_FRAMES
            self._saccade_left = SACCADE_FRAMES
        self._saccade_left = max(0, self._saccade_left - 1)
        (left, up), (step_left, step_up) = self._aim, self._saccade_step
        return left - self._saccade_left * step_left, up - self._saccade_left * step_up

    def _next_gaze(self) -> int:
        return round(self._rng.uniform(*GAZE_EVERY_S) * FACE_RATE)
