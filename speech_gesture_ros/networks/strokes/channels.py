"""Channels of a body's state that strokes move: two hands, head, torso, shoulders.

Positions are of the wrists relative to the chest joint as (forward, outward, up) [m]; outward means away from the
midline, for either hand, so that mirroring exchanges the hands. Angles are in radians:

    palm       thumb side turned about the forearm: 0 upward, palm facing in; positive outward, palm up
    flexion    hand bent up from the line of the forearm; deviation: bent outward
    swivel     elbow turned outward about the line from shoulder to wrist
    yaw        positive to the left; pitch: positive down or forward; roll: positive with the right side lowered
    lift       height of a shoulder over its resting place [m]
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

HAND_CHANNELS = ("forward", "outward", "up", "palm", "flexion", "deviation", "swivel")
BODY_CHANNELS = ("head yaw", "head pitch", "head roll", "torso yaw", "torso pitch", "torso roll",
                 "left lift", "right lift")
PER_HAND = len(HAND_CHANNELS)
NUM_CHANNELS = 2 * PER_HAND + len(BODY_CHANNELS)
LEFT, RIGHT = slice(0, PER_HAND), slice(PER_HAND, 2 * PER_HAND)
HANDS = (LEFT, RIGHT)
BODY = slice(2 * PER_HAND, NUM_CHANNELS)
HEAD = slice(BODY.start, BODY.start + 3)
TORSO = slice(HEAD.stop, HEAD.stop + 3)
LIFTS = slice(TORSO.stop, TORSO.stop + 2)
WRIST = slice(0, 3)  # within a hand
PALM, FLEXION, DEVIATION, SWIVEL = range(3, PER_HAND)
