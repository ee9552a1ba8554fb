"""Stopping by inhibitors, and engaging: when, from where, how slowly; in counted time."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from speech_gesture_ros.agent.inhibitors import TopicLock
from speech_gesture_ros.agent.motion_state import MotionState
from speech_gesture_ros.control.stopping import end_ns
from speech_gesture_ros.core.rates import KNOT_RATE
from speech_gesture_ros.core.timebase import NS

TICK_NS = NS // 100  # of the controllers
SERVO_S = 0.08  # time constant of the servos
STOP_S = 0.1  # a stop begins to brake within this
MAX_BRAKE_S = 0.8


@pytest.fixture
def world(make_world):
    return make_world(servo_s=SERVO_S, idle_timeout_s=4.0)


def set_inhibitor(world, reason: str) -> None:
    """Set or clear an inhibitor as a callback of the node does."""
    world.inhibitors.set("test", reason)
    world.runner.apply_inhibitors()


# -- stopping --------------------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("message_s", [0.02, 0.2])
def test_a_stop_begins_to_brake_within_100_ms_and_ends_at_rest(world, message_s: float) -> None:
    """Windows reach far ahead, farther for long messages; a stop window replaces them."""
    world.message_s = message_s
    for _ in range(3):
        world.speak_until_fast()
        replaced = world.windows[-1][1]
        begin, stop_ns = len(world.robot.commanded), world.now
        set_inhibitor(world, "stopped")
        world.speak(1.5)
        assert world.moves_for(begin) <= STOP_S + MAX_BRAKE_S
        times = (stop_ns + TICK_NS * np.arange(1, 151) - replaced.stamp_ns) / NS * KNOT_RATE
        old = np.array([np.interp(times, np.arange(len(replaced)), column) for column in replaced.positions.T]).T
        assert np.abs(np.array(world.robot.commanded[begin:]) - old).max() > 2e-3, "the window was not replaced"
        assert world.moves_for(begin) <= (end_ns(replaced) - stop_ns) / NS, "sooner than without a stop"
        stop = world.windows[-1][1]
        shared = sum(np.abs(stop.positions[k] - replaced.positions[k]).max() < 1e-9
                     for k in range(min(len(stop), len(replaced.brakes))))
        assert (replaced.stamp_ns + shared * NS / KNOT_RATE - stop_ns) / NS <= STOP_S
        set_inhibitor(world, "")
        world.speak_until_engaged()
        world.speak(1.0)
    world.assert_within_limits()
    assert world.agent.report()["released"]["inhibited"] == 3


@pytest.mark.slow
def test_a_stop_that_is_cleared_at_once_still_stops_the_robot(world) -> None:
    """The robot follows the stop window already: a window made before must not come after it."""
    world.speak_until_fast()
    sent = len(world.windows)
    for reason in ("locked", "", "locked", ""):  # all between two updates
        set_inhibitor(world, reason)
    assert len(world.windows) == sent + 1, "one stop window"
    world.speak_until_engaged()
    world.speak(1.0)
    assert world.agent.report()["released"] == {"inhibited": 1}
    world.assert_within_limits()


def test_a_stop_does_not_wait_for_a_model_that_hangs(world) -> None:
    world.speak_until_fast()
    has_begun, may_end = threading.Event(), threading.Event()
    update = world.agent.update

    def hang(now_ns):
        output = update(now_ns)
        if output.window is not None:
            has_begun.set()
            assert may_end.wait(30.0)
        return output

    world.agent.update = hang
    worker = threading.Thread(target=world.speak, args=(0.2,))
    worker.start()
    try:
        assert has_begun.wait(30.0)
        sent = len(world.windows)
        set_inhibitor(world, "stopped")
        assert len(world.windows) == sent + 1, "sent while the model is still computing"
    finally:
        may_end.set()
        worker.join()
        del world.agent.update
    begin = world.speak(2.0)
    assert len(world.windows) == sent + 1, "the window that the model makes afterwards is not sent"
    assert world.moves_for(begin) <= MAX_BRAKE_S
    assert world.agent.state is MotionState.INHIBITED
    world.assert_within_limits()


@pytest.mark.slow
def test_a_lock_that_is_not_refreshed_locks(world) -> None:
    lock = TopicLock("/lock", timeout_s=0.5, steady_ns=lambda: world.steady)
    world.inhibitors.register("lock", lambda: lock.reason)
    world.speak(1.0)
    assert world.agent.state is MotionState.INHIBITED, "never received: locked"
    for _ in range(40):
        lock.take(False)
        world.speak(0.1)
    assert world.agent.state is MotionState.ENGAGED
    world.speak_until_fast(meanwhile=lambda: lock.take(False))
    begin = world.speak(2.0)
    assert world.agent.report()["inhibitors"] == "locked: /lock not received for more than 0.5 s"
    assert world.moves_for(begin) <= 0.5 + STOP_S + MAX_BRAKE_S
    lock.take(False)
    world.speak_until_engaged()
    world.assert_within_limits()


# -- engaging --------------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_robot_that_was_moved_by_another_node_meanwhile_is_engaged_from_where_it_is(world) -> None:
    world.speak(4.0)
    world.inhibitors.set("goal", "yielding to an external goal")
    world.speak(2.0)
    goal = world.robot.q + 0.04
    world.robot.place(goal)
    world.speak(1.5)
    world.inhibitors.set("goal")
    sent = len(world.windows)
    world.speak_until_engaged()
    np.testing.assert_allclose(world.windows[sent][1].positions[0], goal, atol=0.005)


def test_a_robot_in_motion_is_not_engaged(world) -> None:
    world.robot.is_blocked = True  # the controllers do not move it
    for _ in range(150):
        world.robot.q = world.robot.q + 0.004
        world.speak(0.02)
    assert world.agent.state is MotionState.WAITING_FOR_STANDSTILL
    assert not world.windows
    world.robot.is_blocked = False
    world.speak(2.0)
    assert world.agent.state is MotionState.ENGAGED


def test_the_robot_is_engaged_from_the_reference_of_its_controllers(world) -> None:
    """A servo that hangs 0.1 rad below its command: the command must not jump there."""
    reference = world.robot.q + 0.1
    reference[3] = np.nan  # one controller reports none
    for _ in range(100):
        world.runner.observe_reference((reference, world.now))
        world.speak(0.02)
        if world.windows:
            break
    first = world.windows[0][1].positions[0]
    np.testing.assert_allclose(first, np.where(np.isfinite(reference), reference, first), atol=1e-3)
    assert first[3] == pytest.approx(world.description.rest_q[3], abs=1e-3)


@pytest.mark.slow
def test_a_robot_that_is_off_the_reference_of_its_controllers_is_not_engaged(world, caplog) -> None:
    """Its drives are off: moving the reference would end in a jump when they are switched on."""
    reference = world.robot.q + 0.6
    for _ in range(200):
        world.runner.observe_reference((reference, world.now))
        world.speak(0.02)
    assert not world.windows
    assert world.agent.state is MotionState.RETRY_DELAY
    assert 1 <= caplog.text.count("off the reference of its controller") <= 3, "the limit of lines that repeat"
    assert "tracking error" in world.agent.report()["fault"]
    for _ in range(300):
        world.runner.observe_reference((np.array(world.robot.commanded[-1]), world.now))
        world.speak(0.02)
    assert world.agent.state is MotionState.ENGAGED
