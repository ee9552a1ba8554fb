"""Watchdogs in counted time: what each detects, how the robot comes to rest, and how it is engaged again.

Each test removes what one watchdog checks. The commands must come to rest inside the limits, the fault is logged once,
and the robot is engaged again slowly.
"""

from __future__ import annotations

import numpy as np
import pytest

from speech_gesture_ros.agent.log_limit import LINES
from speech_gesture_ros.agent.motion_state import MotionState
from speech_gesture_ros.core.chunks import PoseChunk
from speech_gesture_ros.core.rates import KNOT_RATE, SAMPLE_RATE
from speech_gesture_ros.core.timebase import NS

SERVO_S = 0.08  # time constant of the servos
STOP_S = 0.1  # a stop begins to brake within this
MAX_BRAKE_S = 0.8


@pytest.fixture
def world(make_world):
    return make_world(servo_s=SERVO_S, idle_timeout_s=4.0)


def warnings(caplog: pytest.LogCaptureFixture, text: str) -> int:
    return sum(text in record.message for record in caplog.records if record.levelname == "WARNING")


@pytest.mark.slow
def test_a_robot_that_follows_is_never_released(world) -> None:
    world.speak(12.0)
    assert world.agent.state is MotionState.ENGAGED
    assert world.agent.report()["released"] == {}
    assert world.max_speed() > 0.6
    world.assert_within_limits()


# -- the robot -------------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_stale_joint_states_release_the_robot_until_they_return(world, caplog) -> None:
    world.speak_until_fast()
    world.has_joint_states = False
    begin = world.speak(2.0)
    assert world.agent.state is MotionState.WAITING_FOR_JOINT_STATES
    assert world.moves_for(begin) <= 0.5 + STOP_S + MAX_BRAKE_S
    assert warnings(caplog, "stale joint states") == 1
    assert "stale joint states" in world.agent.report()["fault"]
    world.has_joint_states = True
    world.speak_until_engaged()
    assert world.agent.state is MotionState.ENGAGED
    assert world.agent.report()["fault"], "not over before the robot has been engaged for a while"
    world.speak(4.0)
    assert world.agent.report()["fault"] == ""
    world.assert_within_limits()


def test_joint_states_that_are_not_finite_release_the_robot_like_missing_ones(world) -> None:
    world.speak_until_fast()
    world.has_joint_states = False
    begin = len(world.robot.commanded)
    for _ in range(100):
        world.runner.observe_joints((np.full(len(world.robot.q), np.nan), world.now))
        world.speak(0.02)
    assert world.agent.state is MotionState.WAITING_FOR_JOINT_STATES
    assert world.moves_for(begin) <= 0.5 + STOP_S + MAX_BRAKE_S


@pytest.mark.slow
def test_a_blocked_robot_is_released_and_engaged_again_after_two_seconds_each_time(world, caplog) -> None:
    world.speak_until_fast()
    world.robot.is_blocked = True
    begin = world.speak(12.0)
    report = world.agent.report()
    assert 1 <= warnings(caplog, "tracking error") <= LINES
    assert str(report["fault"]).split()[2] in world.description.joint_names
    releases = report["released"]["tracking error"]
    assert 1 <= releases <= 5
    assert world.agent.engagement.released.keys() == {"tracking error"}
    assert np.isfinite(world.robot.commanded[begin:]).all()
    world.robot.is_blocked = False
    world.speak(8.0)
    assert world.agent.state is MotionState.ENGAGED
    assert world.agent.report()["fault"] == ""
    assert world.agent.report()["released"]["tracking error"] <= releases + 1


# -- the model -------------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_nan_from_the_model_releases_the_robot_and_resets_the_model(world, caplog) -> None:
    world.speak_until_fast()
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
        begin = world.speak(0.3)
        assert warnings(caplog, "model output not finite") == 1
        assert world.moves_for(begin) <= STOP_S + MAX_BRAKE_S
        begin = world.speak(6.0)
    finally:
        del model.push
    assert len(poisoned) == 3
    assert warnings(caplog, "model output not finite") == 1, "three times the same fault"
    assert world.agent.state is MotionState.ENGAGED
    assert world.max_speed(begin) > 0.3
    world.speak(4.0)
    assert world.agent.report()["fault"] == ""
    world.assert_within_limits()


@pytest.mark.slow
def test_windows_that_are_late_are_not_sent_and_release_the_robot(world, caplog) -> None:
    world.speak_until_fast()
    with world.slow_updates(0.1):
        world.speak(3.0)
    assert world.runner.stalls >= 1
    assert 1 <= warnings(caplog, "late window") <= LINES, "each release of a few is logged with its cause"
    assert "the machine is too busy" in world.agent.report()["fault"]
    world.speak_until_engaged()
    world.speak(5.0)
    assert world.agent.state is MotionState.ENGAGED
    assert world.agent.report()["fault"] == ""
    assert not world.robot.rejected


@pytest.mark.slow
@pytest.mark.parametrize("compute_s", [0.02, 0.055])
def test_a_machine_that_is_nearly_too_slow_never_makes_the_command_jump(world, compute_s: float) -> None:
    """A window that arrives when the robot brakes on the one before does not begin where the robot is."""
    for starved_s in (0.06, 0.1, 0.14, 0.18):
        world.speak_until_fast(0.4)
        with world.slow_updates(compute_s):
            world.speak(starved_s, works=False)
            world.speak(0.06)
        world.speak(1.0)
    assert max(world.jumps) < 1e-3, "the clock of the stream slews a little, no more"
    assert not world.robot.rejected


