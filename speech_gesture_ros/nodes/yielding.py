"""Service ~/yield: another node asks for the controllers before it sends them a goal.

    ~/yield ──► a motion inhibitor ──► brake ──► every window that was sent is over ──► the answer
                                                                                          │
    moves again ◄── no external goal within `GOAL_TIMEOUT_S`, or the goals have ended ◄───┘

Without it, a window in transit when a goal is accepted replaces the goal, which the controller then reports as reached.
A window that is over is refused by the controller, whenever it arrives. The goal itself inhibits motion, too.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Generator
from typing import Any

from rclpy.callback_groups import ReentrantCallbackGroup
from rclpy.clock import Clock, ClockType
from std_srvs.srv import Trigger

from speech_gesture_ros.agent.inhibitors import MotionInhibitors
from speech_gesture_ros.core.timebase import NS
from speech_gesture_ros.nodes.external_goals import EXTERNAL_GOAL_INHIBITOR

log = logging.getLogger(__name__)

YIELD_INHIBITOR, YIELD_REASON = "~/yield", "yielding on request (~/yield)"
GOAL_TIMEOUT_S = 5.0  # from the answer until a goal is accepted
REST_TIMEOUT_S = 3.0  # from the request until the answer
POLL_PERIOD_S = 0.02
TURN_S = 0.002  # of each turn: the executor has no other wait while a request is not answered


class _OtherCallbacks:
    """Awaited to let the executor call what else is due, once."""

    def __await__(self) -> Generator[None, None, None]:
        yield


class YieldService:
    """The service.

    Args:
        node: The node.
        inhibitors: Registry of motion inhibitors.
        apply_inhibitors: Called after each change; stops the robot, if necessary, before it returns.
        is_at_rest: Returns True if every window that was sent is over.
        steady_ns: Clock that is never set [ns].
    """

    def __init__(self, node: Any, inhibitors: MotionInhibitors, apply_inhibitors: Callable[[], None],
                 is_at_rest: Callable[[], bool], steady_ns: Callable[[], int]) -> None:
        self._node, self._inhibitors, self._apply_inhibitors = node, inhibitors, apply_inhibitors
        self._is_at_rest, self._steady_ns = is_at_rest, steady_ns
        self._waiting = 0  # requests that are not answered
        self._answered_ns = 0  # steady time of the last answer
        self._timer: Any = None
        # A group of its own: in the node's group, no other callback would run until the answer.
        self._service = node.create_service(Trigger, "~/yield", self._serve, callback_group=ReentrantCallbackGroup())

    def close(self) -> None:
        """End the yield, and destroy the service."""
        self._end()
        self._node.destroy_service(self._service)

    async def _serve(self, request: Trigger.Request, response: Trigger.Response) -> Trigger.Response:
        del request
        begin_ns = self._steady_ns()
        self._inhibitors.set(YIELD_INHIBITOR, YIELD_REASON)
        self._apply_inhibitors()
        self._waiting += 1
        while not self._is_at_rest() and self._steady_ns() - begin_ns < REST_TIMEOUT_S * NS:
            time.sleep(TURN_S)
            await _OtherCallbacks()
        self._waiting -= 1
        self._answered_ns = self._steady_ns()
        if self._timer is None:
            self._timer = self._node.create_timer(POLL_PERIOD_S, self._poll,
                                                  clock=Clock(clock_type=ClockType.STEADY_TIME))
        response.success = self._is_at_rest()
        response.message = (f"at rest, send your goal within {GOAL_TIMEOUT_S:g} s" if response.success else
                            f"not at rest after {REST_TIMEOUT_S:g} s: call again")
        return response

    def _poll(self) -> None:
        if self._waiting:
            return
        if self._inhibitors.reason(EXTERNAL_GOAL_INHIBITOR):
            self._end()  # the goal inhibits motion from now on
        elif self._steady_ns() - self._answered_ns > GOAL_TIMEOUT_S * NS:
            log.info("no goal within %g s of ~/yield: the robot moves again", GOAL_TIMEOUT_S)
            self._end()

    def _end(self) -> None:
        self._inhibitors.set(YIELD_INHIBITOR)
        self._apply_inhibitors()
        if self._timer is not None:
            self._node.destroy_timer(self._timer)
            self._timer = None
