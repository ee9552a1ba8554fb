"""Actions of every launch file: executables, parameters, topics, files; without ROS 2's launch."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import pytest
import yaml

pytest.importorskip("ament_index_python", reason="needs ROS 2: pip install '.[ros]'")

import fake_launch

from speech_gesture_ros.core.assets import share_folder
from speech_gesture_ros.core.errors import ConfigError, MissingDependencyError
from speech_gesture_ros.nodes.parameters import parameter_rows
from speech_gesture_ros.nodes.settings import NODE_SETTINGS

LAUNCH_FILES = sorted((share_folder() / "launch").glob("*.launch.py"))
FOREIGN_EXECUTABLES = {
    ("robot_state_publisher", "robot_state_publisher"), ("rviz2", "rviz2"), ("controller_manager", "spawner"),
    ("controller_manager", "ros2_control_node"), ("mujoco_ros2_control", "ros2_control_node"),
    ("ros_gz_sim", "create"), ("ros_gz_bridge", "parameter_bridge"),
}
SIMULATIONS = ["gazebo", "mujoco", "ros2_control"]


@pytest.fixture
def launched(monkeypatch, tmp_path):
    """Return a function that runs a launch file with arguments and returns all actions, those of events included."""
    fake_launch.install(monkeypatch)
    monkeypatch.setattr("tempfile.mkdtemp", lambda prefix="": str(tmp_path))

    def run(name: str, is_installed: bool = True, **given: str) -> list[Any]:
        path = share_folder() / "launch" / f"{name}.launch.py"
        spec = importlib.util.spec_from_file_location(name, path)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        installed = Path("/opt/ros/share") if is_installed else None
        monkeypatch.setattr(module, "_share", lambda package: installed and installed / package, raising=False)
        entities = module.generate_launch_description().entities
        context = fake_launch.LaunchContext()
        arguments = {e.name: e for e in entities if isinstance(e, fake_launch.DeclareLaunchArgument)}
        assert set(given) <= set(arguments)
        assert all(argument.description for argument in arguments.values())
        context.launch_configurations = {name: argument.default for name, argument in arguments.items()} | given
        return _flat(module.start(context))

    return run


def _flat(actions: list[Any]) -> list[Any]:
    found = []
    for action in actions:
        handlers = [h for h in action.given if type(h).__name__ == "OnProcessExit"]
        found += [action, *(a for handler in handlers for a in _flat(handler.named["on_exit"]))]
    return found


def _nodes(actions: list[Any], executable: str = "") -> list[dict[str, Any]]:
    found = [action.named for action in actions if type(action).__name__ == "Node"]
    return [node for node in found if executable in ("", node["executable"])]


def _parameters(node: dict[str, Any]) -> dict[str, Any]:
    merged: dict[str, Any] = {}
    for entry in node.get("parameters", []):
        merged |= entry if isinstance(entry, dict) else {}
    return merged


@pytest.mark.parametrize("path", LAUNCH_FILES, ids=lambda path: path.name)
def test_every_executable_parameter_and_file_exists(launched, path):
    actions = launched(path.name.removesuffix(".launch.py"))
    assert _nodes(actions)
    for node in _nodes(actions):
        if node["package"] != "speech_gesture_ros":
            assert (node["package"], node["executable"]) in FOREIGN_EXECUTABLES
            continue
        known = {row.name for row in parameter_rows(NODE_SETTINGS[node["executable"]])} | {"use_sim_time"}
        assert set(_parameters(node)) <= known
        assert node["name"] == node["executable"], "parameter files name the node"
        assert not [topic for pair in node.get("remappings", []) for topic in pair if topic.startswith("/")]
        for entry in node["parameters"]:
            if type(entry).__name__ == "ParameterFile":
                assert Path(entry.given[0]).is_file()


@pytest.mark.parametrize("name", ["gazebo", "mujoco"])
def test_in_a_simulation_every_node_has_its_time(launched, name):
    nodes = [node for node in _nodes(launched(name, rviz="true")) if node["executable"] not in (
        "create", "spawner", "parameter_bridge")]
    assert len(nodes) >= 4
    assert all(_parameters(node).get("use_sim_time") is True for node in nodes)


@pytest.mark.parametrize("name", ["demo", *SIMULATIONS])
def test_a_namespace_and_a_log_level_reach_every_node_of_the_package(launched, name):
    nodes = _nodes(launched(name, namespace="robot1", log_level="debug"))
    others = [node for node in nodes if node["executable"] != "parameter_bridge"]
    assert all(node["namespace"] == "robot1" for node in others)
    assert all("debug" in node["arguments"] for node in nodes if node["package"] == "speech_gesture_ros")


@pytest.mark.parametrize("name", SIMULATIONS)
def test_controllers_are_spawned_in_order_and_the_voice_begins_after_them(launched, name, tmp_path):
    actions = launched(name)
    (spawner,) = _nodes(actions, "spawner")
    parameters = yaml.safe_load((tmp_path / "controllers.yaml").read_text())
    names = spawner["arguments"][:spawner["arguments"].index("--param-file")]
    assert names[0] == "joint_state_broadcaster"
    assert set(names) == set(parameters) - {"controller_manager"}
    handler = next(h for action in actions for h in action.given if type(h).__name__ == "OnProcessExit"
                   and h.named["target_action"].named["executable"] == "spawner")
    assert [a.named["executable"] for a in handler.named["on_exit"]] == ["audio_file_node"]


def test_gazebo_is_started_without_a_window_if_wanted_and_with_the_clock_of_its_release(launched):
    actions = launched("gazebo", headless="True", gazebo="fortress")
    include = next(a for a in actions if type(a).__name__ == "IncludeLaunchDescription")
    assert dict(include.named["launch_arguments"])["gz_args"].split()[:2] == ["-r", "-s"]
    (bridge,) = _nodes(actions, "parameter_bridge")
    assert bridge["arguments"] == ["/clock@rosgraph_msgs/msg/Clock[ignition.msgs.Clock"]


def test_gazebo_that_is_not_installed_is_named(launched, monkeypatch):
    monkeypatch.setenv("ROS_DISTRO", "jazzy")
    with pytest.raises(MissingDependencyError, match=r"ros-gz ros-.*gz-ros2-control"):
        launched("gazebo", is_installed=False)


def test_given_arguments_become_parameters_and_others_are_left_to_the_file(launched):
    (node,) = _nodes(launched("agent", robot="nao.urdf", look_ahead_s="0.2", dry_run="True", use_sim_time="True",
                              audio_topic="tts/audio", command_prefix="/"))
    assert _parameters(node) == {"robot": "nao.urdf", "look_ahead_s": 0.2, "dry_run": True, "use_sim_time": True,
                                 "commands.prefix": "/"}
    assert ("audio", "tts/audio") in node["remappings"]
    assert _parameters(_nodes(launched("agent"))[0]) == {"use_sim_time": False}


@pytest.mark.parametrize("given", [{"dry_run": "yes"}, {"look_ahead_s": "fast"}, {"look_ahead_s": "3"},
                                   {"use_sim_time": "maybe"}])
def test_wrong_arguments_are_refused_with_their_bounds(launched, given):
    with pytest.raises(ConfigError, match="must be"):
        launched("agent", **given)


def test_the_body_is_published_on_request_in_the_agents_namespace(launched):
    assert not _nodes(launched("agent"), "body_node")
    (body,) = _nodes(launched("agent", body="nao", namespace="left", use_sim_time="true"), "body_node")
    assert _parameters(body) == {"id": "nao", "use_sim_time": True}
    assert body["namespace"] == "left"


def test_a_face_and_its_target_are_started_on_request(launched):
    assert not _nodes(launched("agent", face="true"), "face_converter")
    actions = launched("agent", face="true", face_target="vmc", face_host="10.0.0.2", namespace="left",
                       face_names="vrm0", face_avatar="ada.vrm")
    assert _parameters(_nodes(actions, "gesture_node")[0])["face.enabled"] is True
    (converter,) = _nodes(actions, "face_converter")
    parameters = _parameters(converter)
    assert parameters.pop("avatar_file").given == ("ada.vrm",)
    assert parameters == {"target": "vmc", "host": "10.0.0.2", "expression_names": "vrm0", "use_sim_time": False}
    assert converter["namespace"] == "left"


def test_two_agents_share_no_namespace(launched):
    nodes = _nodes(launched("two_agents", audio2="bob.wav"))
    assert sorted((node["namespace"], node["executable"]) for node in nodes) == [
        (f"robot{k}", name) for k in (1, 2) for name in ("audio_file_node", "gesture_node", "mujoco_node")]
    with pytest.raises(ConfigError, match="different"):
        launched("two_agents", namespace1="a", namespace2="/a/")


@pytest.mark.parametrize("delay", ["soon", "-1", "nan"])
def test_a_wrong_delay_of_a_voice_is_refused_with_its_bounds(launched, delay):
    with pytest.raises(ConfigError, match=f"{delay}.*must be double, 0 to 60|{delay}.*must be 0 to 60"):
        launched("two_agents", delay2_s=delay)


@pytest.mark.parametrize("name", ["play_file", "view"])
def test_flags_are_taken_in_any_case(launched, name):
    nodes = _nodes(launched(name, use_sim_time="True"))
    assert nodes
    assert all(_parameters(node)["use_sim_time"] is True for node in nodes)


def test_written_files_of_the_user_are_used(launched, tmp_path):
    folder = share_folder() / "config" / "ros2_control" / "demo_humanoid_gazebo"
    actions = launched("gazebo", files=str(folder))
    (publisher,) = _nodes(actions, "robot_state_publisher")
    urdf = publisher["parameters"][0]["robot_description"].given[0]
    assert f"<parameters>{folder / 'controllers.yaml'}</parameters>" in urdf
    with pytest.raises(ConfigError, match=r"a folder with robot\.urdf"):
        launched("gazebo", files=str(tmp_path / "none"))
