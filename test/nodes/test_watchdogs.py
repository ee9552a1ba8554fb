"""When the robot moves and when it does not: runner, agent, controllers, servos that trail, and counted time.

Each test takes away what one watchdog guards. What counts is what the controllers command: it comes to rest inside the
limits, the reason is told once, and the way back is slow.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

import numpy as np
import pytest

from speech_gesture_ros.agent.agent import Agent
from speech_gesture_ros.agent.agent_config import AgentConfig
from speech_gesture_ros.agent.agent_output import TimedPose
from speech_gesture_ros.agent.agent_runner import AgentRunner, OutputFunctions
from speech_gesture_ros.agent.inhibitors import TopicLock
from speech_gesture_ros.agent.motion_state import MotionState
from speech_gesture_ros.audio.pcm import PcmFormat
from speech_gesture_ros.control.stopping import end_ns
from speech_gesture_ros.core.chunks import PoseChunk
from speech_gesture_ros.core.rates import KNOT_RATE, SAMPLE_RATE
from speech_gesture_ros.core.timebase import NS
from speech_gesture_ros.core.window import Window
from speech_gesture_ros.pipeline.gesture_pipeline import GesturePipeline
from speech_gesture_ros.pipeline.pipeline_config import PipelineConfig
from speech_gesture_ros.simulators.controller_groups import ControllerGroups

FORMAT = PcmFormat(sample_rate=SAMPLE_RATE, channels=1, encoding="s16le")
TICK = NS // 100  # of the controllers; the runner is updated every other one
SERVO_S = 0.08  # time constant of the servos
ENTRY = 0.5 * (1 + 1e-3)  # [rad/s]
STOP_S = 0.1  # a stop begins to brake within this
BRAKE_S = 0.8  # the longest brake there is


class World:
    """A robot with its controllers, somebody who speaks, and two clocks."""

    def __init__(self, agent: Agent, speech: np.ndarray) -> None:
        self.agent, self.limits = agent, agent.description.limits
        self.now, self.steady = 3600 * NS, NS
        self.inhibitors = agent.inhibitors
        self.controllers = ControllerGroups(agent.description)
        self.q = agent.description.rest_q.copy()
        self.is_present, self.is_blocked, self.goes_on, self.message_s = True, False, True, 0.02
        self.window: Window | None = None
        self.windows: list[tuple[int, Window]] = []
        self.leaps: list[float] = []  # of position and speed, as windows arrive [rad, rad/s]
        self.told: list[np.ndarray] = []  # positions commanded, a row a tick
        self.speeds: list[np.ndarray] = []
        self.rejected: list[str] = []
        self.poses: list[TimedPose] = []
        outputs = OutputFunctions(self._take, self.poses.append, lambda _: None, lambda _: None)
        self.runner = AgentRunner(agent, outputs, lambda: self.now, lambda: self.steady)
        self._speech, self._said = speech, SAMPLE_RATE // 2

    def _take(self, window: Window) -> bool:
        self.window = window
        self.windows.append((self.now, window))
        before = self.controllers.sample(self.now)
        self.rejected += self.controllers.perform(window.positions, window.velocities, window.stamp_ns, self.now)
        self.leaps.append(max(float(np.abs(a - b).max()) for a, b in zip(before, self.controllers.sample(self.now))))
        return True

    def run(self, seconds: float, *, speaks: bool = True, works: bool = True) -> int:
        """Let time pass, with or without the runner; returns the tick at which it began."""
        begin = len(self.told)
        for tick in range(begin, begin + round(seconds / 0.01)):
            self.steady += TICK
            self.now += TICK if self.goes_on else 0
            position, speed = self.controllers.sample(self.now)
            self.told.append(position)
            self.speeds.append(speed)
            if not self.is_blocked:
                self.q = self.q + (position - self.q) * (0.01 / SERVO_S)
            if tick % 2:
                continue
            if self.is_present:
                self.runner.observe_joints((self.q.copy(), self.now))
            if speaks and tick % round(self.message_s * 100) == 0:
                samples = np.take(self._speech, range(self._said, self._said + round(self.message_s * SAMPLE_RATE)),
                                  mode="wrap")
                self._said += len(samples)
                message = (samples * 32767).astype("<i2").tobytes()
                self.runner.push_audio(message, lambda message=message: (message, FORMAT), self.now)
            if works:
                self.runner.update()
        return begin

    def speed(self, begin: int, end: int | None = None) -> float:
        """The fastest that any joint was told to be [rad/s]."""
        return float(np.abs(self.speeds[begin:end]).max())

    def rests_after(self, begin: int) -> float:
        """How long after a tick the commands last moved [s]."""
        moving = np.flatnonzero(np.abs(self.speeds[begin:]).max(axis=1) > 1e-9)
        return (moving[-1] + 1) * 0.01 if len(moving) else 0.0

    def enter(self) -> None:
        """Until the robot is told to move, and for the half second in which that must be slow."""
        sent = len(self.windows)
        for _ in range(200):
            begin = self.run(0.02)
            if len(self.windows) > sent:
                break
        else:
            pytest.fail(f"not entered: {self.agent.state}, {self.agent.report()['holds']}")
        self.run(0.46)
        assert self.speed(begin) <= ENTRY

    def until_fast(self, speed: float = 0.6, meanwhile: Callable[[], None] = lambda: None) -> None:
        """Until the robot is in the middle of a stroke, with its entry behind it."""
        self.run(max(0.0, 2.0 - len(self.told) * 0.01))
        for _ in range(2000):
            meanwhile()
            self.run(0.02)
            if np.abs(self.speeds[-1]).max() > speed and self.agent.state is MotionState.ENGAGED:
                return
        pytest.fail("no stroke")

    def check_smooth(self, begin: int = 0) -> None:
        """Nothing commanded is beyond a limit."""
        told, speeds = np.array(self.told[begin:]), np.array(self.speeds[begin:])
        assert np.all((told >= self.limits.lower) & (told <= self.limits.upper))
        assert np.all(np.abs(speeds) <= self.limits.velocity * (1 + 1e-6))
        change = np.abs(np.diff(speeds, axis=0)) / 0.01
        assert np.all(change <= self.limits.acceleration * (1 + 1e-3)), "a jump of the command"
        assert np.all(np.abs(np.diff(told, axis=0)) <= self.limits.velocity * 0.01 * (1 + 1e-6))
        assert not self.rejected


@pytest.fixture(scope="module")
def pipeline() -> GesturePipeline:
    return GesturePipeline(PipelineConfig(device="cpu"))


@pytest.fixture
def world(pipeline: GesturePipeline, speech: np.ndarray) -> World:
    return World(Agent(AgentConfig(idle_timeout_s=4.0), pipeline=pipeline), speech)


def warnings(caplog: pytest.LogCaptureFixture, word: str) -> int:
    return sum(word in record.message for record in caplog.records if record.levelname == "WARNING")


# -- nothing is wrong ------------------------------------------------------------------------------------------------


def test_a_robot_that_follows_is_never_let_go(world: World) -> None:
    world.run(12.0)
    assert world.agent.state is MotionState.ENGAGED
    assert world.agent.report()["released"] == {}
    assert world.speed(0) > 0.6
    world.check_smooth()


# -- stop, lock, other wills -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("message_s", [0.02, 0.2])
def test_a_stop_begins_to_brake_within_100_ms_and_ends_in_rest(world: World, message_s: float) -> None:
    """Windows reach far ahead, farther for long messages; a stop replaces them."""
    world.message_s = message_s
    for _ in range(3):
        world.until_fast()
        promised = world.window
        assert promised is not None
        begin, stop_ns = len(world.told), world.now
        world.inhibitors.set("test", "stopped")
        world.runner.apply_inhibitors()
        world.run(1.5)
        assert world.rests_after(begin) <= STOP_S + BRAKE_S
        times = (stop_ns + TICK * np.arange(1, 151) - promised.stamp_ns) / NS * KNOT_RATE
        old = np.array([np.interp(times, np.arange(len(promised)), column) for column in promised.positions.T]).T
        left = np.flatnonzero(np.abs(np.array(world.told[begin:]) - old).max(axis=1) > 2e-3)
        assert len(left), "the robot did all that had been promised before the stop"
        full_s = (end_ns(promised) - stop_ns) / NS
        assert world.rests_after(begin) <= full_s, "sooner than it would have without"
        first = world.windows[-1][1]
        agreed = sum(np.abs(first.positions[k] - promised.positions[k]).max() < 1e-9
                     for k in range(min(len(first), len(promised.brakes))))
        braking_s = (promised.stamp_ns + agreed * NS / KNOT_RATE - stop_ns) / NS
        assert braking_s <= STOP_S
        world.inhibitors.set("test")
        world.runner.apply_inhibitors()
        world.enter()
        world.run(1.0)
    world.check_smooth()
    assert world.agent.report()["released"]["inhibited"] == 3


def test_a_stop_that_is_taken_back_at_once_still_stops_the_robot(world: World) -> None:
    """The robot follows the brake already: whatever the model had promised instead must not come after it."""
    world.until_fast()
    sent = len(world.windows)
    for reason in ("locked", "", "locked", ""):  # all between two updates
        world.inhibitors.set("test", reason)
        world.runner.apply_inhibitors()
    assert len(world.windows) == sent + 1, "one brake"
    world.enter()
    world.run(1.0)
    assert world.agent.report()["released"] == {"inhibited": 1}
    world.check_smooth()


def test_a_stop_does_not_wait_for_a_model_that_hangs(world: World) -> None:
    world.until_fast()
    has_begun, may_end = threading.Event(), threading.Event()
    update = world.agent.update

    def hang(now_ns):
        output = update(now_ns)
        if output.window is not None:
            has_begun.set()
            assert may_end.wait(30.0)
        return output

    world.agent.update = hang
    worker = threading.Thread(target=world.run, args=(0.2,))
    worker.start()
    try:
        assert has_begun.wait(30.0)
        sent = len(world.windows)
        world.inhibitors.set("test", "stopped")
        world.runner.apply_inhibitors()
        assert len(world.windows) == sent + 1, "the stop is out while the model is still at work"
    finally:
        may_end.set()
        worker.join()
        del world.agent.update
    begin = world.run(2.0)
    assert len(world.windows) == sent + 1, "what the model came up with afterwards is not sent"
    assert world.rests_after(begin) <= BRAKE_S
    assert world.agent.state is MotionState.INHIBITED
    world.check_smooth()


def test_a_lock_that_is_not_refreshed_locks(world: World) -> None:
    lock = TopicLock("/lock", timeout_s=0.5, steady_ns=lambda: world.steady)
    world.inhibitors.register("lock", lambda: lock.reason)
    world.run(1.0)
    assert world.agent.state is MotionState.INHIBITED, "never heard of: locked"
    for _ in range(40):
        lock.take(False)
        world.run(0.1)
    assert world.agent.state is MotionState.ENGAGED
    world.until_fast(meanwhile=lambda: lock.take(False))
    begin = world.run(2.0)
    assert world.agent.report()["inhibitors"] == "locked: /lock not received for more than 0.5 s"
    assert world.rests_after(begin) <= 0.5 + STOP_S + BRAKE_S
    lock.take(False)
    world.enter()
    world.check_smooth()


def test_a_robot_that_others_moved_meanwhile_is_entered_from_where_they_left_it(world: World) -> None:
    world.run(4.0)
    world.inhibitors.set("goal", "yielding")
    world.run(2.0)
    aim = world.q + 0.04
    world.controllers.perform(np.array([world.told[-1], aim]), np.zeros((2, len(aim))), world.now, world.now)
    world.run(1.5)
    world.inhibitors.set("goal")
    sent = len(world.windows)
    world.enter()
    np.testing.assert_allclose(world.windows[sent][1].positions[0], aim, atol=0.005)


def test_a_robot_that_somebody_is_moving_is_not_engaged(world: World) -> None:
    world.is_blocked = True  # not by our controllers
    for _ in range(150):
        world.q = world.q + 0.004
        world.run(0.02)
    assert world.agent.state is MotionState.WAITING_FOR_STANDSTILL
    assert not world.windows
    world.is_blocked = False
    world.run(2.0)
    assert world.agent.state is MotionState.ENGAGED


def test_the_robot_is_entered_from_what_its_controllers_command(world: World) -> None:
    """A servo that hangs 0.1 rad below its command: the command must not jump there."""
    reference = world.q + 0.1
    reference[3] = np.nan  # one controller does not say
    for _ in range(100):
        world.runner.observe_reference((reference, world.now))
        world.run(0.02)
        if world.windows:
            break
    expected = np.where(np.isfinite(reference), reference, world.windows[0][1].positions[0])
    np.testing.assert_allclose(world.windows[0][1].positions[0], expected, atol=1e-3)
    assert world.windows[0][1].positions[0][3] == pytest.approx(world.agent.description.rest_q[3], abs=1e-3)


def test_a_robot_that_is_not_where_its_controllers_hold_it_is_not_entered(world: World, caplog) -> None:
    """Its drives are off, say: moving the reference would end in a leap when they come on."""
    reference = world.q + 0.6
    for _ in range(200):
        world.runner.observe_reference((reference, world.now))
        world.run(0.02)
    assert not world.windows
    assert world.agent.state is MotionState.RETRY_DELAY, "left alone for a while, each time"
    assert warnings(caplog, "off the reference of its controller") == 1
    assert "tracking error" in world.agent.report()["fault"]
    for _ in range(300):
        world.runner.observe_reference((np.array(world.told[-1]), world.now))
        world.run(0.02)
    assert world.agent.state is MotionState.ENGAGED


# -- watchdogs -------------------------------------------------------------------------------------------------------


def test_stale_joint_states_stop_the_robot_are_told_once_and_it_comes_back_slowly(world: World, caplog) -> None:
    world.until_fast()
    world.is_present = False
    begin = world.run(2.0)
    assert world.agent.state is MotionState.WAITING_FOR_JOINT_STATES
    assert world.rests_after(begin) <= 0.5 + STOP_S + BRAKE_S
    assert warnings(caplog, "stale joint states") == 1
    assert "stale joint states" in world.agent.report()["fault"]
    world.is_present = True
    world.enter()
    assert world.agent.state is MotionState.ENGAGED
    assert world.agent.report()["fault"], "not over before the robot has performed well for a while"
    world.run(4.0)
    assert world.agent.report()["fault"] == ""
    world.check_smooth()


def test_a_robot_that_is_held_is_let_go_and_tried_again_slowly(world: World, caplog) -> None:
    world.until_fast()
    world.is_blocked = True
    begin = world.run(12.0)
    report = world.agent.report()
    assert "tracking error" in report["released"]
    assert warnings(caplog, "tracking error") == 1
    joint = str(report["fault"]).split()[2]
    assert joint in world.agent.description.joint_names
    tries = report["released"]["tracking error"]
    assert 1 <= tries <= 5, "left alone for two seconds each time"
    assert world.agent.engagement.released.keys() == {"tracking error"}
    for tick in range(begin, len(world.told)):
        assert np.isfinite(world.told[tick]).all()
    world.is_blocked = False
    world.run(8.0)
    assert world.agent.state is MotionState.ENGAGED
    assert world.agent.report()["fault"] == ""
    assert world.agent.report()["released"]["tracking error"] <= tries + 1


def test_nan_from_the_model_stops_the_robot_is_told_once_and_it_comes_back_slowly(world: World, caplog) -> None:
    world.until_fast()
    model = world.agent.pipeline.model
    push, poisoned = model.push, []

    def poison(chunk):
        poses = push(chunk)
        if len(poses) and len(poisoned) < 3:
            poisoned.append(True)
            return PoseChunk(poses.start_index, np.full_like(poses.values, np.nan))
        return poses

    model.push = poison
    try:
        begin = world.run(0.3)
        assert warnings(caplog, "model output not finite") == 1
        assert world.rests_after(begin) <= STOP_S + BRAKE_S
        begin = world.run(6.0)
    finally:
        del model.push
    assert len(poisoned) == 3
    assert warnings(caplog, "model output not finite") == 1, "the same trouble is told once"
    assert world.agent.state is MotionState.ENGAGED
    assert world.speed(begin) > 0.3
    world.run(4.0)
    assert world.agent.report()["fault"] == ""
    world.check_smooth()


def test_nan_joint_states_stop_the_robot_like_missing_ones(world: World) -> None:
    world.until_fast()
    world.is_present = False
    begin = len(world.told)
    for _ in range(100):
        world.runner.observe_joints((np.full(len(world.q), np.nan), world.now))
        world.run(0.02)
    assert world.agent.state is MotionState.WAITING_FOR_JOINT_STATES
    assert world.rests_after(begin) <= 0.5 + STOP_S + BRAKE_S


def test_inference_that_is_late_stops_the_robot_is_told_once_and_it_comes_back_slowly(world: World, caplog) -> None:
    world.until_fast()
    update = world.agent.update

    def late(now_ns):
        output = update(now_ns)
        world.now += NS // 10 if output.window is not None else 0  # the work took 100 ms
        world.steady += NS // 10 if output.window is not None else 0
        return output

    world.agent.update = late
    try:
        world.run(3.0)
    finally:
        del world.agent.update
    assert world.runner.stalls >= 1
    assert warnings(caplog, "late window") == 1
    assert "the machine is too busy" in world.agent.report()["fault"]
    world.enter()
    world.run(5.0)
    assert world.agent.state is MotionState.ENGAGED
    assert world.agent.report()["fault"] == ""
    assert not world.rejected


@pytest.mark.parametrize("work_s", [0.02, 0.055])
def test_a_machine_that_is_nearly_too_slow_never_makes_the_robot_leap(world: World, work_s: float) -> None:
    """A window that comes when the robot has begun to brake on the one before is not where the robot is any more."""
    update = world.agent.update

    def work(now_ns):
        output = update(now_ns)
        world.now += round(work_s * NS) if output.window is not None else 0
        world.steady += round(work_s * NS) if output.window is not None else 0
        return output

    for starved_s in (0.06, 0.1, 0.14, 0.18):
        world.until_fast(0.4)
        world.agent.update = work
        try:
            world.run(starved_s, works=False)
            world.run(0.06)
        finally:
            del world.agent.update
        world.run(1.0)
    assert max(world.leaps) < 1e-3, "the stream's clock slews a little, no more"
    assert not world.rejected


def test_a_brake_that_a_slow_machine_tells_late_is_told_from_where_the_robot_is_by_then(world: World) -> None:
    world.until_fast()
    update = world.agent.update

    def work(now_ns):
        output = update(now_ns)
        world.now += NS // 20 if output.window is not None else 0
        world.steady += NS // 20 if output.window is not None else 0
        return output

    world.agent.reset()
    sent = len(world.windows)
    world.agent.update = work
    try:
        world.run(0.02)
    finally:
        del world.agent.update
    assert len(world.windows) == sent + 1, "the brake"
    assert world.leaps[-1] < 1e-3
    at_ns, brake = world.windows[-1]
    moving = int(np.flatnonzero(brake.velocities.any(axis=1))[-1]) + 1
    assert brake.stamp_ns + moving * NS / KNOT_RATE - at_ns <= (STOP_S + BRAKE_S) * NS
    world.enter()
    np.testing.assert_allclose(world.windows[sent + 1][1].positions[0], brake.positions[-1], atol=1e-9)


@pytest.mark.parametrize("jump_s", [-3000.0, 2.0, 600.0])
def test_a_jump_of_ros_time_is_told_once_and_the_robot_is_entered_anew(world: World, caplog, jump_s: float) -> None:
    """The controllers live on the same clock: what they do in the jump is not ours to say; what follows is."""
    world.until_fast()
    world.now += round(jump_s * NS)
    sent = len(world.windows)
    world.run(0.9)
    assert len(world.windows) == sent, "nobody knows what the robot does: it is left alone"
    assert warnings(caplog, "the clock jumped") == 1
    assert f"ROS time jumped {'ahead' if jump_s > 0 else 'back'} by {abs(jump_s):.1f} s" in str(
        world.agent.report()["fault"])
    begin = len(world.told)
    world.enter()
    assert world.agent.state is MotionState.ENGAGED
    world.run(6.0)
    assert world.speed(begin) > 0.3
    world.check_smooth(begin)
    assert world.agent.report()["fault"] == ""


def test_a_pause_of_ros_time_is_told_once_and_the_robot_is_entered_anew(world: World, caplog) -> None:
    world.until_fast()
    begin = len(world.told)
    world.goes_on = False
    world.run(3.0)
    assert world.agent.report()["inhibitors"] == "ROS time stands still"
    assert warnings(caplog, "ROS time stands still") == 1
    paused = len(world.told)
    world.goes_on = True
    world.run(0.9)
    assert world.rests_after(paused) <= BRAKE_S, "it brakes when time goes on"
    world.enter()
    world.run(2.0)
    moving = [k for k in range(begin, len(world.told)) if not begin < k < paused]
    assert np.abs(np.diff(np.array(world.told)[moving], axis=0)).max() <= world.limits.velocity.max() * 0.011


# -- the voice -------------------------------------------------------------------------------------------------------


def test_a_voice_that_stops_in_mid_gesture_ends_the_gesture_as_a_pause_does(world: World) -> None:
    """Hands hang still 2.5 s after the last sound is heard, which is when the voice is delayed for its gestures."""
    groups = world.agent.description.groups
    arms = np.concatenate([world.agent.description.indices(groups[name]) for name in groups if "arm" in name])
    world.until_fast()
    stroke = np.array(world.told[-1])[arms]
    begin = world.run(8.0, speaks=False)
    still = begin + round((2.5 + world.agent.latency_s) * 100)
    assert np.abs(np.array(world.speeds[still:])[:, arms]).max() < 0.1
    hanging = np.array(world.told[still:])[:, arms]
    assert np.ptp(hanging, axis=0).max() < 0.05
    assert np.abs(hanging[-1] - stroke).max() > 0.3, "they were elsewhere"
    assert world.agent.report()["released"] == {"no audio": 1}
    assert world.agent.state is MotionState.WAITING_FOR_AUDIO
    assert world.agent.report()["fault"] == "", "nobody need worry when nobody speaks"
    world.check_smooth()


def test_a_new_utterance_begins_while_the_last_gesture_still_ends(world: World) -> None:
    world.until_fast()
    world.run(0.5, speaks=False)
    begin = world.run(4.0)
    assert world.agent.report()["released"] == {}, "no stop, no entry: one motion goes over into the next"
    assert world.speed(begin) > 0.6
    world.check_smooth()


def test_interrupting_a_synthesiser_that_was_faster_than_time_ends_what_waits(world: World, speech) -> None:
    message = (speech[SAMPLE_RATE // 2: SAMPLE_RATE * 20] * 32767).astype("<i2").tobytes()
    world.run(0.1, speaks=False)
    world.runner.push_audio(message, lambda: (message, FORMAT), world.now)
    world.run(5.0, speaks=False)
    assert world.agent.report()["audio"]["backlog_s"] > 10.0
    world.runner.interrupt()
    begin = world.run(4.0, speaks=False)
    assert world.agent.report()["audio"]["backlog_s"] == 0.0
    assert world.rests_after(begin) <= 3.5
    world.check_smooth()
