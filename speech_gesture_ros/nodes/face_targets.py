"""Targets of face_converter: each sends one frame of a face in the form of another program or robot.

vmc        UDP     VRM avatars, with their bodies: VSeeFace, VNyan, Warudo, Unity and others
live_link  UDP     Unreal Engine and others, as the application Live Link Face
openxr     UDP     15 visemes as float32
reachy     UDP     antennas of Reachy Mini, a line of JSON
pal        topic   /robot_face/expression (hri_msgs/Expression)
nao        topic   leds (naoqi_bridge_msgs/FadeRGB)
icub       topic   ~/commands (std_msgs/String), for /icub/face/emotions/in
furhat     topic   ~/gesture (std_msgs/String), key frames as JSON
"""

from __future__ import annotations

import json
import logging
import socket
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
from builtin_interfaces.msg import Duration
from std_msgs.msg import ColorRGBA, String

from speech_gesture_ros.core.errors import ConfigError
from speech_gesture_ros.core.rates import FACE_RATE
from speech_gesture_ros.core.timebase import NS
from speech_gesture_ros.face.converters import live_link_packet, openxr_visemes, reachy_antennas, vmc
from speech_gesture_ros.face.converters.furhat import furhat_gesture
from speech_gesture_ros.face.converters.icub_face import IcubFace
from speech_gesture_ros.face.converters.nao_leds import NaoLeds
from speech_gesture_ros.face.converters.pal_expression import PalExpression
from speech_gesture_ros.nodes.outputs.message_types import message_type

log = logging.getLogger(__name__)

FURHAT_FRAMES = FACE_RATE // 5  # of one gesture


@dataclass(frozen=True)
class ConvertedFrame:
    """One frame as it arrived.

    Attributes:
        stamp_ns: ROS time at which it is visible [ns].
        shapes: (52,) blendshapes.
        visemes: (15,) shares; None if none have arrived.
        head_xyzw: (4,) rotation of the head against the trunk, as a quaternion in the axes of REP-103; None if unknown.
        bones: Of a VRM avatar, see `vmc.vmc_packets`; None if unknown.
    """

    stamp_ns: int
    shapes: npt.NDArray[np.float64]
    visemes: npt.NDArray[np.float64] | None = None
    head_xyzw: npt.NDArray[np.float64] | None = None
    bones: Mapping[str, npt.NDArray[np.float64]] | None = None


class FaceTarget(Protocol):
    """Receiver of frames."""

    def send(self, frame: ConvertedFrame) -> None:
        """Send one frame."""
        ...

    def close(self) -> None:
        """Free what it has."""
        ...


class UdpTarget:
    """Packets to one address; packets that cannot be sent are counted, the first is logged.

    Args:
        host: Name or address.
        port: Port.
        packets: Frame to packets.

    Raises:
        ConfigError: If the host is unknown.
    """

    def __init__(self, host: str, port: int, packets: Callable[[ConvertedFrame], list[bytes]]) -> None:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM)[0]
        except OSError as error:
            raise ConfigError("host", host, "a known name or address", str(error)) from error
        self._address: Any = found[4]
        self._socket = socket.socket(found[0], socket.SOCK_DGRAM)
        self._socket.setblocking(False)
        self._packets = packets
        self.lost = 0

    def send(self, frame: ConvertedFrame) -> None:
        """Send the packets of a frame."""
        self.send_packets(self._packets(frame))

    def send_packets(self, packets: list[bytes]) -> None:
        """Send packets."""
        for packet in packets:
            try:
                self._socket.sendto(packet, self._address)
            except OSError as error:
                self.lost += 1
                if self.lost == 1:
                    log.warning("a packet to %s cannot be sent: %s", self._address, error)

    def close(self) -> None:
        """Close the socket."""
        self._socket.close()


class VmcTarget(UdpTarget):
    """VRM avatar over VMC: its face, and its body with the face or alone.

    Args:
        host: Name or address.
        port: Port.
        names: Of the expressions, see `converters.vmc`.

    Raises:
        ConfigError: If the host is unknown.
    """

    def __init__(self, host: str, port: int, names: str) -> None:
        super().__init__(host, port, lambda frame: vmc.vmc_packets(frame.shapes, names, self._time_s(frame.stamp_ns),
                                                                   frame.bones))
        self._begin_ns: int | None = None

    def send_body(self, bones: Mapping[str, npt.NDArray[np.float64]], stamp_ns: int) -> None:
        """Send a body without a face, at a ROS time [ns]."""
        self.send_packets(vmc.vmc_packets(None, time_s=self._time_s(stamp_ns), bones=bones))

    def _time_s(self, stamp_ns: int) -> float:
        """Time since the first packet [s]: as float32, ROS time would stand still for minutes."""
        if self._begin_ns is None or stamp_ns < self._begin_ns:
            self._begin_ns = stamp_ns
        return (stamp_ns - self._begin_ns) / NS


