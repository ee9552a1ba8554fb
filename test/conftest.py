"""Shared fixtures: the project's data, audio to test with, a fixed random generator."""

from __future__ import annotations

import contextlib
import logging
import os
import runpy
import sys
from pathlib import Path

import numpy as np
import pytest

from speech_gesture_ros.core.assets import resolve
from speech_gesture_ros.core.skeleton import Skeleton, load_skeleton
from speech_gesture_ros.robot.description import RobotDescription

with contextlib.suppress(ImportError):  # ROS's launch makes loggers that keep their messages from caplog
    import launch.logging  # noqa: F401
logging.setLoggerClass(logging.Logger)

os.environ.setdefault("OMP_NUM_THREADS", "1")  # two cores: threads only get in each other's way


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(20191107)


@pytest.fixture(scope="session")
def data_folder() -> Path:
    """The project's shared data; tests that need it skip, saying so, where it is absent."""
    default = Path(__file__).resolve().parents[2] / "shared" / "data"
    folder = Path(os.environ.get("SPEECH_GESTURE_DATA", default))
    if not folder.is_dir():
        pytest.skip(f"no data at {folder}: set SPEECH_GESTURE_DATA to the project's data folder")
    return folder


@pytest.fixture(scope="session")
def speech() -> np.ndarray:
    """The shipped demo speech, (N,) float32 at 16 kHz."""
    from speech_gesture_ros.audio.files import load_mono_16k
    from speech_gesture_ros.core.assets import share_folder

    return load_mono_16k(share_folder() / "config" / "demo" / "speech.flac")


@pytest.fixture(scope="session")
def skeleton() -> Skeleton:
    """The canonical human skeleton."""
    return load_skeleton()


@pytest.fixture(scope="session")
def demo() -> RobotDescription:
    """The description of the demo humanoid."""
    from speech_gesture_ros.retargeting import describe_robot

    return describe_robot(resolve("demo_humanoid.urdf", "config/robots"), "demo_humanoid")


@pytest.fixture(scope="session")
def interfaces() -> Path:
    """The folder of message packages that no index has, built from our definitions and on this process's path."""
    pytest.importorskip("rclpy", reason="needs ROS 2: pip install '.[ros]'")
    folder: Path = runpy.run_path(str(Path(__file__).parent / "interfaces" / "build.py"))["build_all"]()
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))
    return folder
