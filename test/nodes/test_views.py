"""Views for RViz and Foxglove: the planned paths, and the topics and services that the shipped files name."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import yaml

pytestmark = pytest.mark.ros
pytest.importorskip("rclpy", reason="needs ROS 2: pip install '.[ros]'")

from visualization_msgs.msg import MarkerArray

from speech_gesture_ros.core.assets import share_folder
from speech_gesture_ros.nodes.conversions import trajectory_from_message

ROBOT_TOPICS = {"/robot_description", "/joint_states", "/rosout"}


def rviz_topics() -> set[str]:
    """Topics of the displays, resolved in the namespace of RViz."""
    view = yaml.safe_load((share_folder() / "config" / "rviz" / "speech_gesture.rviz").read_text(encoding="utf-8"))
    displays = view["Visualization Manager"]["Displays"]
    found = [display[key]["Value"] for display in displays for key in ("Topic", "Description Topic") if key in display]
    return {f"/{topic}" for topic in found}


def foxglove() -> dict[str, Any]:
    path = share_folder() / "config" / "foxglove" / "speech_gesture.json"
    return dict(json.loads(path.read_text(encoding="utf-8")))


def leaves(layout: Any) -> Iterator[str]:
    """Panels of a layout."""
    if isinstance(layout, str):
        yield layout
    else:
        yield from leaves(layout["first"])
        yield from leaves(layout["second"])


def test_the_planned_path_is_that_of_the_wrists_in_the_published_trajectories(world):
    plans: list[MarkerArray] = []
    world.node.create_subscription(MarkerArray, "gesture_node/plan", plans.append, 10)
    world.perform(count=10)
    world.until(lambda: len(plans) > 5, "plans")
    left, right = plans[-1].markers
    assert left.header.frame_id == world.description.model.urdf.root
    q = np.zeros(len(world.description.joint_names))
    for group, message in world.newest.items():
        q[world.columns(group)] = trajectory_from_message(message).points[-1].positions
    kinematics = world.description.kinematics()
    kinematics.update(q)
    for marker, arm in ((left, world.description.body.left_arm), (right, world.description.body.right_arm)):
        end = marker.points[-1]
        np.testing.assert_allclose([end.x, end.y, end.z], kinematics.origins(arm.wrist)[0], atol=1e-6)
        assert len(marker.points) > 10


def test_the_views_name_topics_and_services_that_exist(world):
    node = world.activate()
    world.until(lambda: world.statuses, "a status")
    published = {name for name, _ in node.get_publisher_names_and_types_by_node("gesture_node", "/")}
    layout = foxglove()
    panels = layout["configById"]
    assert set(leaves(layout["layout"])) == set(panels)
    robot = panels["3D!robot"]
    named = {*rviz_topics(), *robot["topics"], robot["layers"]["robot"]["topic"],
             panels["DiagnosticSummary!status"]["topicToRender"], panels["RosOut!log"]["topicToRender"],
             *(path["value"].partition(".")[0] for path in panels["Plot!joints"]["paths"])}
    assert named - ROBOT_TOPICS <= published
    services = {name for name, _ in node.get_service_names_and_types_by_node("gesture_node", "/")}
    assert {panel["serviceName"] for name, panel in panels.items() if name.startswith("CallService")} <= services
