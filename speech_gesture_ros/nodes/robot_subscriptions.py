"""Subscriptions and clients of the robot, from configure to cleanup.

joint_states, <controller>/controller_state ──► readings for the runner and the outputs
external goals                              ──► a motion inhibitor
controllers that are not active             ──► a motion inhibitor
parameters of the controllers               ──► one log line, and a diagnostic status
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from sensor_msgs.msg import JointState

from speech_gesture_ros.agent.agent_runner import AgentRunner
from speech_gesture_ros.agent.inhibitors import MotionInhibitors
from speech_gesture_ros.agent.joint_readings import JointReadings
from speech_gesture_ros.nodes.controller_manager import ControllerManagers
from speech_gesture_ros.nodes.controller_probe import ControllerProbe
from speech_gesture_ros.nodes.controller_states import ControllerStates
from speech_gesture_ros.nodes.controllers import controllers_of
from speech_gesture_ros.nodes.external_goals import ExternalGoals
from speech_gesture_ros.nodes.gesture_outputs import GestureOutputs
from speech_gesture_ros.nodes.qos import JOINT_STATES_IN_QOS
from speech_gesture_ros.robot.description import RobotDescription

log = logging.getLogger(__name__)

CONTROLLERS_INHIBITOR = "controllers"  # name of this motion inhibitor


class RobotSubscriptions:
    """Receives everything that a robot and its controllers report.

    Args:
        node: The node.
        description: The robot.
        runner: Receives measured positions and references.
        inhibitors: Registry of motion inhibitors.
        outputs: Receives measured positions; knows the goals that this node has sent.
        now_ns: Returns the ROS time [ns].

    Attributes:
        readings: Latest joint readings.
    """

    def __init__(self, node: Any, description: RobotDescription, runner: AgentRunner, inhibitors: MotionInhibitors,
                 outputs: GestureOutputs, now_ns: Callable[[], int]) -> None:
        self._node, self._runner, self._inhibitors, self._now_ns = node, runner, inhibitors, now_ns
        self._outputs = outputs
        self.readings = JointReadings(description.joint_names, description.limits, description.continuous_joints)
        self._probed: tuple[bool, str, dict[str, dict[str, str]]] | None = None
        self._joints = node.create_subscription(JointState, "joint_states", self._take_joints, JOINT_STATES_IN_QOS)
        self._controllers = controllers_of(node, description)
        with_goals = [controller.name for controller in self._controllers if controller.has_goals]
        self._states = ControllerStates(node, with_goals, description, runner.observe_reference,
                                        runner.delivery.observe, now_ns)
        self._external_goals = ExternalGoals(node, with_goals, inhibitors, outputs.yield_controllers,
                                             runner.apply_inhibitors, outputs.has_sent_goal)
        self._managers = ControllerManagers(node, [controller.name for controller in self._controllers])
        inhibitors.register(CONTROLLERS_INHIBITOR, lambda: self._managers.reason)
        self._probe: ControllerProbe | None = None

    @property
    def controllers(self) -> tuple[str, str, dict[str, object]] | None:
        """Diagnostic level, summary and values of the controllers; None before their parameters are known."""
        if self._probed is None:
            return None
        is_well, line, values = self._probed
        states, reason = self._managers.states, self._managers.reason
        found = {name.strip("/"): {**values.get(name, {}), **({"state": states[name]} if name in states else {})}
                 for name in (controller.name for controller in self._controllers)}
        return "ok" if is_well and not reason else "warn", " | ".join(filter(None, (reason, line))), {**found}

    def probe(self) -> None:
        """Request parameters and states of the controllers."""
        self._managers.poll()
        self._end_probe()
        if self._controllers:
            self._probe = ControllerProbe(self._node, self._controllers, self._take_probe)

    def poll(self) -> None:
        """Update what no message reports; call about once a second."""
        self._external_goals.drop_lost_controllers()
        self._managers.poll()

    def close(self) -> None:
        """Destroy subscriptions and clients, and remove the inhibitor."""
        self._end_probe()
        self._node.destroy_subscription(self._joints)
        self._states.close()
        self._external_goals.close()
        self._managers.close()
        self._inhibitors.register(CONTROLLERS_INHIBITOR, lambda: "")

    def _end_probe(self) -> None:
        if self._probe is not None:
            self._probe.close()
            self._probe = None

    def _take_joints(self, message: JointState) -> None:
        self._outputs.observe_joints(message.name, message.position)
        self.readings.update(message.name, message.position, self._now_ns())
        reading = self.readings.reading()
        if reading is not None:
            self._runner.observe_joints(reading)

    def _take_probe(self, is_well: bool, line: str, values: dict[str, dict[str, str]]) -> None:
        log.log(logging.INFO if is_well else logging.WARNING, "controllers: %s", line)
        self._probed = is_well, line, values
