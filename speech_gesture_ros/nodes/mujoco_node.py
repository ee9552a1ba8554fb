"""Simulated robot on ROS topics: takes trajectories as joint_trajectory_controller does and publishes joint_states."""

from __future__ import annotations

import logging
from dataclasses import asdict
from typing import Any

from diagnostic_msgs.msg import DiagnosticArray
from rclpy.node import Node
from sensor_msgs.msg import JointState
from std_msgs.msg import String
from trajectory_msgs.msg import JointTrajectory

from speech_gesture_ros.nodes.controllers import controllers_of
from speech_gesture_ros.nodes.conversions import (
    diagnostics_message,
    joint_state_message,
    robot_description_message,
    trajectory_from_message,
)
from speech_gesture_ros.nodes.parameters import declare, read
from speech_gesture_ros.nodes.qos import JOINT_STATES_OUT_QOS, LATCHED_QOS, TRAJECTORY_QOS
from speech_gesture_ros.nodes.running import run
from speech_gesture_ros.nodes.settings import MujocoSettings
from speech_gesture_ros.nodes.simulated_controllers import serve_parameters
from speech_gesture_ros.retargeting import RobotConfig, load_robot
from speech_gesture_ros.robot.command_interfaces.shipped import TRAJECTORY_INTERFACE
from speech_gesture_ros.simulators.simulated_robot import SimulatedRobot, Vector

log = logging.getLogger(__name__)


class MujocoNode(Node):
    """MuJoCo robot with one simulated joint_trajectory_controller for each group."""

    def __init__(self, **node_arguments: Any) -> None:
        super().__init__("mujoco_node", **node_arguments)
        declare(self, MujocoSettings, is_locked=lambda: True)
        settings = read(self, MujocoSettings)
        self._description = load_robot(RobotConfig(robot=settings.robot, profile=settings.profile or None,
                                                     interface=TRAJECTORY_INTERFACE))
        self._states = self.create_publisher(JointState, "joint_states", JOINT_STATES_OUT_QOS)
        self._diagnostics = self.create_publisher(DiagnosticArray, "/diagnostics", 10)
        latched = self.create_publisher(String, "robot_description", LATCHED_QOS)
        latched.publish(robot_description_message(self._description.model.urdf.text))
        self._robot = SimulatedRobot(self._description, self._now_ns, self._publish_state, settings.state_rate_hz)
        for group, topic in self._description.topics.items():
            self.create_subscription(JointTrajectory, topic,
                                     lambda message, group=group: self._take(group, message), TRAJECTORY_QOS)
        serve_parameters(self, controllers_of(self, self._description))
        self.create_timer(1.0, self._report)
        self._robot.start()

    def close(self) -> None:
        """Stop the physics."""
        if hasattr(self, "_robot"):
            self._robot.stop()

    def _take(self, group: str, message: JointTrajectory) -> None:
        reason = self._robot.accept(group, trajectory_from_message(message))
        if reason is not None:
            log.error("%s rejected a trajectory: %s", group, reason)

    def _publish_state(self, q: Vector, dq: Vector, stamp_ns: int) -> None:
        self._states.publish(joint_state_message(self._description.joint_names, q, dq, stamp_ns))

    def _report(self) -> None:
        counts = self._robot.counts
        is_well = not (counts.rejected or counts.limit_violations or counts.self_contacts)
        summary = "no faults" if is_well else "rejected trajectories, limit violations or self-contacts: see the values"
        self._diagnostics.publish(diagnostics_message(
            f"{self.get_fully_qualified_name()}: robot", "ok" if is_well else "warn", summary, asdict(counts),
            self._now_ns()))

    def _now_ns(self) -> int:
        return int(self.get_clock().now().nanoseconds)


def main(args: list[str] | None = None) -> None:
    """Run the node."""
    run(MujocoNode, args)


if __name__ == "__main__":
    main()
