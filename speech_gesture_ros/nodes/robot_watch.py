"""All that is heard of the robot, and where it goes.

joint_states, <controller>/controller_state ──► readings for the runner
goals of others                             ──► a reason to stand still
parameters of the controllers               ──► one line in the log, and a status
controllers that are not active             ──► a reason to stand still
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
from speech_gesture_ros.nodes.gesture_outputs import GestureOutputs
from speech_gesture_ros.nodes.qos import JOINT_STATES_IN
from speech_gesture_ros.nodes.yielding import Yielding
from speech_gesture_ros.robot.description import RobotDescription

log = logging.getLogger(__name__)

WHO = "controllers"  # who wants the robot to stand still


class RobotWatch:
    """Listens from configure to cleanup.

    Args:
        node: The node.
        description: The robot.
        runner: Who is told.
        inhibitors: Where reasons to stand still are kept.
        outputs: Who knows our goals from those of others, and leaves alone what others move.
        now_ns: The ROS clock.

    Attributes:
        readings: The joints as they were heard last.
    """

    def __init__(self, node: Any, description: RobotDescription, runner: AgentRunner, inhibitors: MotionInhibitors,
                 outputs: GestureOutputs, now_ns: Callable[[], int]) -> None:
        self._node, self._runner, self._inhibitors, self._now_ns = node, runner, inhibitors, now_ns
        self._outputs = outputs
        self.readings = JointReadings(description.joint_names)
        self._probed: tuple[bool, str, dict[str, dict[str, str]]] | None = None
        self._joints = node.create_subscription(JointState, "joint_states", self._take_joints, JOINT_STATES_IN)
        self._ours = controllers_of(node, description)
        with_goals = [controller.name for controller in self._ours if controller.has_goals]
        self._states = ControllerStates(node, with_goals, description.joint_names, runner.observe_reference, now_ns)
        self._yielding = Yielding(node, with_goals, inhibitors, outputs.yield_controllers, runner.apply_inhibitors,
                                  outputs.has_sent_goal)
        self._managers = ControllerManagers(node, [controller.name for controller in self._ours])
        inhibitors.register(WHO, lambda: self._managers.reason)
        self._probe: ControllerProbe | None = None

    @property
    def controllers(self) -> tuple[str, str, dict[str, object]] | None:
        """What is known of the controllers: level, summary, values; None before all were asked."""
        if self._probed is None:
            return None
        is_well, line, values = self._probed
        states, reason = self._managers.states, self._managers.reason
        said = {name.strip("/"): {**values.get(name, {}), **({"state": states[name]} if name in states else {})}
                for name in (controller.name for controller in self._ours)}
        return "ok" if is_well and not reason else "warn", " | ".join(filter(None, (reason, line))), {**said}

    def probe(self) -> None:
        """Ask the controllers how they are set, and whether they are active."""
        self._managers.look()
        self._end_probe()
        if self._ours:
            self._probe = ControllerProbe(self._node, self._ours, self._take_probe)

    def look(self) -> None:
        """What nobody tells by a message; call about once a second."""
        self._yielding.look()
        self._managers.look()

    def close(self) -> None:
        """Listen no longer."""
        self._end_probe()
        self._node.destroy_subscription(self._joints)
        self._states.close()
        self._yielding.close()
        self._managers.close()
        self._inhibitors.register(WHO, lambda: "")

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
