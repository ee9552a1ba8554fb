"""Goals of a FollowJointTrajectory action: few, continuous, replaced, refused, given up, cancelled."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

pytestmark = pytest.mark.ros
pytest.importorskip("rclpy", reason="needs ROS 2: pip install '.[ros]'")

import rclpy
from rclpy.action import ActionServer, CancelResponse, GoalResponse
from rclpy.task import Future

from speech_gesture_ros.control.command_stream import sample
from speech_gesture_ros.control.planner import MotionPlanner
from speech_gesture_ros.control.stopping import end_ns, stop_window
from speech_gesture_ros.core.chunks import JointChunk
from speech_gesture_ros.core.rates import KNOT_RATE
from speech_gesture_ros.core.timebase import NS
from speech_gesture_ros.core.window import Window
from speech_gesture_ros.nodes.conversions import ns_from_time, trajectory_from_message
from speech_gesture_ros.nodes.outputs.follow_output import FollowOutput
from speech_gesture_ros.nodes.outputs.measured_joints import MeasuredJoints
from speech_gesture_ros.nodes.outputs.message_types import message_type
from speech_gesture_ros.nodes.outputs.output import OutputContext
from speech_gesture_ros.robot.command_interfaces import command_interface
from speech_gesture_ros.robot.commands import Commands
from speech_gesture_ros.robot.description import BodyLinks, JointLimits, RobotDescription
from speech_gesture_ros.robot.model import load_model
from speech_gesture_ros.simulators.joint_trajectory_controller import JointTrajectoryController

MODEL = load_model('<robot name="bare"><link name="base"/></robot>')  # no test here needs its links

NAMES = ("shoulder", "elbow")
LIMITS = JointLimits(*(np.full(2, x) for x in (-2.0, 2.0, 3.0, 20.0, 400.0)))
ROBOT = RobotDescription("two", MODEL, NAMES, LIMITS, np.zeros(2), {"arm": NAMES},
                         BodyLinks("b", "b", None, None, None),
                         topics={"arm": "arm/follow_joint_trajectory"},
                         commands=Commands(interface="follow_joint_trajectory"))
LEAD = 30  # knots by which the motion is known in advance


class Server:
    """An action server with the rules of joint_trajectory_controller, which can be told to be difficult."""

    def __init__(self, graph) -> None:
        self.node = graph.add(rclpy.create_node("controller"))
        self.action = message_type("control_msgs/action/FollowJointTrajectory")
        self.controller = JointTrajectoryController(NAMES, start=np.zeros(2))
        self.goals: list = []
        self.refused: list[str] = []
        self.cancelled = 0
        self.does_accept = self.does_replace = self.does_end = True
        self.positions: list[tuple[int, np.ndarray]] = []
        self._ends: dict[bytes, Future] = {}
        self._server = ActionServer(self.node, self.action, "arm/follow_joint_trajectory", self._execute,
                                    goal_callback=self._judge, cancel_callback=self._cancel)
        self.node.create_timer(0.005, self._cycle)

    def now_ns(self) -> int:
        return self.node.get_clock().now().nanoseconds

    def give_up(self, code: int, text: str) -> None:
        """Abort what is executed."""
        for end in self._ends.values():
            if not end.done():
                end.set_result(("abort", code, text))

    @property
    def is_busy(self) -> bool:
        return any(not end.done() for end in self._ends.values())

    def _judge(self, goal) -> GoalResponse:
        if not self.does_accept or (self.is_busy and not self.does_replace):
            return GoalResponse.REJECT
        reason = self.controller.accept(trajectory_from_message(goal.trajectory), self.now_ns())
        if reason:
            self.refused.append(reason)
            return GoalResponse.REJECT
        self.give_up(0, "replaced")
        self.goals.append(goal)
        return GoalResponse.ACCEPT

    def _cancel(self, handle) -> CancelResponse:
        self.cancelled += 1
        end = self._ends[bytes(handle.goal_id.uuid)]
        if not end.done():
            end.set_result(("cancel", 0, ""))
        return CancelResponse.ACCEPT

    async def _execute(self, handle):
        goal = handle.request.trajectory
        last = ns_from_time(goal.points[-1].time_from_start)
        end = Future()
        end.ends_ns = (ns_from_time(goal.header.stamp) or self.now_ns()) + last
        self._ends[bytes(handle.goal_id.uuid)] = end
        how, code, text = await end
        {"succeed": handle.succeed, "abort": handle.abort, "cancel": handle.canceled}[how]()
        return self.action.Result(error_code=code, error_string=text)

    def _cycle(self) -> None:
        now_ns = self.now_ns()
        self.positions.append((now_ns, self.controller.sample(now_ns)[0]))
        for end in self._ends.values():
            if not end.done() and now_ns > end.ends_ns and self.does_end:
                end.set_result(("succeed", 0, ""))


class Speaker:
    """Windows as an agent makes them, 25 a second, until it is told to stop."""

    def __init__(self, output: FollowOutput, node) -> None:
        self._output, self._node = output, node
        self._planner = MotionPlanner(ROBOT)
        self._planner.seed(np.zeros(2))
        self._begin_ns = self._now_ns() + LEAD * NS // KNOT_RATE
        self._frame = 0
        self.windows: list[tuple[int, Window]] = []
        self.is_speaking = True
        node.create_timer(0.04, self.speak)

    def _now_ns(self) -> int:
        return self._node.get_clock().now().nanoseconds

    def speak(self) -> None:
        now_ns = self._now_ns()
        now = (now_ns - self._begin_ns) * KNOT_RATE / NS
        frames = np.arange(self._frame, max(self._frame, int((now + LEAD) / 2) + 1))
        if not self.is_speaking or not len(frames):
            return
        q = np.sin(frames[:, None] * np.array([0.25, 0.2]))
        self._planner.push(JointChunk(self._frame, q))
        self._frame += len(q)
        plan = self._planner.plan(now)
        stamp_ns = self._begin_ns + plan.start_index * NS // KNOT_RATE
        window = Window(plan.start_index, stamp_ns, plan.positions, plan.velocities, plan.brakes)
        self.windows.append((now_ns, window))
        self._output.send(window)

    def stop(self) -> Window:
        """Brake at once."""
        self.is_speaking = False
        window = stop_window(self.windows[-1][1], self._now_ns())
        assert window is not None
        self._output.send(window)
        return window


class World:
    def __init__(self, graph, robot: RobotDescription = ROBOT) -> None:
        self.graph = graph
        self.server = Server(graph)
        self.node = graph.add(rclpy.create_node("ours"))
        self.output = FollowOutput(OutputContext(
            self.node, robot, command_interface("follow_joint_trajectory"), ("arm",), robot.topics["arm"],
            MeasuredJoints(), self.server.now_ns))
        assert "no action server" in self.output.reason
        self.output.activate()
        graph.until(lambda: not self.output.reason, what="the server")
        self.speaker = Speaker(self.output, self.node)


@pytest.fixture
def world(graph, interfaces):
    world = World(graph)
    yield world
    world.output.close()


def test_goals_replace_one_another_without_a_jump_and_are_few(world):
    server, speaker = world.server, world.speaker
    world.graph.until(lambda: len(speaker.windows) >= 60, what="motion")
    speaker.is_speaking = False
    last = speaker.windows[-1][1]
    world.graph.until(lambda: server.now_ns() > end_ns(last) + NS // 5, what="rest")
    assert not server.refused
    assert 3 <= len(server.goals) <= len(speaker.windows) / 2
    assert world.output.goals == len(server.goals)
    for goal in server.goals:
        assert not any(goal.trajectory.points[-1].velocities), "each ends at rest"
    q = np.array([position for _, position in server.positions])
    t = np.array([now_ns for now_ns, _ in server.positions]) / NS
    assert np.abs(q).max() > 0.3
    assert np.all(np.abs(np.diff(q, axis=0)) <= LIMITS.velocity * np.diff(t)[:, None] * 1.001 + 1e-9), "no jump"
    np.testing.assert_allclose(q[-1], last.positions[-1])
    told = [(now_ns, q) for now_ns, q in server.positions if speaker.windows[10][0] < now_ns < end_ns(last)]
    wanted = [sample([w for published_ns, w in speaker.windows if published_ns <= now_ns][-1], now_ns)[0]
              for now_ns, _ in told]
    late = np.abs(np.array([q for _, q in told]) - wanted).max(axis=1)
    assert np.median(late) < 1e-6, "the robot does what the newest window says although it was sent few of them"
    assert not world.output.reason


def test_a_stop_is_a_goal_that_brakes(world):
    world.graph.until(lambda: len(world.server.goals) >= 2 and len(world.speaker.windows) > 30, what="motion")
    count = len(world.server.goals)
    window = world.speaker.stop()
    world.graph.until(lambda: len(world.server.goals) == count + 1, what="the goal that brakes")
    world.graph.until(lambda: world.server.now_ns() > end_ns(window), what="rest")
    assert world.server.cancelled == 0
    np.testing.assert_allclose(world.server.controller.sample(world.server.now_ns())[0], window.positions[-1])


def test_while_others_have_a_goal_nothing_takes_its_place(world):
    world.graph.until(lambda: len(world.server.goals) >= 2, what="motion")
    world.output.yield_controllers({"/arm"})
    world.graph.spin(0.1)  # what was under way
    count = len(world.server.goals)
    world.graph.spin(0.7)
    assert not world.output.send(world.speaker.windows[-1][1])
    assert len(world.server.goals) == count
    world.output.yield_controllers(())
    world.graph.until(lambda: len(world.server.goals) > count, what="goals again")


def test_a_goal_that_is_not_taken_holds_the_robot_back_for_a_while(world):
    world.server.does_accept = False
    world.graph.until(lambda: "rejected a goal" in world.output.reason, what="a reason")
    world.speaker.is_speaking = False
    world.server.does_accept = True
    world.graph.until(lambda: not world.output.reason, what="another try")
    world.speaker.is_speaking = True
    world.graph.until(lambda: world.server.goals, what="a goal that is taken")


def test_a_goal_that_is_given_up_says_why(world):
    world.graph.until(lambda: len(world.server.goals) >= 2 and world.server.is_busy, what="motion")
    assert not world.output.reason, "replaced goals are no trouble"
    world.server.give_up(-4, "shoulder is off its path")
    world.graph.until(lambda: world.output.reason, what="a reason")
    assert "error -4: shoulder is off its path" in world.output.reason
    count = len(world.server.goals)
    world.graph.spin(0.5)
    assert world.output.reason
    assert len(world.server.goals) == count, "nothing of the motion that was given up is sent any more"


def test_a_goal_that_does_not_end_is_cancelled(world):
    world.server.does_end = False
    world.graph.until(lambda: len(world.server.goals) >= 2, what="motion")
    world.speaker.stop()
    world.graph.until(lambda: world.server.cancelled, what="cancelling")


def test_what_a_server_does_not_let_us_replace_is_cancelled(world):
    world.server.does_replace = False
    world.graph.until(lambda: world.server.cancelled, what="cancelling")
    assert len(world.server.goals) == 1
    assert "rejected a goal" in world.output.reason


def test_goals_for_servers_that_begin_when_a_goal_arrives_count_from_now(graph, interfaces):
    world = World(graph, dataclasses.replace(ROBOT, commands=Commands(
        interface="follow_joint_trajectory", options={"stamped": False})))
    graph.until(lambda: len(world.server.goals) >= 3, what="motion")
    world.speaker.is_speaking = False
    for goal in world.server.goals:
        assert ns_from_time(goal.trajectory.header.stamp) == 0
        times = [ns_from_time(point.time_from_start) for point in goal.trajectory.points]
        assert times[0] >= NS // KNOT_RATE
        assert np.all(np.abs(np.diff(times) - NS // KNOT_RATE) <= 1)
    world.output.close()


def test_we_know_our_own_goals_from_those_of_others(world):
    seen: list[bytes] = []
    kind = message_type("action_msgs/msg/GoalStatusArray")
    world.node.create_subscription(kind, "arm/follow_joint_trajectory/_action/status", lambda m: seen.extend(
        bytes(goal.goal_info.goal_id.uuid) for goal in m.status_list), 10)
    world.graph.until(lambda: seen, what="a status")
    assert all(world.output.has_sent_goal(goal_id) for goal_id in seen)
    assert not world.output.has_sent_goal(bytes(16))
