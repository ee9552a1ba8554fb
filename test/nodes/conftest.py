"""Real rclpy in a ROS domain of its own for every test, and an untrained model."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ros_graph import Graph, free_domain


@pytest.fixture
def domain_id(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """A ROS domain that no other process on this machine uses, for this process and its children."""
    with free_domain() as domain:
        monkeypatch.setenv("ROS_DOMAIN_ID", str(domain))
        monkeypatch.setenv("ROS_AUTOMATIC_DISCOVERY_RANGE", "LOCALHOST")
        yield domain


@pytest.fixture
def graph(domain_id: int) -> Iterator[Graph]:
    """An initialised rclpy; everything is destroyed afterwards."""
    rclpy = pytest.importorskip("rclpy", reason="needs ROS 2: pip install '.[ros]'")
    rclpy.init(args=[], domain_id=domain_id)
    graph = Graph()
    yield graph
    graph.close()
    rclpy.try_shutdown()


@pytest.fixture
def world(graph: Graph, tiny_bundle: Path) -> Iterator[Any]:
    """A `RosWorld`, in counted time."""
    from ros_world import RosWorld

    world = RosWorld(graph, tiny_bundle)
    yield world
    world.close()


@pytest.fixture
def paced_world(graph: Graph, tiny_bundle: Path, interfaces: Path) -> Iterator[Any]:
    """A `RosWorld` that is no faster than wall time, with the message packages of robots."""
    from ros_world import RosWorld

    world = RosWorld(graph, tiny_bundle, is_paced=True)
    yield world
    world.close()


@pytest.fixture(scope="session")
def tiny_bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model bundle that loads and runs fast."""
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