def test_a_stop_window_that_a_slow_machine_sends_late_begins_where_the_robot_is_then(world) -> None:
    world.speak_until_fast()
    world.agent.reset()
    sent = len(world.windows)
    with world.slow_updates(0.05):
        world.speak(0.02)
    assert len(world.windows) == sent + 1, "the stop window"
    assert world.jumps[-1] < 1e-3
    at_ns, stop = world.windows[-1]
    moving = int(np.flatnonzero(stop.velocities.any(axis=1))[-1]) + 1
    assert stop.stamp_ns + moving * NS / KNOT_RATE - at_ns <= (STOP_S + MAX_BRAKE_S) * NS
    world.speak_until_engaged()
    np.testing.assert_allclose(world.windows[sent + 1][1].positions[0], stop.positions[-1], atol=1e-9)


@pytest.mark.slow
def test_a_process_that_is_stopped_just_before_it_publishes_sends_no_window_that_is_late(world) -> None:
    """The robot goes on along the window before, to rest, and a window planned before the stop would make it jump."""
    rng = np.random.default_rng(12)
    stalls = 0
    for _ in range(20):
        world.speak_until_fast(0.3)
        sent, world.send_ns = len(world.windows), round(rng.uniform(0.03, 0.6) * NS)
        world.speak(0.04)
        stalls += world.runner.stalls > 0
        world.send_ns, world.runner.stalls = 0, 0
        assert len(world.windows) <= sent + 2
        world.speak(1.5)
    assert stalls >= 15
    assert not world.robot.rejected
    assert max(world.jumps) < 1e-3


# -- the clock -------------------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("jump_s", [-3000.0, 2.0, 600.0])
def test_a_jump_of_ros_time_releases_the_robot_for_a_second(world, caplog, jump_s: float) -> None:
    """Controllers use the same clock: their command in the jump depends on them, the one afterwards on the node."""
    world.speak_until_fast()
    world.now += round(jump_s * NS)
    sent = len(world.windows)
    world.speak(0.9)
    assert len(world.windows) == sent, "the motion of the robot is unknown"
    assert warnings(caplog, "the clock jumped") == 1
    direction = "ahead" if jump_s > 0 else "back"
    assert f"ROS time jumped {direction} by {abs(jump_s):.1f} s" in str(world.agent.report()["fault"])
    begin = len(world.robot.commanded)
    world.speak_until_engaged()
    assert world.agent.state is MotionState.ENGAGED
    world.speak(6.0)
    assert world.max_speed(begin) > 0.3
    world.assert_within_limits(begin)
    assert world.agent.report()["fault"] == ""


@pytest.mark.slow
def test_a_pause_of_ros_time_inhibits_the_robot_until_it_continues(world, caplog) -> None:
    world.speak_until_fast()
    begin = len(world.robot.commanded)
    world.is_clock_running = False
    world.speak(3.0)
    assert world.agent.report()["inhibitors"] == "ROS time stands still"
    assert warnings(caplog, "ROS time stands still") == 1
    resumed = len(world.robot.commanded)
    world.is_clock_running = True
    world.speak(0.9)
    assert world.moves_for(resumed) <= MAX_BRAKE_S
    world.speak_until_engaged()
    world.speak(2.0)
    running = [*range(begin + 1), *range(resumed, len(world.robot.commanded))]
    steps = np.abs(np.diff(np.array(world.robot.commanded)[running], axis=0))
    assert steps.max() <= world.description.limits.velocity.max() * 0.011


# -- the audio -------------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_speech_that_stops_in_the_middle_of_a_gesture_ends_the_gesture_like_a_pause(world) -> None:
    """Hands hang still 2.5 s after the last sound is played, which is when the voice is delayed for its gestures."""
    groups = world.description.groups
    arms = np.concatenate([world.description.indices(groups[name]) for name in groups if "arm" in name])
    world.speak_until_fast()
    stroke = np.array(world.robot.commanded[-1])[arms]
    begin = world.run(8.0, audio=None)
    still = begin + round((2.5 + world.agent.latency_s) * 100)
    assert np.abs(np.array(world.robot.speeds[still:])[:, arms]).max() < 0.1
    hanging = np.array(world.robot.commanded[still:])[:, arms]
    assert np.ptp(hanging, axis=0).max() < 0.05
    assert np.abs(hanging[-1] - stroke).max() > 0.3
    assert world.agent.report()["released"] == {"no audio": 1}
    assert world.agent.state is MotionState.WAITING_FOR_AUDIO
    assert world.agent.report()["fault"] == "", "the end of the speech is no fault"
    world.assert_within_limits()


@pytest.mark.slow
def test_a_new_utterance_continues_the_motion_while_the_last_gesture_still_ends(world) -> None:
    world.speak_until_fast()
    world.run(0.5, audio=None)
    begin = world.speak(4.0)
    assert world.agent.report()["released"] == {}
    assert world.max_speed(begin) > 0.6
    world.assert_within_limits()


def test_interrupting_drops_the_audio_that_waits(world, speech) -> None:
    """A synthesiser has sent a whole sentence at once."""
    world.run(0.1, audio=None)
    world.push_audio(speech[SAMPLE_RATE // 2 : SAMPLE_RATE * 20])
    world.run(5.0, audio=None)
    assert world.agent.report()["audio"]["backlog_s"] > 10.0
    world.runner.interrupt()
    begin = world.run(4.0, audio=None)
    assert world.agent.report()["audio"]["backlog_s"] == 0.0
    assert world.moves_for(begin) <= 3.5
    world.assert_within_limits()
