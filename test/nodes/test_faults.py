"""Faults of the whole node over real DDS, in counted time: rest, one report, and a slow way back.

The robot's controllers record what is commanded. test_watchdogs.py has the same faults without ROS.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from unittest.mock import patch

import numpy as np
import pytest

pytestmark = [pytest.mark.ros, pytest.mark.slow]
pytest.importorskip("rclpy", reason="needs ROS 2: pip install '.[ros]'")

from sensor_msgs.msg import JointState
from std_msgs.msg import Bool
from std_srvs.srv import Trigger

from speech_gesture_ros.agent import fault_report, log_limit
from speech_gesture_ros.core.chunks import PoseChunk
from speech_gesture_ros.core.timebase import NS
from speech_gesture_ros.nodes.qos import JOINT_STATES_OUT_QOS

ENTRY = 0.5 * (1 + 1e-3)  # [rad/s]
ENTRY_S = 0.46  # slow entry lasts half a second, less the first knots
STOP_S, BRAKE_S = 0.1, 0.8  # longest time until a stop begins to brake, longest brake
AT_REST, MOVING = 1e-6, 0.1  # [rad/s]


class Fault:
    """Faults that can be caused and removed."""

    def __init__(self, world, node) -> None:
        self.world, self.agent = world, node.session.runner.agent
        self.lock = world.node.create_publisher(Bool, "gesture_node/lock", 10)
        self.services = {name: world.node.create_client(Trigger, f"gesture_node/{name}") for name in ("stop", "resume")}
        self.states = world.node.create_publisher(JointState, "joint_states", JOINT_STATES_OUT_QOS)

    def stop(self, is_there: bool) -> None:
        self.world.graph.call(self.services["stop" if is_there else "resume"], Trigger.Request())

    def locked(self, is_there: bool) -> None:
        self.lock.publish(Bool(data=is_there))

    def silent_robot(self, is_there: bool) -> None:
        self.world.is_present = not is_there

    def robot_without_numbers(self, is_there: bool) -> None:
        self.world.is_present = not is_there
        if is_there:
            message = JointState(name=list(self.world.description.joint_names))
            message.position = np.where(np.arange(len(message.name)) == 4, np.nan, self.world.q).tolist()
            self.timer = self.world.node.create_timer(0.05, lambda: self.states.publish(message))
        else:
            self.world.node.destroy_timer(self.timer)

    def blocked_robot(self, is_there: bool) -> None:
        self.world.robot.is_blocked = is_there

    def late_model(self, is_there: bool) -> None:
        update = self.agent.update

        def late(now_ns: int):
            output = update(now_ns)
            self.world.pass_time(0.1 if output.window is not None else 0.0)
            return output

        self._replace(is_there, self.agent, "update", late)

    def model_without_numbers(self, is_there: bool) -> None:
        model = self.agent.pipeline.model
        push = model.push

        def poison(chunk):
            poses = push(chunk)
            return PoseChunk(poses.start_index, np.full_like(poses.values, np.nan))

        self._replace(is_there, model, "push", poison)

    def _replace(self, is_there: bool, owner: object, name: str, method: Callable[..., object]) -> None:
        """Replace a method, or restore it."""
        if is_there:
            self.patch = patch.object(owner, name, method)
            self.patch.start()
        else:
            self.patch.stop()


def fastest(world) -> float:
    """Return the highest commanded speed at present [rad/s]."""
    return float(np.abs(world.robot.speeds[-1]).max())


def end_of_motion_ns(world) -> int:
    """Return the ROS time of the last step at which a joint was commanded to move [ns]."""
    moving = np.flatnonzero(np.abs(np.array(world.robot.speeds)).max(axis=1) > AT_REST)
    return world.robot.times_ns[moving[-1]]


@pytest.mark.parametrize(("name", "line", "status"), [
    ("stop", "inhibited: stopped by ~/stop", "inhibited: stopped by ~/stop"),
    ("locked", "inhibited: locked by /gesture_node/lock", "inhibited: locked by /gesture_node/lock"),
    ("silent_robot", "robot released: stale joint states: none for more than 0.5 s", "stale joint states"),
    ("robot_without_numbers", "robot released: stale joint states", "not a number: the position of {joint}; stale"),
    ("blocked_robot", "robot released: tracking error:", "tracking error:"),
    ("late_model", "robot released: late window:", "the machine is too busy"),
    ("model_without_numbers", "robot released: model output not finite", "model output not finite"),
])
def test_a_fault_ends_in_rest_is_reported_once_and_the_way_back_is_slow(world, monkeypatch, caplog, name, line, status):
    monkeypatch.setattr(fault_report, "CLEAR_NS", NS // 2)
    names = world.description.joint_names
    status = status.format(joint=names[4])
    caplog.set_level("INFO")
    node = world.activate(tracking_tolerance=0.05)
    fault = Fault(world, node)
    engagement = fault.agent.engagement
    world.until(lambda: fault.lock.get_subscription_count() > 0, "a subscription of the lock")
    world.until(lambda: engagement.is_engaged and len(world.trajectories) > 30 and fastest(world) > MOVING, "motion")
    caplog.clear()
    world.statuses.clear()
    begin_ns = world.now_ns
    getattr(fault, name)(True)

    def lines() -> list[logging.LogRecord]:
        return [record for record in caplog.records if line in record.message]

    world.until(lines, line)
    reported_ns = begin_ns if name in ("stop", "locked") else world.now_ns
    world.until(lambda: world.reports(status), "a status")
    worst = max((s for s in world.statuses if status in s.message), key=lambda s: s.level)
    assert worst.level == b"\x01"
    assert any(joint in lines()[0].message for joint in names) or name != "blocked_robot"
    world.run(1.5)
    if name != "blocked_robot":  # which is tried again, slowly
        assert end_of_motion_ns(world) <= reported_ns + round((STOP_S + BRAKE_S) * NS)
    if name != "late_model":  # which is engaged and released at every update
        world.until(lambda: not engagement.is_engaged, "the release")
    getattr(fault, name)(False)
    world.until(lambda: engagement.is_engaged, "the engagement")
    entry = len(world.robot.speeds)
    world.run(ENTRY_S)
    assert np.abs(np.array(world.robot.speeds[entry:])).max() <= ENTRY
    world.until(lambda: fastest(world) > MOVING, "motion")
    assert max(world.robot.jumps) < (0.1 if name == "blocked_robot" else 1e-3), "a blocked robot is engaged where it is"
    world.until(lambda: fault.agent.report()["fault"] == "", "the end of the fault")
    assert 1 <= len(lines()) <= log_limit.LINES, "some repeat while the robot is engaged again"
    others = [record.message for record in caplog.records if record.levelno >= logging.WARNING
              and record not in lines() and not record.message.startswith("controllers: ")]
    assert not others
    assert not world.robot.rejected
