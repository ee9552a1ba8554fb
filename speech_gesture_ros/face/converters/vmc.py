"""VRM avatars over VMC, the Virtual Motion Capture protocol (protocol.vmc.info): OSC over UDP, port 39539.

    /VMC/Ext/Blend/Val    name, weight      of each expression
    /VMC/Ext/Blend/Apply                    after the last one
    /VMC/Ext/Bone/Pos     name, position (x, y, z), rotation (x, y, z, w)     of each bone, relative to its parent
    /VMC/Ext/OK           1                 the sender is ready
    /VMC/Ext/T            time [s]

Names of expressions are those of VRM 1.0, of VRM 0, or the 52 of ARKit ("perfect sync"). Bones have Unity's axes: x to
the right, y up, z forward, left-handed; `unity_rotation` converts from REP-103 (x forward, y to the left, z up).
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.errors import ConfigError
from speech_gesture_ros.face.converters.osc import osc_bundle, osc_message
from speech_gesture_ros.face.rigs.vrm import VRM0_NAMES, VRM_EXPRESSIONS, perfect_sync_names, vrm_from_shapes

Array = npt.NDArray[np.floating]

PORT = 39539
NAME_SETS = ("vrm1", "vrm0", "arkit")
MAX_BUNDLE = 1400  # bytes: below the usual size of a packet


def vmc_packets(shapes: Array, names: str = "vrm1", time_s: float = 0.0, bones: Mapping[str, Array] | None = None
                ) -> list[bytes]:
    """Return the packets of one frame; the last one applies it.

    Args:
        shapes: (52,) blendshapes.
        names: One of `NAME_SETS`.
        time_s: Time of the sender [s].
        bones: Name of a humanoid bone to its rotation (4,) as quaternion x, y, z, w in Unity's axes.

    Raises:
        ConfigError: If there is no such set of names.
    """
    messages = [osc_message("/VMC/Ext/OK", [1]), osc_message("/VMC/Ext/T", [float(time_s)])]
    messages += [osc_message("/VMC/Ext/Bone/Pos", [bone, 0.0, 0.0, 0.0, *map(float, rotation)])
                 for bone, rotation in (bones or {}).items()]
    messages += [osc_message("/VMC/Ext/Blend/Val", [name, float(weight)])
                 for name, weight in zip(*_named_weights(shapes, names))]
    messages.append(osc_message("/VMC/Ext/Blend/Apply"))
    return _bundles(messages)


def unity_rotation(quaternion_xyzw: Array) -> npt.NDArray[np.float64]:
    """Convert a rotation (4,) x, y, z, w from the axes of REP-103 to Unity's, which are left-handed."""
    x, y, z, w = np.asarray(quaternion_xyzw, dtype=np.float64)
    return np.array([y, -z, -x, w])


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
