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

from launch import LaunchContext, LaunchDescription
from launch.actions import DeclareLaunchArgument, OpaqueFunction
from launch.utilities import perform_substitutions

from speech_gesture_ros.core.assets import share_folder
from speech_gesture_ros.core.errors import ConfigError
from speech_gesture_ros.nodes.parameters import parameter_rows
from speech_gesture_ros.nodes.settings import GestureSettings

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


def _agent(**given: str) -> Any:
    """The node that agent.launch.py starts with these arguments."""
    module = _module("agent.launch.py")
    description = module.generate_launch_description()
    context = LaunchContext()
    for name, argument in _arguments(description).items():
        default = perform_substitutions(context, argument.default_value) if name != "params_file" else "params.yaml"
        context.launch_configurations[name] = given.get(name, default)
    assert any(isinstance(e, OpaqueFunction) for e in description.entities)
    (node,) = module.start_node(context)
    return node, module


@pytest.mark.parametrize("name", ["agent.launch.py", "demo.launch.py"])
def test_every_argument_is_described(name):
    arguments = _arguments(_module(name).generate_launch_description())
    assert arguments
    assert all(argument.description for argument in arguments.values())


def test_every_parameter_argument_is_a_parameter_of_the_node():
    _, module = _agent()
    table = {row.name: row for row in parameter_rows(GestureSettings)}
    assert set(module.PARAMETER_ARGUMENTS.values()) <= set(table)


@pytest.mark.parametrize("given", [{"dry_run": "yes"}, {"look_ahead_s": "fast"}, {"look_ahead_s": "3"}])
def test_a_wrong_argument_is_refused_with_its_bounds(given):
    with pytest.raises(ConfigError, match=r"parameter '.*must be .*Correct the launch argument"):
        _agent(**given)


def test_an_argument_left_empty_leaves_the_parameter_file_alone():
    _, module = _agent()
    context = LaunchContext()
    arguments = _arguments(module.generate_launch_description())
    for name in module.PARAMETER_ARGUMENTS:
        assert perform_substitutions(context, arguments[name].default_value) == ""


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
