"""Two robots of one kind, each with a gesture node in its own namespace: neither receives the commands of the other."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

pytestmark = pytest.mark.ros
pytest.importorskip("rclpy", reason="needs ROS 2: pip install '.[ros]'")

from rclpy.parameter import Parameter

from speech_gesture_ros.core.assets import share_folder
from speech_gesture_ros.nodes.gesture_node import SUCCESS, GestureNode
from speech_gesture_ros.retargeting import RobotConfig, load_robot
from speech_gesture_ros.robot.command_interfaces import command_interface

from ros_graph import Graph

PROFILES = sorted((share_folder() / "config" / "robots").glob("*.yaml"))
SHARED_BY_DESIGN = {"/parameter_events", "/clock"}
DEMO = load_robot(RobotConfig())


def _for_demo_humanoid(profile: Path, folder: Path) -> Path:
    """Write the topics and the command interface of a profile as a profile of the demo humanoid, and return it."""
    data = yaml.safe_load(profile.read_text())
    commands = {key: value for key, value in data.get("commands", {}).items() if key not in ("order", "joints")}
    commands["groups"] = {group: "none" for group in DEMO.groups if group not in data["controllers"]} | commands.get(
        "groups", {})
    if command_interface(commands.get("interface", "trajectory")).is_low_level:
        commands["joints"] = {name: {"index": i} for i, name in enumerate(DEMO.joint_names)}
    path = folder / f"{profile.stem}.yaml"
    path.write_text(yaml.safe_dump({"name": profile.stem, "controllers": data["controllers"], "commands": commands}))
    return path


def _node(graph: Graph, namespace: str, bundle: Path, **parameters: Any) -> GestureNode:
    given = {"model": str(bundle), "autostart": False, "device": "cpu", "commands.allow_low_level": True, **parameters}
    overrides = [Parameter(name, value=value) for name, value in given.items()]
    node = graph.add(GestureNode(namespace=namespace, parameter_overrides=overrides))
    assert node.trigger_configure() == SUCCESS
    assert node.trigger_activate() == SUCCESS
    return node


def _outgoing(node: GestureNode) -> set[str]:
    """Topics and services, those of actions included, that a node sends to."""
    publishers = node.get_publisher_names_and_types_by_node(node.get_name(), node.get_namespace())
    clients = node.get_client_names_and_types_by_node(node.get_name(), node.get_namespace())
    return {name for name, _ in (*publishers, *clients)}


def _incoming(node: GestureNode) -> set[str]:
    """Topics and services, those of actions included, that a node receives from."""
    subscribers = node.get_subscriber_names_and_types_by_node(node.get_name(), node.get_namespace())
    services = node.get_service_names_and_types_by_node(node.get_name(), node.get_namespace())
    return {name for name, _ in (*subscribers, *services)}


@pytest.mark.parametrize("profile", PROFILES, ids=lambda path: path.stem)
def test_two_robots_in_two_namespaces_share_no_topic(profile, graph, tiny_bundle, interfaces, tmp_path):
    path = _for_demo_humanoid(profile, tmp_path)
    one, two = (_node(graph, namespace, tiny_bundle, profile=str(path)) for namespace in ("robot1", "robot2"))
    sent = {node: len(_outgoing(node)) for node in (one, two)}
    assert sent[one] == sent[two]
    topics = one.session.runner.agent.description.topics
    commanded = {one.resolve_topic_name(topic) for topic in topics.values() if topic}
    assert commanded
    assert all(any(name.startswith(topic) for name in _outgoing(one)) for topic in commanded)
    assert not (_outgoing(one) & _outgoing(two)) - {"/rosout", "/diagnostics", *SHARED_BY_DESIGN}
    assert not _outgoing(one) & _incoming(two) - SHARED_BY_DESIGN
    assert not _outgoing(two) & _incoming(one) - SHARED_BY_DESIGN


def test_topics_outside_the_namespace_are_reported(graph, tiny_bundle, interfaces, tmp_path, caplog):
    path = tmp_path / "absolute.yaml"
    path.write_text("name: absolute\ncontrollers: {head: /head_controller/joint_trajectory}\n")
    _node(graph, "robot1", tiny_bundle, profile=str(path))
    assert "outside the namespace /robot1: /head_controller/joint_trajectory." in caplog.text


def test_a_prefix_puts_commands_and_motor_states_elsewhere(graph, tiny_bundle, interfaces, tmp_path):
    path = _for_demo_humanoid(share_folder() / "config" / "robots" / "g1.yaml", tmp_path)
    node = _node(graph, "speech", tiny_bundle, profile=str(path), **{"commands.prefix": "/robot1/"})
    assert "/robot1/arm_sdk" in _outgoing(node)
    assert "/robot1/lowstate" in _incoming(node)
