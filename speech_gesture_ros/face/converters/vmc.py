"""VRM avatars over VMC, the Virtual Motion Capture protocol (protocol.vmc.info): OSC over UDP, port 39539.

    /VMC/Ext/OK           1                 the sender is ready
    /VMC/Ext/T            time [s]          since the sender began
    /VMC/Ext/Root/Pos     "root", position (x, y, z), rotation (x, y, z, w)   the avatar in the scene: at its origin
    /VMC/Ext/Bone/Pos     name, position (x, y, z), rotation (x, y, z, w)     of each bone, relative to its parent
    /VMC/Ext/Blend/Val    name, weight      of each expression
    /VMC/Ext/Blend/Apply                    after the last one

Names of expressions are those of VRM 1.0, of VRM 0, or the 52 of ARKit ("perfect sync"); names of bones those of
UnityEngine.HumanBodyBones. Bones have Unity's axes: x to the right, y up, z ahead, left-handed; the identity is the
T-pose. Messages are bundled in packets that no network has to divide; a receiver may take them in any order, but for
the last one.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.errors import ConfigError
from speech_gesture_ros.core.humanoid_bones import unity_name
from speech_gesture_ros.face.converters.osc import osc_bundle, osc_message
from speech_gesture_ros.face.rigs.vrm import VRM0_NAMES, VRM_EXPRESSIONS, perfect_sync_names, vrm_from_shapes

Array = npt.NDArray[np.floating]

PORT = 39539
NAME_SETS = ("vrm1", "vrm0", "arkit")
MAX_BUNDLE = 1400  # bytes: below the usual size of a packet
AT_ORIGIN = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0)  # position and rotation


def vmc_packets(shapes: Array | None, names: str = "vrm1", time_s: float = 0.0,
                bones: Mapping[str, Array] | None = None) -> list[bytes]:
    """Return the packets of one frame; the last one applies its face.

    Args:
        shapes: (52,) blendshapes; None: a body without a face.
        names: One of `NAME_SETS`.
        time_s: Time since the sender began [s].
        bones: Bone of VRM 1.0 to its position [m] and rotation relative to its parent, (7,) x, y, z and quaternion
            x, y, z, w, in Unity's axes; None: a face without a body, whose bones stay as they are.

    Raises:
        ConfigError: If there is no such set of names.
    """
    messages = [osc_message("/VMC/Ext/OK", [1]), osc_message("/VMC/Ext/T", [float(time_s)])]
    if bones is not None:
        messages.append(osc_message("/VMC/Ext/Root/Pos", ["root", *AT_ORIGIN]))
        messages += [osc_message("/VMC/Ext/Bone/Pos", [unity_name(bone), *map(float, place)])
                     for bone, place in bones.items()]
    if shapes is not None:
        messages += [osc_message("/VMC/Ext/Blend/Val", [name, float(weight)])
                     for name, weight in zip(*_named_weights(shapes, names))]
        messages.append(osc_message("/VMC/Ext/Blend/Apply"))
    return _bundles(messages)


def _named_weights(shapes: Array, names: str) -> tuple[tuple[str, ...], Array]:
    if names == "arkit":
        return perfect_sync_names(), np.asarray(shapes)
    if names not in NAME_SETS:
        raise ConfigError("names of the expressions", names, f"one of {', '.join(NAME_SETS)}", "Correct it.")
    weights = vrm_from_shapes(np.asarray(shapes)[None])[0]
    return VRM_EXPRESSIONS if names == "vrm1" else tuple(VRM0_NAMES[name] for name in VRM_EXPRESSIONS), weights


def _bundles(messages: list[bytes]) -> list[bytes]:
    """Messages in as few packets as their size allows."""
    packets: list[bytes] = []
    part: list[bytes] = []
    size = 0
    for message in messages:
        if part and size + len(message) + 4 > MAX_BUNDLE - 16:
            packets.append(osc_bundle(part))
            part, size = [], 0
        part.append(message)
        size += len(message) + 4
    return [*packets, osc_bundle(part)]
