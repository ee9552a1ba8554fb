"""The state machine of the motion: every row of its table, with an engagement in counted time; and its document."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from speech_gesture_ros.agent.agent_config import AgentConfig
from speech_gesture_ros.agent.engagement import RESTART_NS, SETTLE_NS, Engagement
from speech_gesture_ros.agent.inhibitors import MotionInhibitors
from speech_gesture_ros.agent.log_limit import LINES, PERIOD_NS
from speech_gesture_ros.agent.motion_state import (
    FAULTS,
    RESTARTS,
    TRANSITIONS,
    MotionEvent,
    MotionState,
    MotionStateMachine,
)
from speech_gesture_ros.core.rates import KNOT_RATE
from speech_gesture_ros.core.timebase import NS
from speech_gesture_ros.core.window import Window

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "state_machine.md"
ROWS = [(state, event, next_state) for state, rows in TRANSITIONS.items() for event, next_state in rows.items()]
STEP_NS = NS // 50


class Situation:
    """An engagement and everything that its events depend on."""

    def __init__(self, description) -> None:
        self.now, self.q = 3600 * NS, description.rest_q.copy()
        self.inhibitors = MotionInhibitors()
        self.engagement = Engagement(description, AgentConfig(), self.inhibitors)
        self.has_audio, self.has_joint_states, self.is_moving, self.is_latency_raised = True, True, False, False

    def step(self) -> np.ndarray | None:
        """Let 20 ms pass; returns the position to engage from, if the robot is engaged."""
        self.now += STEP_NS
        self.q = self.q + (0.01 if self.is_moving else 0.0)
        if self.has_joint_states:
            self.engagement.robot.observe(self.q, self.now)
        return self.engagement.advance(self.now, is_audio_running=self.has_audio,
                                       is_latency_raised=self.is_latency_raised)

    def until(self, state: MotionState) -> None:
        """Let time pass until the engagement is in a state, 10 s at most."""
        for _ in range(500):
            if self.engagement.state is state:
                return
            self.step()
        pytest.fail(f"never {state.value}, but {self.engagement.state.value}")

    def start(self) -> np.ndarray:
        """Let time pass until the robot is engaged, 10 s at most; returns the position to engage from."""
        for _ in range(500):
            position = self.step()
            if position is not None:
                return position
        pytest.fail(f"never engaged, but {self.engagement.state.value}")

    def reach(self, state: MotionState) -> None:
        """Bring the engagement into a state, from its beginning."""
        self.inhibitors.set("test", "stopped" if state is MotionState.INHIBITED else "")
        self.has_audio = state is not MotionState.WAITING_FOR_AUDIO
        self.has_joint_states = state is not MotionState.WAITING_FOR_JOINT_STATES
        self.is_moving = state is MotionState.WAITING_FOR_STANDSTILL
        for _ in range(15):
            self.step()
        if state is MotionState.BRAKING:
            self.send_window()
            self.engagement.fire(MotionEvent.RESET)
        if state is MotionState.RETRY_DELAY:
            self.engagement.fire(MotionEvent.CLOCK_JUMPED, "", self.now)
        assert self.engagement.state is state

    def send_window(self, seconds: float = 0.5) -> None:
        """Let the robot follow a window that keeps it where it is."""
        assert self.engagement.accept(self.window(seconds)) is None

    def window(self, seconds: float) -> Window:
        """Return a window that keeps the robot where it is."""
        knots = np.repeat(self.q[None], round(seconds * KNOT_RATE), axis=0)
        return Window(0, self.now, knots, np.zeros_like(knots))

    def cause(self, event: MotionEvent) -> None:
        """Make an event happen, by what makes it happen."""
        if event is MotionEvent.INHIBITOR_SET:
            self.inhibitors.set("test", "stopped")
        elif event is MotionEvent.INHIBITORS_CLEARED:
            self.inhibitors.set("test")
        elif event in (MotionEvent.AUDIO_STARTED, MotionEvent.AUDIO_ENDED):
            self.has_audio = event is MotionEvent.AUDIO_STARTED
        elif event in (MotionEvent.JOINT_STATES_FRESH, MotionEvent.JOINT_STATES_STALE):
            self.has_joint_states = event is MotionEvent.JOINT_STATES_FRESH
        elif event is MotionEvent.STANDSTILL:
            self.is_moving = False
        elif event is MotionEvent.OFF_REFERENCE:
            self.is_moving = False
            self.engagement.robot.observe_reference(self.q + 0.5, self.now + NS)
        elif event is MotionEvent.TRACKING_ERROR:
            self.q = self.q + 0.5
        elif event is MotionEvent.LATENCY_RAISED:
            self.is_latency_raised = True
        elif event is MotionEvent.LATE_WINDOW:
            self.engagement.withdraw("0.10 s of work")
        elif event not in (MotionEvent.AT_REST, MotionEvent.RETRY_DUE):  # these come with time
            self.engagement.fire(event, "", self.now)


@pytest.fixture
def situation(pipeline) -> Situation:
    return Situation(pipeline.description)


@pytest.mark.parametrize(("state", "event", "next_state"), ROWS,
                         ids=lambda value: value.name.lower() if hasattr(value, "name") else str(value))
def test_every_row_is_followed(situation, caplog, state, event, next_state) -> None:
    situation.reach(state)
    caplog.clear()
    caplog.set_level("DEBUG", "speech_gesture_ros.agent.engagement")
    situation.cause(event)

    def transitions() -> list[str]:
        return [record.getMessage() for record in caplog.records if record.message.startswith("motion: ")]

    for _ in range(150):
        if transitions():
            break
        situation.step()
    assert transitions()[0] == f"motion: {state.value}, {event.value}: {next_state.value}"


def test_an_event_without_a_row_is_ignored() -> None:
    for state, rows in TRANSITIONS.items():
        for event in set(MotionEvent) - set(rows):
            machine = MotionStateMachine()
            machine.state = state
            assert not machine.fire(event)
            assert machine.state is state


def test_the_first_condition_of_the_table_wins() -> None:
    machine = MotionStateMachine()
    machine.state = MotionState.ENGAGED
    assert machine.advance(lambda event: event in (MotionEvent.AUDIO_ENDED, MotionEvent.JOINT_STATES_STALE)) is (
        MotionEvent.JOINT_STATES_STALE)


def test_a_fault_is_over_after_three_seconds(situation) -> None:
    situation.reach(MotionState.ENGAGED)
    for _ in range(2):
        situation.cause(MotionEvent.WINDOW_REFUSED)
        assert situation.engagement.fault == "window refused by the gate"
        for _ in range(20):
            situation.step()
        assert situation.engagement.is_engaged
    for _ in range(155):
        situation.step()
    assert situation.engagement.fault == ""
    assert situation.engagement.released == {"window refused by the gate": 2}


def test_each_release_by_a_fault_is_logged_with_its_cause_and_frequent_ones_are_counted(situation, caplog) -> None:
    caplog.set_level("INFO", "speech_gesture_ros.agent")
    situation.reach(MotionState.ENGAGED)
    caplog.clear()
    for _ in range(10):
        situation.cause(MotionEvent.WINDOW_REFUSED)
        situation.until(MotionState.ENGAGED)
    released = ("robot released: window refused by the gate; it brakes to rest and is engaged again slowly",
                "engaged: slow entry from the present position")
    assert [record.getMessage() for record in caplog.records] == [*released] * LINES
    caplog.clear()
    situation.now += PERIOD_NS
    situation.step()
    situation.until(MotionState.ENGAGED)
    caplog.clear()
    situation.cause(MotionEvent.WINDOW_REFUSED)
    assert [record.getMessage() for record in caplog.records] == [
        released[0].replace(";", f" ({10 - LINES} more since the last line);", 1)]


def test_a_robot_that_is_off_its_reference_is_tried_again_after_two_seconds(situation) -> None:
    situation.reach(MotionState.WAITING_FOR_STANDSTILL)
    situation.cause(MotionEvent.OFF_REFERENCE)
    situation.until(MotionState.RETRY_DELAY)
    begin = situation.now
    assert "off the reference of its controller" in situation.engagement.fault
    situation.engagement.robot.observe_reference(situation.q, situation.now + 3 * NS)
    situation.until(MotionState.ENGAGED)
    assert situation.now - begin == pytest.approx(2 * NS, abs=STEP_NS)


# -- windows ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("event", "is_due"), [(MotionEvent.RESET, True), (MotionEvent.WINDOW_REFUSED, True),
                                               (MotionEvent.LATE_WINDOW, False)])
def test_a_release_makes_one_stop_window_unless_the_last_window_brakes(situation, event, is_due) -> None:
    situation.reach(MotionState.ENGAGED)
    situation.send_window()
    situation.send_window()
    situation.cause(event)
    assert (situation.engagement.take_stop_window(situation.now) is not None) == is_due
    assert situation.engagement.take_stop_window(situation.now) is None


def test_the_robot_brakes_until_the_window_before_a_withdrawn_one_is_over(situation) -> None:
    situation.reach(MotionState.ENGAGED)
    situation.send_window(0.4)
    situation.send_window(2.0)
    begin = situation.now
    situation.cause(MotionEvent.LATE_WINDOW)
    situation.until(MotionState.ENGAGED)
    assert situation.now - begin == pytest.approx(0.38 * NS + SETTLE_NS, abs=STEP_NS)


def test_the_robot_brakes_until_the_stop_window_that_was_sent_is_over(situation) -> None:
    situation.reach(MotionState.ENGAGED)
    situation.send_window(2.0)
    begin = situation.now
    situation.engagement.confirm_stop(situation.window(0.4))
    assert situation.engagement.state is MotionState.BRAKING
    situation.until(MotionState.ENGAGED)
    assert situation.now - begin == pytest.approx(0.38 * NS + SETTLE_NS, abs=STEP_NS)


@pytest.mark.parametrize("is_followed", [True, False])
def test_the_position_commanded_last_counts_only_if_the_robot_followed_to_it(situation, is_followed) -> None:
    situation.reach(MotionState.ENGAGED)
    situation.send_window()
    commanded = situation.q
    situation.engagement.confirm_stop(situation.window(0.4), is_followed=is_followed)
    situation.q = commanded + 0.01  # the error of its servos
    start = situation.start()
    np.testing.assert_array_equal(start, commanded if is_followed else situation.q)


def test_the_position_commanded_last_is_the_last_of_its_window(situation) -> None:
    situation.reach(MotionState.ENGAGED)
    window = situation.window(0.5)
    window.positions[-1] += 1e-5
    assert situation.engagement.accept(window) is None
    situation.has_audio = False
    situation.until(MotionState.BRAKING)
    situation.has_audio = True
    np.testing.assert_array_equal(situation.start(), window.positions[-1])


@pytest.mark.parametrize("is_partly_sent", [True, False])
def test_after_a_window_for_a_part_of_the_robot_the_measured_position_counts(situation, is_partly_sent) -> None:
    situation.reach(MotionState.ENGAGED)
    situation.send_window()
    situation.send_window()
    commanded = situation.q
    situation.engagement.withdraw("too late", is_partly_sent=is_partly_sent)
    situation.q = commanded + 0.01  # the error of its servos
    np.testing.assert_array_equal(situation.start(), situation.q if is_partly_sent else commanded)


def test_a_robot_that_was_moved_while_it_was_not_engaged_follows_windows_from_where_it_is(situation) -> None:
    situation.reach(MotionState.ENGAGED)
    situation.send_window()
    situation.cause(MotionEvent.RESET)
    situation.q = situation.q + 0.1
    situation.start()
    situation.send_window()


def test_a_stop_that_was_sent_already_is_not_sent_again(situation) -> None:
    situation.reach(MotionState.ENGAGED)
    situation.send_window(2.0)
    situation.engagement.confirm_stop(situation.window(0.4))
    assert situation.engagement.take_stop_window(situation.now) is None


def test_after_stale_joint_states_the_measured_position_counts(situation) -> None:
    situation.reach(MotionState.ENGAGED)
    situation.send_window(2.0)
    situation.cause(MotionEvent.JOINT_STATES_STALE)
    situation.until(MotionState.BRAKING)
    situation.has_joint_states, situation.q = True, situation.q + 0.01
    np.testing.assert_array_equal(situation.start(), situation.q)


def test_a_restart_forgets_the_windows(situation) -> None:
    situation.reach(MotionState.ENGAGED)
    situation.send_window(5.0)
    begin = situation.now
    situation.cause(MotionEvent.CLOCK_JUMPED)
    assert situation.engagement.take_stop_window(situation.now) is None
    situation.until(MotionState.ENGAGED)
    assert situation.now - begin == pytest.approx(RESTART_NS, abs=STEP_NS)


def test_after_a_restart_the_measured_position_counts(situation) -> None:
    situation.reach(MotionState.ENGAGED)
    situation.send_window()
    situation.cause(MotionEvent.CLOCK_JUMPED)
    situation.q = situation.q + 0.01
    np.testing.assert_array_equal(situation.start(), situation.q)


def test_once_engaged_again_a_robot_that_was_displaced_is_as_any_other(situation) -> None:
    situation.reach(MotionState.ENGAGED)
    situation.send_window(2.0)
    situation.cause(MotionEvent.JOINT_STATES_STALE)
    situation.until(MotionState.BRAKING)
    situation.has_joint_states = True
    situation.until(MotionState.ENGAGED)
    situation.send_window()
    commanded = situation.q
    situation.cause(MotionEvent.RESET)
    situation.q = commanded + 0.01  # the error of its servos
    np.testing.assert_array_equal(situation.start(), commanded)


def test_a_robot_that_is_not_engaged_is_not_compared_with_its_commands(situation) -> None:
    situation.reach(MotionState.ENGAGED)
    situation.send_window(2.0)
    situation.cause(MotionEvent.RESET)
    situation.q = situation.q + 0.5
    for _ in range(50):
        situation.step()
    assert situation.engagement.state is MotionState.BRAKING
    assert situation.engagement.robot.deviation is None


def test_each_inhibitor_and_each_engagement_is_logged_once(situation, caplog) -> None:
    caplog.set_level("INFO", "speech_gesture_ros.agent.engagement")
    situation.inhibitors.set("a", "locked")
    situation.step()
    situation.inhibitors.set("b", "stopped")
    for _ in range(3):
        situation.step()
    situation.inhibitors.set("a")
    situation.inhibitors.set("b")
    situation.until(MotionState.ENGAGED)
    assert [record.getMessage() for record in caplog.records] == [
        "inhibited: locked", "inhibited: stopped", "no longer inhibited",
        "engaged: slow entry from the present position"]
    caplog.clear()
    situation.cause(MotionEvent.RESET)
    assert [record.getMessage() for record in caplog.records] == [
        "robot released: reset on request; it brakes to rest"]


# -- the document ----------------------------------------------------------------------------------------------------


def table(heading: str) -> list[list[str]]:
    """Rows of the first table under a heading of the document, without markup."""
    text = DOCUMENT.read_text(encoding="utf-8").split(f"## {heading}\n")[1]
    rows = re.findall(r"^\|(.+)\|$", text.split("\n## ")[0], re.MULTILINE)
    return [[cell.strip().strip("`") for cell in row.split(" | ")] for row in rows[2:]]


def test_the_document_lists_the_states_with_their_texts() -> None:
    assert [row[:2] for row in table("States")] == [[state.name, state.value] for state in MotionState]


def test_the_document_lists_the_events_with_their_texts_and_kinds() -> None:
    signals = {MotionEvent.LATE_WINDOW, MotionEvent.WINDOW_REFUSED, MotionEvent.MODEL_NOT_FINITE, MotionEvent.RESET,
               *RESTARTS}
    assert [row[:3] for row in table("Events")] == [
        [event.name, event.value, ("signal" if event in signals else "condition") + ", fault" * (event in FAULTS)]
        for event in MotionEvent]


def test_the_document_lists_the_transitions_in_their_order() -> None:
    rows = []
    for state, event, next_state in table("Transitions"):
        if state != "any":
            rows.append((state, event, next_state))
    documented = {state.name: [(event, next_state) for name, event, next_state in rows if name == state.name]
                  + [(event, next_state) for name, event, next_state in table("Transitions") if name == "any"]
                  for state in MotionState}
    assert documented == {state.name: [(event.name, next_state.name) for event, next_state in rows.items()]
                          for state, rows in TRANSITIONS.items()}
