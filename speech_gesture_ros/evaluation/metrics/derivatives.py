"""Mean speed, acceleration and jerk, per second and per frame: two families of values that must not be mixed.

    per frame    mean || D^n x ||               the 2019 code: [cm/frame^n], here [m/frame^n]
    per second   mean || D^n x || * fps^n       GENEA: [m/s^n]; at 20 fps 400 times (n = 2), 8000 times (n = 3) larger

D is the plain frame difference, without a filter: noise and frame rate count fully. Statistics of people use a 6 Hz
low-pass (`kinematics.derivative`). Sources: Kucherenko et al. 2019, GENEA workshop numerical evaluations.

They prove smoothness or its lack, and nothing about speech: the mean pose has 0 everywhere. Compare with the recorded
motion; nearer is better, lower is not.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.errors import InputError


def mean_derivative(motion: npt.NDArray[np.floating], order: int, fps: float | None = None) -> float:
    """Mean size of the n-th difference over frames and joints.

    Args:
        motion: (T, J, 3) [m].
        order: 1 speed, 2 acceleration, 3 jerk.
        fps: Frames a second [Hz] for values per second; None for values per frame.

    Returns:
        [m/s^order], or [m/frame^order] without `fps`.

    Raises:
        InputError: If there are no more frames than `order`.
    """
    if len(motion) <= order:
        raise InputError("number of frames", len(motion), f"above {order}", "Give a longer motion.")
    steps = np.diff(np.asarray(motion, dtype=np.float64), n=order, axis=0)
    return float(np.linalg.norm(steps, axis=-1).mean()) * (1.0 if fps is None else fps**order)
