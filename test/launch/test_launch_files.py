"""The launch files start the right nodes. Runs where ROS 2's launch is installed; PyPI does not have it."""

from __future__ import annotations

import importlib.util
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("launch", reason="ROS 2's `launch` is not installed: it comes with ROS 2 only")
pytest.importorskip("launch_ros", reason="ROS 2's `launch_ros` is not installed: it comes with ROS 2 only")

from launch import LaunchDescription
from launch.actions import DeclareLaunchArgument

from speech_gesture_ros.core.assets import share_folder

from ros_graph import free_domain, poll

LAUNCH_FOLDER = share_folder() / "launch"


def _module(name: str) -> Any:
    spec = importlib.util.spec_from_file_location(name.replace(".", "_"), LAUNCH_FOLDER / name)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _arguments(description: LaunchDescription) -> dict[str, DeclareLaunchArgument]:
    return {e.name: e for e in description.entities if isinstance(e, DeclareLaunchArgument)}


@pytest.mark.parametrize("path", sorted(LAUNCH_FOLDER.glob("*.launch.py")), ids=lambda path: path.name)
def test_every_argument_is_described(path):
    arguments = _arguments(_module(path.name).generate_launch_description())
    assert arguments
    assert all(argument.description for argument in arguments.values())


@pytest.mark.slow
@pytest.mark.ros
def test_the_agent_is_launched_becomes_active_and_ends_cleanly(tmp_path: Path):
    ros2 = Path(sys.executable).with_name("ros2")
    if not ros2.exists():
        pytest.skip("the ros2 command is not installed beside this Python")
    log = tmp_path / "launch.log"
    with free_domain() as domain, log.open("wb") as out:
        environment = os.environ | {"ROS_LOG_DIR": str(tmp_path), "ROS_AUTOMATIC_DISCOVERY_RANGE": "LOCALHOST",
                                    "ROS_DOMAIN_ID": str(domain)}
        process = subprocess.Popen([ros2, "launch", "speech_gesture_ros", "agent.launch.py"], env=environment,
                                   stdout=out, stderr=subprocess.STDOUT)
        try:
            poll(lambda: "ready:" in log.read_text() or process.poll() is not None, "the node")
            assert process.poll() is None, log.read_text()
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(30.0)
    assert "process has finished cleanly" in log.read_text()
