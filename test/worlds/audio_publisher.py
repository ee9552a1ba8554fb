"""Process that publishes a sound as messages of one type; only a few are unanswered at a time, as from a live source.

    python audio_publisher.py SOUND.npy '{"type": ..., "encoding": ..., "rate": ..., "chunk_ms": ..., "reliable": ...}'

`audio` ──► subscriber        subscriber ──► `received` (std_msgs/Int32, number of messages): no message is ever lost
"""

from __future__ import annotations

import array
import json
import sys
import time
from typing import Any

import numpy as np
import rclpy
from rclpy.qos import QoSProfile, ReliabilityPolicy
from std_msgs.msg import Int32, MultiArrayDimension

from speech_gesture_ros.nodes.audio_messages import audio_type
from speech_gesture_ros.nodes.qos import LATCHED_QOS

MAX_IN_FLIGHT, MAX_BYTES_IN_FLIGHT = 20, 100_000  # shared memory holds 512 kB, best effort drops what is beyond
TIMEOUT_S = 120.0
CODES = {"s8": "b", "u8": "B", "s16le": "h", "s32le": "i", "f32le": "f"}
FIELDS = {"s8": "int8_data", "u8": "uint8_data", "s16le": "int16_data", "s32le": "int32_data", "f32le": "float32_data"}


def stored(samples: np.ndarray, encoding: str) -> bytes:
    """Return float samples (T, C) in an encoding."""
    flat = np.clip(samples.astype(np.float64).reshape(-1), -1.0, 1.0)
    if encoding == "f32le":
        return flat.astype("<f4").tobytes()
    bits = 24 if encoding == "s24le" else 8 * array.array(CODES[encoding]).itemsize
    integers = np.clip(np.round(flat * 2.0 ** (bits - 1)), -(2.0 ** (bits - 1)), 2.0 ** (bits - 1) - 1).astype("<i8")
    if encoding == "u8":
        integers += 128
    width = bits // 8
    return integers.view(np.uint8).reshape(-1, 8)[:, :width].tobytes()


def message(kind: Any, data: bytes, options: dict[str, Any], channels: int) -> Any:
    """Return a message with the bytes of some samples."""
    out = kind()
    inner = out.audio if hasattr(out, "audio") else out
    if hasattr(inner, "audio_data"):
        inner.info.rate, inner.info.channels = options["rate"], channels
        inner = inner.audio_data
    encoding = options["encoding"]
    if hasattr(inner, "layout"):
        inner.layout.dim = [MultiArrayDimension(label=f"samples@{options['rate']}Hz"),
                            MultiArrayDimension(label="channels", size=channels, stride=channels)]
        code = {"Int16MultiArray": "h", "Float32MultiArray": "f", "UInt8MultiArray": "B"}[type(inner).__name__]
        inner.data = array.array(code, data)
    elif hasattr(inner, "int16_data"):
        setattr(inner, FIELDS[encoding], array.array(CODES[encoding], data))
    else:
        inner.data = array.array("B", data)
    return out


def main() -> None:
    """Publish all of the sound, then wait until it is received."""
    samples, options = np.load(sys.argv[1]), json.loads(sys.argv[2])
    rclpy.init()
    node = rclpy.create_node("audio_publisher")
    kind = audio_type(options["type"])
    quality = ReliabilityPolicy.RELIABLE if options["reliable"] else ReliabilityPolicy.BEST_EFFORT
    publisher = node.create_publisher(kind, "audio", QoSProfile(depth=2 * MAX_IN_FLIGHT, reliability=quality))
    if "info" in options:
        info = audio_type("audio_common_msgs/msg/AudioInfo")(
            channels=samples.shape[1], sample_rate=options["rate"], sample_format=options["encoding"].upper(),
            coding_format="wave")
        latched = node.create_publisher(type(info), "audio_info",
                                        LATCHED_QOS if options["info"] == "latched" else QoSProfile(depth=1))
        node.create_timer(0.1, lambda: latched.publish(info))
    received = [0]
    node.create_subscription(Int32, "received", lambda m: received.__setitem__(0, m.data), 10)
    data, chunk = stored(samples, options["encoding"]), options["chunk_bytes"]
    in_flight = min(MAX_IN_FLIGHT, max(1, MAX_BYTES_IN_FLIGHT // chunk))
    pieces = [data[i:i + chunk] for i in range(0, len(data), chunk)]
    end, sent = time.monotonic() + TIMEOUT_S, 0
    while received[0] <= len(pieces) and time.monotonic() < end:  # one more than all: the subscriber has finished
        is_ready = received[0] >= 1 and publisher.get_subscription_count()  # both sides have found each other
        while is_ready and sent < min(len(pieces), received[0] - 1 + in_flight):
            publisher.publish(message(kind, pieces[sent], options, samples.shape[1]))
            sent += 1
        rclpy.spin_once(node, timeout_sec=0.02)
    rclpy.shutdown()


if __name__ == "__main__":
    main()
