"""Real rclpy in a ROS domain of its own for every test, and an untrained model."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from small_bundle import write_small_bundle

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
    return write_small_bundle(tmp_path_factory.mktemp("bundle"))


@pytest.fixture
def sound_file(tmp_path: Path) -> Path:
    """Two seconds of stereo noise at 22.05 kHz."""
    import soundfile

    path = tmp_path / "noise.wav"
    samples = np.random.default_rng(3).uniform(-0.5, 0.5, (44100, 2))
    soundfile.write(path, samples, 22050, subtype="PCM_16")
    return path


