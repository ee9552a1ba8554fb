"""FaceStage: articulation in, blendshapes out, frame by frame and without delay.

    articulation ─► speed ─► contacts ─► style ─► ARKit map ─┐
    prosody ──────► blinks, brows, gaze ─────────────────────┼─► expression ─► contacts ─► blendshapes
    requests ─────► fading of the expression ────────────────┘

Contacts come last, so that p, b, m close the lips in every style and expression. The source of the articulation may be
the speech model (`networks.face`) or timed phones (`dominance.articulate`).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.chunks import ArticulationChunk, FaceChunk
from speech_gesture_ros.core.errors import ConfigError
from speech_gesture_ros.core.face_channels import (
    ARTICULATOR_COLUMNS,
    ARTICULATOR_INDEX,
    ARTICULATORS,
    BLENDSHAPES,
    NUM_ARTICULATION,
    PROSODY_COLUMNS,
)
from speech_gesture_ros.core.rates import FACE_RATE
from speech_gesture_ros.face.arkit_map import apply_contacts, blendshapes_from_articulators
from speech_gesture_ros.face.expressions import NEUTRAL, blend_expression, expression_shapes
from speech_gesture_ros.face.style import FaceStyle
from speech_gesture_ros.face.upper_face import UpperFace, UpperFaceControls

Array = npt.NDArray[np.float32]

CONTACTS = ("close", "labiodental", "sibilant")
LAG_S = 0.012  # time constant at speed 1; contacts follow at once
FADE_S = 0.4  # of expressions
# Evidence of a contact: none, certain. A missed closing of the lips is seen at once, so little evidence is enough.
# Chosen on voices that the model was trained on, with other texts.
CONTACT_FROM, CONTACT_TO = 0.15, 0.6
LIPS = ("rounding", "spread", "protrusion", "upper")  # that a style scales

_CONTACT_COLUMNS = np.array([ARTICULATOR_INDEX[name] for name in CONTACTS])
_CLOSE, _LABIODENTAL = ARTICULATOR_INDEX["close"], ARTICULATOR_INDEX["labiodental"]
_FADE_SHARE = np.float32(1.0 - np.exp(-3.0 / (FADE_S * FACE_RATE)))  # of a frame: 95 % after the fading time


class FaceStage:
    """ArticulationChunk (T, NUM_ARTICULATION) to FaceChunk (T, 52), both at 50 Hz.

    Args:
        style: Of speaking.
        seed: Of blinks, brows and gaze.
        upper_face: How lively blinks, brows and gaze are.

    Attributes:
        style: In force; changed by `set_style`.
    """

    latency_s = 1.0 / FACE_RATE  # a frame is complete with its own frame of articulation

    def __init__(self, style: FaceStyle | None = None, seed: int = 0,
                 upper_face: UpperFaceControls | None = None) -> None:
        self.set_style(style or FaceStyle())
        self._upper = UpperFace(seed, upper_face)
        self._target = expression_shapes(NEUTRAL)
        self.reset()

    def reset(self) -> None:
        """Begin a new stream with the mouth at rest; style and expression stay, draws begin again."""
        self._count = 0
        self._smooth = np.zeros(len(ARTICULATORS), np.float32)
        self._expression = self._target.copy()
        self._upper.reset()

    def set_style(self, style: FaceStyle) -> None:
        """Apply a style from the next frame on."""
        self.style = style
        share = 1.0 - np.exp(-style.speed / (LAG_S * FACE_RATE))
        gains = {"jaw": style.jaw, **dict.fromkeys(LIPS, style.lips)}
        self._share = np.array([1.0 if name in CONTACTS else share for name in ARTICULATORS], np.float32)
        self._gain = np.array([gains.get(name, 1.0) for name in ARTICULATORS], np.float32)

    def set_expression(self, shapes: Array) -> None:
        """Fade to an expression, the (52,) blendshapes of `expression_shapes` or `affect_shapes`."""
        self._target = np.asarray(shapes, dtype=np.float32)

    def push(self, chunk: ArticulationChunk) -> FaceChunk:
        """Return the blendshapes of consecutive frames of articulation. NaN counts as 0.

        Raises:
            ConfigError: If the frames have another number of columns.
        """
        values = np.asarray(chunk.values, dtype=np.float32)
        if values.ndim != 2 or values.shape[1] != NUM_ARTICULATION:
            raise ConfigError("shape of the articulation", values.shape, f"(T, {NUM_ARTICULATION})",
                              "Use the columns of core.face_channels.")
        if not len(values):  # between two frames
            return self.flush()
        values = np.minimum(np.fmax(values, 0.0), 1.0)  # fmax: NaN counts as 0
        articulators = self._follow(values[:, ARTICULATOR_COLUMNS])
        prosody = values[:, PROSODY_COLUMNS]
        upper = np.array([self._upper.step(loudness, pitch) for loudness, pitch in prosody.tolist()])
        face = np.maximum(blendshapes_from_articulators(articulators), upper)
        face = blend_expression(face, self._fade(len(values)), prosody[:, 0])
        shapes = apply_contacts(face, articulators[:, _CLOSE], articulators[:, _LABIODENTAL])
        start, self._count = self._count, self._count + len(values)
        return FaceChunk(start, shapes.clip(0.0, 1.0))

    def flush(self) -> FaceChunk:
        """Return an empty chunk: no frame waits."""
        return FaceChunk(self._count, np.empty((0, len(BLENDSHAPES)), np.float32))

    def _follow(self, articulators: Array) -> Array:
        """Apply speed, contacts and style to articulators (T, 10)."""
        out = _approach(self._smooth, articulators, self._share)
        contact = ((out[:, _CONTACT_COLUMNS] - CONTACT_FROM) / (CONTACT_TO - CONTACT_FROM)).clip(0.0, 1.0)
        out *= self._gain
        out[:, _CONTACT_COLUMNS] = contact * contact * (3.0 - 2.0 * contact)
        return np.minimum(out, 1.0)

    def _fade(self, count: int) -> Array:
        """Return the expression (T, 52) of the next frames: it approaches the one requested."""
        return _approach(self._expression, np.broadcast_to(self._target, (count, len(BLENDSHAPES))), _FADE_SHARE)


def _approach(state: Array, targets: Array, share: Array | np.float32) -> Array:
    """Move a state (C,) towards each of the targets (T, C) in turn by a share of the way; return the states (T, C)."""
    out = np.empty(targets.shape, np.float32)
    for row, target in zip(out, targets):
        state += share * (target - state)
        row[:] = state
    return out
