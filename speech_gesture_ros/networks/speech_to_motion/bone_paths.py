"""Forward kinematics of bone vectors as one matrix product."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.skeleton import Skeleton


def bone_paths(skeleton: Skeleton) -> npt.NDArray[np.float32]:
    """(J, J-1) length of each bone that is on the way from the root to the joint, else 0 [m].

    The product with (J-1, 3) unit vectors along the bones is (J, 3) joint positions [m].
    """
    paths = np.zeros((len(skeleton), len(skeleton)), dtype=np.float32)
    for joint in range(1, len(skeleton)):
        bone = joint
        while bone > 0:
            paths[joint, bone] = skeleton.bone_lengths[bone]
            bone = int(skeleton.parents[bone])
    return paths[:, 1:]
