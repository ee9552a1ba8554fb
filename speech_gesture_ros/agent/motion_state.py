"""State machine of the robot's motion: states, events and the transition table, which docs/state_machine.md explains.

    INHIBITED ─► WAITING_FOR_AUDIO ─► WAITING_FOR_JOINT_STATES ─► WAITING_FOR_STANDSTILL ─► ENGAGED
        ▲                                                                                      │
        └────────────────── RETRY_DELAY ◄──────────────── BRAKING ◄────────────────────────────┘

Only `ENGAGED` lets new motion out. Most events are conditions, checked at every update in the order of the table; the
others happen once and are passed to `MotionStateMachine.fire`. An event without a row in the present state is ignored.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Mapping


class MotionState(enum.Enum):
    """State of the robot's motion; the value is its text in logs and diagnostics."""

    INHIBITED = "inhibited"
    WAITING_FOR_AUDIO = "waiting for audio"
    WAITING_FOR_JOINT_STATES = "waiting for joint states"
    WAITING_FOR_STANDSTILL = "waiting until the robot stands still"
    ENGAGED = "engaged"
    BRAKING = "braking to rest"
    RETRY_DELAY = "waiting before engaging again"


class MotionEvent(enum.Enum):
    """Event of the state machine; the value is its text in logs and diagnostics."""

    INHIBITOR_SET = "inhibited"
    INHIBITORS_CLEARED = "no inhibitor"
    AUDIO_STARTED = "audio"
    AUDIO_ENDED = "no audio"
    JOINT_STATES_FRESH = "joint states"
    JOINT_STATES_STALE = "stale joint states"
    STANDSTILL = "standstill"
    OFF_REFERENCE = "off the controllers' reference"
    TRACKING_ERROR = "tracking error"
    LATENCY_RAISED = "more lead is needed"
    AT_REST = "at rest"
    RETRY_DUE = "retry due"
    LATE_WINDOW = "late window"
    WINDOW_REFUSED = "window refused by the gate"
    MODEL_NOT_FINITE = "model output not finite"
    RESET = "reset on request"
    CLOCK_JUMPED = "the clock jumped"
    CLOCK_RESUMED = "the clock stood still"
    DRY_RUN_BEGAN = "dry run"
    DRY_RUN_ENDED = "end of the dry run"


_S, _E = MotionState, MotionEvent

# Sent windows lose their meaning: the motion of the robot is unknown, so nothing is sent until it has surely stopped.
RESTARTS = (_E.CLOCK_JUMPED, _E.CLOCK_RESUMED, _E.DRY_RUN_BEGAN, _E.DRY_RUN_ENDED)
_RESTARTS = dict.fromkeys(RESTARTS, _S.RETRY_DELAY)

TRANSITIONS: Mapping[MotionState, Mapping[MotionEvent, MotionState]] = {
    _S.INHIBITED: {
        _E.INHIBITORS_CLEARED: _S.WAITING_FOR_AUDIO,
        **_RESTARTS,
    },
    _S.WAITING_FOR_AUDIO: {
        _E.INHIBITOR_SET: _S.INHIBITED,
        _E.AUDIO_STARTED: _S.WAITING_FOR_JOINT_STATES,
        **_RESTARTS,
    },
    _S.WAITING_FOR_JOINT_STATES: {
        _E.INHIBITOR_SET: _S.INHIBITED,
        _E.AUDIO_ENDED: _S.WAITING_FOR_AUDIO,
        _E.JOINT_STATES_FRESH: _S.WAITING_FOR_STANDSTILL,
        **_RESTARTS,
    },
    _S.WAITING_FOR_STANDSTILL: {
        _E.INHIBITOR_SET: _S.INHIBITED,
        _E.AUDIO_ENDED: _S.WAITING_FOR_AUDIO,
        _E.JOINT_STATES_STALE: _S.WAITING_FOR_JOINT_STATES,
        _E.OFF_REFERENCE: _S.RETRY_DELAY,
        _E.STANDSTILL: _S.ENGAGED,
        **_RESTARTS,
    },
    _S.ENGAGED: {
        _E.INHIBITOR_SET: _S.BRAKING,
        _E.JOINT_STATES_STALE: _S.BRAKING,
        _E.TRACKING_ERROR: _S.BRAKING,
        _E.LATENCY_RAISED: _S.BRAKING,
        _E.AUDIO_ENDED: _S.BRAKING,
        _E.LATE_WINDOW: _S.BRAKING,
        _E.WINDOW_REFUSED: _S.BRAKING,
        _E.MODEL_NOT_FINITE: _S.BRAKING,
        _E.RESET: _S.BRAKING,
        **_RESTARTS,
    },
    _S.BRAKING: {
        _E.AT_REST: _S.RETRY_DELAY,
        **_RESTARTS,
    },
    _S.RETRY_DELAY: {
        _E.RETRY_DUE: _S.INHIBITED,
        **_RESTARTS,
    },
}

FAULTS = frozenset({_E.JOINT_STATES_STALE, _E.OFF_REFERENCE, _E.TRACKING_ERROR, _E.LATE_WINDOW, _E.WINDOW_REFUSED,
                    _E.MODEL_NOT_FINITE, _E.CLOCK_JUMPED, _E.CLOCK_RESUMED})  # faults if they end or prevent ENGAGED


class MotionStateMachine:
    """Present state of the motion.

    Attributes:
        state: The state, `INHIBITED` at first.

    Example:
        >>> machine = MotionStateMachine()
        >>> machine.fire(MotionEvent.AUDIO_STARTED)  # no row: ignored
        False
        >>> machine.advance(lambda event: event is MotionEvent.INHIBITORS_CLEARED)
        <MotionEvent.INHIBITORS_CLEARED: 'no inhibitor'>
        >>> machine.state
        <MotionState.WAITING_FOR_AUDIO: 'waiting for audio'>
    """

    def __init__(self) -> None:
        self.state = MotionState.INHIBITED

    def fire(self, event: MotionEvent) -> bool:
        """Follow the row of an event; returns False if the present state has none."""
        next_state = TRANSITIONS[self.state].get(event)
        self.state = next_state or self.state
        return next_state is not None

    def advance(self, is_met: Callable[[MotionEvent], bool]) -> MotionEvent | None:
        """Follow the first row of the present state whose condition is met; returns its event, None if none is."""
        event = next((event for event in TRANSITIONS[self.state] if is_met(event)), None)
        if event is not None:
            self.fire(event)
        return event
