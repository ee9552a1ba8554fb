"""Goals of a FollowJointTrajectory action: few, continuous, replaced, rejected, aborted, cancelled."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
import pytest

pytestmark = pytest.mark.ros
pytest.importorskip("rclpy", reason="needs ROS 2: pip install '.[ros]'")

import rclpy

from speech_gesture_ros.control.command_stream import sample
from speech_gesture_ros.control.planner import MotionPlanner
from speech_gesture_ros.control.stopping import end_ns, stop_window
from speech_gesture_ros.core.chunks import JointChunk
from speech_gesture_ros.core.rates import KNOT_RATE
from speech_gesture_ros.core.timebase import NS
from speech_gesture_ros.core.window import Window
from speech_gesture_ros.nodes.conversions import ns_from_time
from speech_gesture_ros.nodes.outputs.follow_output import FollowOutput
from speech_gesture_ros.nodes.outputs.measured_joints import MeasuredJoints
from speech_gesture_ros.nodes.outputs.message_types import message_type
from speech_gesture_ros.nodes.outputs.output import OutputContext
from speech_gesture_ros.robot.command_interfaces import command_interface
from speech_gesture_ros.robot.commands import Commands
from speech_gesture_ros.robot.description import BodyLinks, JointLimits, RobotDescription
from speech_gesture_ros.robot.model import load_model

from action_controller import ActionController

MODEL = load_model('<robot name="bare"><link name="base"/></robot>')  # no test here needs its links
NAMES, TOPIC = ("shoulder", "elbow"), "arm/follow_joint_trajectory"
LIMITS = JointLimits(*(np.full(2, x) for x in (-2.0, 2.0, 3.0, 20.0, 400.0)))
LEAD_KNOTS = 30  # motion known in advance
STEP_NS = NS // 50
STEPS_PER_WINDOW = 2
LIMIT_S = 60.0  # counted time that `until` waits at most


def robot(**options: object) -> RobotDescription:
    return RobotDescription("two", MODEL, NAMES, LIMITS, np.zeros(2), {"arm": NAMES},
                            BodyLinks("b", "b", None, None, None), topics={"arm": TOPIC},
                            commands=Commands(interface="follow_joint_trajectory", options=options))


class Bench:
    """An output, its controller, and windows as an agent makes them, 25 a second, in counted time.

    Steps take at least their time on the clock of the machine, because the output's timer runs on that clock.
    """

    def __init__(self, graph, **options: object) -> None:
        self.graph, self.now_ns = graph, 100 * NS
        description = robot(**options)
        self.node = graph.add(rclpy.create_node("commander"))
        self.controller = ActionController(graph.add(rclpy.create_node("controller")), TOPIC, NAMES, np.zeros(2),
                                           lambda: self.now_ns)
        self.output = FollowOutput(OutputContext(
            self.node, description, command_interface("follow_joint_trajectory"), ("arm",), TOPIC, MeasuredJoints(),
            lambda: self.now_ns))
        assert "no action server" in self.output.reason
        self.output.activate()
        graph.until(lambda: not self.output.reason, what="the server")
        self._planner = MotionPlanner(description)
        self._planner.seed(np.zeros(2))
        self._begin_ns = self.now_ns + LEAD_KNOTS * NS // KNOT_RATE
        self._frame = self._steps = 0
        self.windows: list[tuple[int, Window]] = []
        self.is_speaking = True

    def step(self) -> None:
        """Let 20 ms pass."""
        begin_s = time.monotonic()
        self.now_ns += STEP_NS
        self._steps += 1
        if self.is_speaking and self._steps % STEPS_PER_WINDOW == 0:
            self._send_window()
        self.graph.spin_idle()
        self.controller.step()
        self.graph.spin(max(0.0, STEP_NS / NS - (time.monotonic() - begin_s)))

    def run(self, seconds: float) -> None:
        for _ in range(round(seconds * NS / STEP_NS)):
            self.step()

    def until(self, is_done: Callable[[], object], what: str) -> None:
        limit_ns = self.now_ns + round(LIMIT_S * NS)
        while not is_done():
            assert self.now_ns < limit_ns, f"waited {LIMIT_S:g} s in vain for {what}"
            self.step()

    def stop(self) -> Window:
        """Brake at once."""
        self.is_speaking = False
        window = stop_window(self.windows[-1][1], self.now_ns)
        assert window is not None
        self.output.send(window)
        return window

    def _send_window(self) -> None:
        now = (self.now_ns - self._begin_ns) * KNOT_RATE / NS
        frames = np.arange(self._frame, max(self._frame, int((now + LEAD_KNOTS) / 2) + 1))
        if not len(frames):
            return
        self._planner.push(JointChunk(self._frame, np.sin(frames[:, None] * np.array([0.25, 0.2]))))
        self._frame += len(frames)
        plan = self._planner.plan(now)
        stamp_ns = self._begin_ns + plan.start_index * NS // KNOT_RATE
        window = Window(plan.start_index, stamp_ns, plan.positions, plan.velocities, plan.brakes)
        self.windows.append((self.now_ns, window))
        self.output.send(window)


@pytest.fixture
def bench(graph, interfaces):
    bench = Bench(graph)
    yield bench
    bench.output.close()


def test_goals_replace_one_another_without_a_jump_and_are_few(bench):
    controller = bench.controller
    bench.until(lambda: len(bench.windows) >= 60, "motion")
    bench.is_speaking = False
    last = bench.windows[-1][1]
    bench.until(lambda: bench.now_ns > end_ns(last) + NS // 5, "rest")
    assert not controller.rejected
    assert 3 <= len(controller.goals) <= len(bench.windows) / 2
    assert bench.output.sent == len(controller.goals)
    for goal in controller.goals:
        assert not any(goal.trajectory.points[-1].velocities), "each ends at rest"
    q = np.array([position for _, position in controller.track])
    t = np.array([now_ns for now_ns, _ in controller.track]) / NS
    assert np.abs(q).max() > 0.3
    assert np.all(np.abs(np.diff(q, axis=0)) <= LIMITS.velocity * np.diff(t)[:, None] * 1.001 + 1e-9), "no jump"
    np.testing.assert_allclose(q[-1], last.positions[-1])
    moving = [(now_ns, q) for now_ns, q in controller.track if bench.windows[10][0] < now_ns < end_ns(last)]
    wanted = [sample([w for sent_ns, w in bench.windows if sent_ns <= now_ns][-1], now_ns)[0] for now_ns, _ in moving]
    late = np.abs(np.array([q for _, q in moving]) - wanted).max(axis=1)
    assert np.median(late) < 1e-6, "the robot follows the newest window although few of them were sent"
    assert not bench.output.reason


def test_a_stop_is_a_goal_that_brakes(bench):
    bench.until(lambda: len(bench.controller.goals) >= 2 and len(bench.windows) > 30, "motion")
    count = len(bench.controller.goals)
    window = bench.stop()
    bench.until(lambda: bench.now_ns > end_ns(window), "rest")
    assert len(bench.controller.goals) == count + 1
    assert bench.controller.cancelled == 0
    np.testing.assert_allclose(bench.controller.q, window.positions[-1], atol=1e-9)


def test_while_yielding_nothing_replaces_the_external_goal(bench):
    bench.until(lambda: len(bench.controller.goals) >= 2, "motion")
    bench.output.yield_controllers({"/arm"})
    bench.run(0.1)  # a goal may be on its way
    count = len(bench.controller.goals)
    bench.run(0.7)
    assert not bench.output.send(bench.windows[-1][1])
    assert len(bench.controller.goals) == count
    bench.output.yield_controllers(())
    bench.until(lambda: len(bench.controller.goals) > count, "goals again")


def test_a_rejected_goal_is_a_reason_not_to_move_for_a_while(bench):
    bench.controller.does_accept = False
    bench.until(lambda: "rejected a goal" in bench.output.reason, "a reason")
    bench.is_speaking = False
    bench.controller.does_accept = True
    bench.until(lambda: not bench.output.reason, "another try")
    bench.is_speaking = True
    bench.until(lambda: bench.controller.goals, "an accepted goal")


def test_an_aborted_goal_is_reported_with_its_error(bench):
    bench.until(lambda: len(bench.controller.goals) >= 2 and bench.controller.is_busy, "motion")
    assert not bench.output.reason, "replaced goals are no fault"
    bench.controller.abort(-4, "shoulder is off its path")
    bench.until(lambda: bench.output.reason, "a reason")
    assert "error -4: shoulder is off its path" in bench.output.reason
    count = len(bench.controller.goals)
    while bench.output.reason:
        assert len(bench.controller.goals) == count, "nothing of the aborted motion is sent any more"
        bench.step()


def test_a_goal_that_does_not_end_is_cancelled(bench):
    bench.controller.does_end = False
    bench.until(lambda: len(bench.controller.goals) >= 2, "motion")
    bench.stop()
    bench.until(lambda: bench.controller.cancelled, "cancelling")


def test_a_goal_that_cannot_be_replaced_is_cancelled(bench):
    bench.until(lambda: len(bench.controller.goals) >= 3, "motion")
    bench.controller.does_replace, count = False, len(bench.controller.goals)
    bench.until(lambda: bench.controller.cancelled, "cancelling")
    assert len(bench.controller.goals) == count
    assert "rejected a goal" in bench.output.reason


def test_goals_for_servers_that_begin_a_goal_when_it_arrives_count_from_now(graph, interfaces):
    bench = Bench(graph, stamped=False)
    bench.until(lambda: len(bench.controller.goals) >= 3, "motion")
    bench.is_speaking = False
    for goal in bench.controller.goals:
        assert ns_from_time(goal.trajectory.header.stamp) == 0
        times = [ns_from_time(point.time_from_start) for point in goal.trajectory.points]
        assert times[0] >= NS // KNOT_RATE
        assert np.all(np.abs(np.diff(times) - NS // KNOT_RATE) <= 1)
    bench.output.close()


def test_sent_goals_are_distinguished_from_external_ones(bench):
    seen: list[bytes] = []
    kind = message_type("action_msgs/msg/GoalStatusArray")
    bench.node.create_subscription(kind, f"{TOPIC}/_action/status", lambda m: seen.extend(
        bytes(goal.goal_info.goal_id.uuid) for goal in m.status_list), 10)
    bench.until(lambda: seen, "a status")
    assert all(bench.output.has_sent_goal(goal_id) for goal_id in seen)
    assert not bench.output.has_sent_goal(bytes(16))


def test_a_goal_that_comes_too_late_is_not_sent_and_the_robot_brakes_on_the_one_before(bench):
    """The executor stands still for half a second after a window was given."""
    bench.until(lambda: len(bench.windows) >= 40, "motion")
    bench.now_ns += STEPS_PER_WINDOW * STEP_NS
    count, sent = len(bench.windows), bench.output.sent
    bench._send_window()
    assert len(bench.windows) > count
    bench.now_ns += NS // 2
    bench.graph.until(lambda: "came too late" in bench.output.reason, what="a reason")
    assert bench.output.sent == sent
    bench.is_speaking = False
    bench.run(1.5)
    assert bench.output.sent == sent
