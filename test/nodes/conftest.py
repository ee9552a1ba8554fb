"""Real rclpy, a domain of its own for every test, and a model nobody trained."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import numpy as np
import pytest

FIRST_PORT = 21000  # a socket bound to FIRST_PORT + domain says that a test has the domain
FIRST_DISCOVERY_PORT, PORTS_A_DOMAIN = 7410, 250  # where the first participant of a domain listens (RTPS 2.5, 9.6.1.1)
DOMAINS = range(1, 100)
TIMEOUT_S = 30.0  # ten times what it takes on a calm machine


@pytest.fixture
def domain_id(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """A ROS domain that nobody else on this machine uses, for this process and its children."""
    for domain in np.random.default_rng().permutation(DOMAINS).tolist():
        lock = _lock(socket.SOCK_STREAM, FIRST_PORT + domain)
        discovery = _lock(socket.SOCK_DGRAM, FIRST_DISCOVERY_PORT + PORTS_A_DOMAIN * domain)
        if discovery is not None:
            discovery.close()  # it was free: now DDS may have it
        if lock is not None and discovery is not None:
            monkeypatch.setenv("ROS_DOMAIN_ID", str(domain))
            monkeypatch.setenv("ROS_AUTOMATIC_DISCOVERY_RANGE", "LOCALHOST")
            yield domain
            lock.close()
            return
        if lock is not None:
            lock.close()
    pytest.fail("all ROS domains are taken")


def _lock(kind: socket.SocketKind, port: int) -> socket.socket | None:
    """A socket bound to a port; None if somebody has it."""
    lock = socket.socket(type=kind)
    try:
        lock.bind(("", port))
    except OSError:
        lock.close()
        return None
    return lock


class Graph:
    """Nodes of a test and one executor; `until` spins them."""

    def __init__(self) -> None:
        from rclpy.executors import SingleThreadedExecutor

        self.executor = SingleThreadedExecutor()
        self.nodes: list = []

    def add(self, node):
        self.nodes.append(node)
        self.executor.add_node(node)
        return node

    def until(self, is_done: Callable[[], object], timeout_s: float = TIMEOUT_S, what: str = "") -> None:
        """Spin until something is so; fail, saying what was waited for, if it never is."""
        end = time.monotonic() + timeout_s
        while not is_done():
            assert time.monotonic() < end, f"waited {timeout_s} s in vain for {what or is_done}"
            self.executor.spin_once(timeout_sec=0.05)

    def spin(self, seconds: float) -> None:
        """Let time pass: for what must not happen."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.executor.spin_once(timeout_sec=0.05)

    def call(self, client, request):
        """Ask a service and wait for its answer."""
        self.until(client.service_is_ready, what=client.srv_name)
        future = client.call_async(request)
        self.until(future.done, what=f"an answer of {client.srv_name}")
        return future.result()


@pytest.fixture
def graph(domain_id: int) -> Iterator[Graph]:
    """An initialised rclpy in a domain of its own; everything is destroyed afterwards."""
    rclpy = pytest.importorskip("rclpy", reason="needs ROS 2: pip install '.[ros]'")
    rclpy.init(args=[], domain_id=domain_id)
    graph = Graph()
    yield graph
    for node in graph.nodes:
        if hasattr(node, "close"):
            node.close()
    graph.executor.shutdown()  # nodes are destroyed when nobody waits for them any more, lest rclpy crashes
    for node in graph.nodes:
        node.destroy_node()
    rclpy.try_shutdown()


