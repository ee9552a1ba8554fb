"""Real rclpy, a domain of its own for every test, and a model nobody trained."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator
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
        node.destroy_node()
    graph.executor.shutdown()
    rclpy.try_shutdown()


@pytest.fixture(scope="session")
def tiny_bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model bundle small enough to load and run at once."""
    import torch

    from speech_gesture_ros.core.skeleton import load_skeleton
    from speech_gesture_ros.features.stage import FEATURE_NAMES
    from speech_gesture_ros.networks.bundle import Bundle, save_bundle
    from speech_gesture_ros.networks.code_sampler import CodeProcess
    from speech_gesture_ros.networks.config import NetworkConfig
    from speech_gesture_ros.networks.gesture_network import GestureNetwork

    count = len(FEATURE_NAMES)
    codes = CodeProcess(tuple(f"gesture {i}" for i in range(6)))
    config = NetworkConfig(count, len(codes.names), channels=16, dilations=(1, 2, 4), foresight=4, hidden=24,
                           code_size=4, z_size=8, decoder_hidden=16)
    torch.manual_seed(0)
    network = GestureNetwork(config, load_skeleton(), torch.zeros(count), torch.ones(count)).eval()
    folder = tmp_path_factory.mktemp("bundle")
    save_bundle(Bundle(
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
