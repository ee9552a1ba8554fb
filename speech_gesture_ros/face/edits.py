"""Changes of a whole animation: style gains, smoothing, mirror, stretch. Closed lips stay closed in all of them.

These are tools for files: they use the future. A running face changes its style in `face_stage`.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
from scipy import signal

from speech_gesture_ros.core.errors import ConfigError
from speech_gesture_ros.core.face_channels import BLENDSHAPE_INDEX, BLENDSHAPES
from speech_gesture_ros.core.rates import FACE_RATE
from speech_gesture_ros.face.animation import FaceAnimation, at_times
from speech_gesture_ros.face.contacts import closed_frames, keep_contacts
from speech_gesture_ros.face.face_stage import LAG_S
from speech_gesture_ros.face.style import FaceStyle

Array = npt.NDArray[np.float32]

STRETCH_RANGE = (0.25, 4.0)
CUTOFF_RANGE_HZ = (0.5, 20.0)
FILTER_ORDER = 2
_TINY = 1e-3

_JAW = [BLENDSHAPE_INDEX[name] for name in ("jawOpen", "mouthClose")]
_LIPS = [i for name, i in BLENDSHAPE_INDEX.items()
         if name.startswith(("mouthPucker", "mouthFunnel", "mouthStretch", "mouthUpperUp"))]
_FOLLOWING = [i for name, i in BLENDSHAPE_INDEX.items()
              if name.startswith(("jawOpen", "mouthPucker", "mouthFunnel", "mouthStretch", "mouthUpperUp",
                                  "mouthLowerDown"))]
_SUDDEN = [i for name, i in BLENDSHAPE_INDEX.items() if name.startswith(("eyeBlink", "eyeLook"))]
_OTHER_SIDE = [BLENDSHAPE_INDEX[name.replace("Left", "*").replace("Right", "Left").replace("*", "Right")]
               for name in BLENDSHAPES]
_HEAD_SIGNS = np.array([-1.0, 1.0, -1.0], np.float32)


def with_style(animation: FaceAnimation, style: FaceStyle) -> FaceAnimation:
    """Apply the gains of a style to an animation that was made with the usual one.

    The jaw's gain scales jawOpen and mouthClose, that of the lips pucker, funnel, stretch and the raised upper lip. The
    speed replaces the one-pole filter of the face stage at speed 1 by that of another speed, outside closures.

    Args:
        animation: Made with the usual style.
        style: The factors.
    """
    shapes, closed = animation.shapes.copy(), closed_frames(animation.shapes)
    if style.speed != 1.0:
        shapes[:, _FOLLOWING] = _at_speed(shapes[:, _FOLLOWING], closed, style.speed)
    shapes[:, _JAW] *= style.jaw
    shapes[:, _LIPS] *= style.lips
    return replace(animation, shapes=keep_contacts(np.clip(shapes, 0.0, 1.0), closed))


def _at_speed(values: Array, closed: npt.NDArray[np.bool_], speed: float) -> npt.NDArray[np.float64]:
    """Undo the following at speed 1, then follow at another speed; the first frame was reached long ago.

    Contacts reduce the shapes after the following: closures, with a frame on both sides, are bridged by lines before,
    and reduced by the same factors afterwards.
    """
    apart = ~np.convolve(closed, np.ones(3), "same").astype(bool)
    if not apart.any():
        return values.astype(np.float64)
    frames, known = np.arange(len(values)), np.flatnonzero(apart)
    bridged = np.stack([np.interp(frames, known, column) for column in values[known].T], axis=1)
    left = np.where(bridged > _TINY, np.minimum(values / np.maximum(bridged, _TINY), 1.0), 1.0)
    usual, wanted = (1.0 - np.exp(-s / (LAG_S * FACE_RATE)) for s in (1.0, speed))
    numerator, denominator = wanted / usual * np.array([1.0, usual - 1.0]), np.array([1.0, wanted - 1.0])
    state = signal.lfilter_zi(numerator, denominator)[:, None] * bridged[:1]
    return np.asarray(signal.lfilter(numerator, denominator, bridged, axis=0, zi=state)[0] * left)


def smoothed(animation: FaceAnimation, cutoff_hz: float) -> FaceAnimation:
    """Remove fast changes with a zero-phase Butterworth filter of order 2, run forwards and backwards.

    Blinks and saccades stay as they are. Frames in which the lips touch still touch, and those beside them half.

    Args:
        animation: The face.
        cutoff_hz: Frequency at which each direction leaves 0.71 of a change, 0.5 to 20 Hz.

    Raises:
        ConfigError: If the cut-off is out of bounds.
    """
    _check("cut-off of the smoothing [Hz]", cutoff_hz, CUTOFF_RANGE_HZ)
    if len(animation) < 2:
        return animation
    sections = signal.butter(FILTER_ORDER, cutoff_hz, fs=FACE_RATE, output="sos")
    pad = min(len(animation) - 1, round(2 * FACE_RATE / cutoff_hz))
    shapes, visemes, head = (signal.sosfiltfilt(sections, values, axis=0, padlen=pad)
                             for values in (animation.shapes, animation.visemes, animation.head))
    shapes[:, _SUDDEN] = animation.shapes[:, _SUDDEN]
    kept = keep_contacts(np.clip(shapes, 0.0, 1.0).astype(np.float32), closed_frames(animation.shapes), soft=True)
    return FaceAnimation(kept, visemes.astype(np.float32), head.astype(np.float32))


def mirrored(animation: FaceAnimation) -> FaceAnimation:
    """Exchange left and right."""
    return FaceAnimation(animation.shapes[:, _OTHER_SIDE], animation.visemes, animation.head * _HEAD_SIGNS)


def stretched(animation: FaceAnimation, factor: float) -> FaceAnimation:
    """Change the duration.

    Args:
        animation: The face.
        factor: Duration over that of the source, 0.25 to 4.

    Raises:
        ConfigError: If the factor is out of bounds.
    """
    _check("factor of the duration", factor, STRETCH_RANGE)
    times = np.arange(len(animation)) / FACE_RATE * factor
    count = max(1, round(len(animation) * factor))
    return at_times(animation, times, np.arange(count) / FACE_RATE)


def _check(thing: str, value: float, bounds: tuple[float, float]) -> None:
    if not bounds[0] <= value <= bounds[1]:
        raise ConfigError(thing, value, f"{bounds[0]:g} to {bounds[1]:g}", "Choose a value within.")