@pytest.fixture(scope="session")
def tiny_bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model bundle small enough to load and run at once."""
    import torch

    from speech_gesture_ros.core.skeleton import load_skeleton
    from speech_gesture_ros.features.prosodic_mel import FEATURE_NAMES
    from speech_gesture_ros.networks.speech_to_motion.bundle import SpeechToMotionBundle, save_bundle
    from speech_gesture_ros.networks.speech_to_motion.code_sampler import CodeProcess
    from speech_gesture_ros.networks.speech_to_motion.network_config import SpeechToMotionConfig
    from speech_gesture_ros.networks.speech_to_motion.torch_network import SpeechToMotionNetwork

    count = len(FEATURE_NAMES)
    codes = CodeProcess(tuple(f"gesture {i}" for i in range(6)))
    config = SpeechToMotionConfig(count, len(codes.names), channels=16, dilations=(1, 2, 4), look_ahead_channels=4,
                                  hidden=24, code_size=4, z_size=8, decoder_hidden=16)
    torch.manual_seed(0)
    network = SpeechToMotionNetwork(config, load_skeleton(), torch.zeros(count), torch.ones(count)).eval()
    folder = tmp_path_factory.mktemp("bundle")
    save_bundle(SpeechToMotionBundle(
        name="tiny", network=config, codes=codes, skeleton=load_skeleton(), feature_names=tuple(FEATURE_NAMES),
        feature_mean=np.zeros(count, np.float32), feature_std=np.full(count, 0.7, np.float32),
        silence=np.full(count, -1.0, np.float32), weights=network.state_dict(), card="# tiny\n"), folder)
    return folder


@pytest.fixture
def sound_file(tmp_path: Path) -> Path:
    """Two seconds of stereo noise at 22.05 kHz."""
    import soundfile

    path = tmp_path / "noise.wav"
    samples = np.random.default_rng(3).uniform(-0.5, 0.5, (44100, 2))
    soundfile.write(path, samples, 22050, subtype="PCM_16")
    return path


RATE = 16_000
CHUNK = 640  # 40 ms


class World:
    """A robot that goes where it is told and says where it is, and somebody who speaks: noise, 40 ms at a time."""

    def __init__(self, graph: Graph, **node_arguments) -> None:
        import rclpy
        from diagnostic_msgs.msg import DiagnosticArray
        from sensor_msgs.msg import JointState
        from std_msgs.msg import Int16MultiArray
        from trajectory_msgs.msg import JointTrajectory
        from visualization_msgs.msg import MarkerArray

        from speech_gesture_ros.nodes.qos import AUDIO_IN, AUDIO_OUT, JOINT_STATES_OUT
        from speech_gesture_ros.pipeline.pipeline_config import PipelineConfig
        from speech_gesture_ros.retargeting import load_robot
        from speech_gesture_ros.simulators.controller_groups import ControllerGroups

        self.graph = graph
        self.description = load_robot(PipelineConfig())
        self.node = node = graph.add(rclpy.create_node("world", **node_arguments))
        self.is_present = self.is_speaking = True
        self.q = self.description.rest_q
        self.trajectories: list[JointTrajectory] = []  # those of the left arm
        self.newest: dict[str, JointTrajectory] = {}
        self.rejected: list[str] = []
        self.skeletons: list[MarkerArray] = []
        self.voices: list[tuple[float, list[int]]] = []
        self.spoken: list[tuple[float, list[int]]] = []
        self.statuses: list = []
        self._rng = np.random.default_rng(5)
        self._controllers = ControllerGroups(self.description)
        self._states = node.create_publisher(JointState, "joint_states", JOINT_STATES_OUT)
        self._audio = node.create_publisher(Int16MultiArray, "audio", AUDIO_OUT)
        self._ears: dict[str, object] = {}
        for group in self.description.topics:
            self.listen(group)
        node.create_subscription(MarkerArray, "gesture_node/skeleton", self.skeletons.append, 10)
        node.create_subscription(DiagnosticArray, "/diagnostics", lambda m: self.statuses.extend(m.status), 10)
        node.create_subscription(Int16MultiArray, "gesture_node/audio_out", lambda m: self.voices.append(
            (time.monotonic(), list(m.data[:4]))), AUDIO_IN)
        node.create_timer(0.02, self._say_where)
        node.create_timer(CHUNK / RATE, self._speak)

    def listen(self, group: str) -> None:
        """A controller comes to life."""
        from trajectory_msgs.msg import JointTrajectory

        from speech_gesture_ros.nodes.qos import TRAJECTORY

        self._ears[group] = self.node.create_subscription(JointTrajectory, self.description.topics[group],
                                                          partial(self._follow, group), TRAJECTORY)

    def deafen(self, group: str) -> None:
        """A controller dies."""
        self.node.destroy_subscription(self._ears.pop(group))

    def says(self, text: str) -> bool:
        """Whether a status has said something, in its summary."""
        return any(text in status.message for status in self.statuses)

    def _now_ns(self) -> int:
        return int(self.node.get_clock().now().nanoseconds)

    def _follow(self, group: str, message) -> None:
        from speech_gesture_ros.nodes.conversions import trajectory_from_message

        self.newest[group] = message
        if group == "left_arm":
            self.trajectories.append(message)
        trajectory = trajectory_from_message(message)  # judged by its own time: a busy machine may bring it late
        reason = self._controllers.accept(group, trajectory, trajectory.stamp_ns)
        self.rejected += [reason] if reason else []

    def _say_where(self) -> None:
        from speech_gesture_ros.nodes.conversions import joint_state_message

        if self.is_present:
            now_ns = self._now_ns()
            self.q, speed = self._controllers.sample(now_ns)
            self._states.publish(joint_state_message(self.description.joint_names, self.q, speed, now_ns))

    def _speak(self) -> None:
        from std_msgs.msg import Int16MultiArray

        from speech_gesture_ros.nodes.audio_messages import message_from_pcm

        if self.is_speaking and self._audio.get_subscription_count():
            samples = self._rng.integers(-9000, 9000, (CHUNK, 1)).astype(np.int16)
            self.spoken.append((time.monotonic(), samples[:4, 0].tolist()))
            self._audio.publish(message_from_pcm(Int16MultiArray, samples, RATE, None))


@pytest.fixture
def make_node(graph: Graph, tiny_bundle: Path):
    """Makes a gesture node with parameters of the test's."""
    from rclpy.parameter import Parameter

    from speech_gesture_ros.nodes.gesture_node import GestureNode

    def make(**parameters):
        given = {"model": str(tiny_bundle), "autostart": False, "device": "cpu", **parameters}
        return graph.add(GestureNode(parameter_overrides=[Parameter(k, value=v) for k, v in given.items()]))

    return make


@pytest.fixture
def make_world(graph: Graph) -> Callable[..., World]:
    """Makes the world, with arguments for its node."""
    return lambda **node_arguments: World(graph, **node_arguments)


@pytest.fixture
def world(graph: Graph) -> World:
    return World(graph)