class TopicTarget:
    """Messages on a topic.

    Args:
        node: The node.
        kind: Class of the messages.
        topic: The topic.
        messages: Frame to messages.
    """

    def __init__(self, node: Any, kind: Any, topic: str, messages: Callable[[ConvertedFrame], list[Any]]) -> None:
        self._node, self._messages = node, messages
        self._publisher = node.create_publisher(kind, topic, 10)

    def send(self, frame: ConvertedFrame) -> None:
        """Publish the messages of a frame."""
        for message in self._messages(frame):
            self._publisher.publish(message)

    def close(self) -> None:
        """Destroy the publisher."""
        self._node.destroy_publisher(self._publisher)


UDP_PORTS = {"vmc": vmc.PORT, "live_link": live_link_packet.PORT, "openxr": openxr_visemes.PORT,
             "reachy": reachy_antennas.PORT}
TARGETS = (*UDP_PORTS, "pal", "nao", "icub", "furhat")


def make_target(node: Any, name: str, host: str, port: int, expression_names: str, subject: str) -> FaceTarget:
    """Return a target.

    Args:
        node: The node.
        name: One of `TARGETS`.
        host: Of UDP.
        port: Of UDP; 0: the usual one.
        expression_names: Of VMC, see `converters.vmc`.
        subject: Of Live Link.

    Raises:
        ConfigError: If the host is unknown.
        MissingDependencyError: If the messages of the robot are not installed.
    """
    packets: dict[str, Callable[[ConvertedFrame], list[bytes]]] = {
        "live_link": lambda frame: [live_link_packet.live_link_packet(frame.shapes, frame.stamp_ns / NS, subject,
                                                                      _head_angles(frame))],
        "openxr": lambda frame: [openxr_visemes.openxr_packet(frame.shapes, frame.visemes)],
        "reachy": lambda frame: [reachy_antennas.antennas_text(frame.shapes).encode() + b"\n"],
    }
    if name == "vmc":
        return VmcTarget(host, port or vmc.PORT, expression_names)
    if name in packets:
        return UdpTarget(host, port or UDP_PORTS[name], packets[name])
    makers: dict[str, Callable[[Any], TopicTarget]] = {"pal": _pal, "nao": _nao, "icub": _icub, "furhat": _furhat}
    return makers[name](node)


def _head_angles(frame: ConvertedFrame) -> npt.NDArray[np.float64] | None:
    """Yaw, pitch and roll (3,) of the head [rad]."""
    if frame.head_xyzw is None:
        return None
    x, y, z, w = frame.head_xyzw
    yaw = np.arctan2(2.0 * (w * z + x * y), 1.0 - 2.0 * (y * y + z * z))
    pitch = np.arcsin(np.clip(2.0 * (w * y - z * x), -1.0, 1.0))
    return np.array([yaw, pitch, np.arctan2(2.0 * (w * x + y * z), 1.0 - 2.0 * (x * x + y * y))])


def _pal(node: Any) -> TopicTarget:
    kind, state = message_type("hri_msgs/msg/Expression"), PalExpression()

    def messages(frame: ConvertedFrame) -> list[Any]:
        shown = state.change(frame.shapes)
        if shown is None:
            return []
        message = kind(expression=shown.name, valence=shown.valence, arousal=shown.arousal, confidence=1.0)
        message.header.stamp = node.get_clock().now().to_msg()
        return [message]

    return TopicTarget(node, kind, "/robot_face/expression", messages)


def _nao(node: Any) -> TopicTarget:
    kind, state = message_type("naoqi_bridge_msgs/msg/FadeRGB"), NaoLeds()

    def messages(frame: ConvertedFrame) -> list[Any]:
        fade = state.fade(frame.shapes, frame.stamp_ns / NS)
        if fade is None:
            return []
        red, green, blue = fade.colour
        return [kind(led_name=fade.group, color=ColorRGBA(r=red, g=green, b=blue, a=1.0),
                     fade_duration=Duration(nanosec=round(fade.seconds * NS)))]

    return TopicTarget(node, kind, "leds", messages)


def _icub(node: Any) -> TopicTarget:
    state = IcubFace()
    return TopicTarget(node, String, "~/commands", lambda frame: [
        String(data=command) for command in state.commands(frame.shapes, frame.stamp_ns / NS)])


def _furhat(node: Any) -> TopicTarget:
    waiting: deque[npt.NDArray[np.float64]] = deque(maxlen=FURHAT_FRAMES)

    def messages(frame: ConvertedFrame) -> list[Any]:
        waiting.append(frame.shapes)
        if len(waiting) < FURHAT_FRAMES:
            return []
        gesture = furhat_gesture(np.stack(waiting))
        waiting.clear()
        return [String(data=json.dumps(gesture))]

    return TopicTarget(node, String, "~/gesture", messages)
