"""Whether the robot is ours to move: from when, from where, and what makes us let it go.

    free ──fresh joint states, standing still, nothing holds it──► engaged ──a fault, a hold──► braking to rest ──► free
                                                              enters slowly                  a window that stops it

A *hold* is somebody's will (stopped, locked, another's motion): it lasts until it is taken back. A *fault* is what a
watchdog found; it is told once, stays `trouble` until the robot has performed well again for a while, and the robot is
entered anew as soon as it is over.
"""

from __future__ import annotations

import logging
from collections import Counter

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.agent.agent_config import AgentConfig
from speech_gesture_ros.control.gate import validate_window
from speech_gesture_ros.control.stopping import end_ns, stop_window
from speech_gesture_ros.control.tracking_monitor import Deviation, TrackingMonitor
from speech_gesture_ros.control.watchdog import Watchdog
from speech_gesture_ros.core.timebase import NS
from speech_gesture_ros.core.window import Window
from speech_gesture_ros.robot.description import RobotDescription

log = logging.getLogger(__name__)

Array = npt.NDArray[np.float64]

ASTRAY = "tracking error"
JOINT_STATES = "joint states"  # the input the watchdog guards
SETTLE_NS = NS // 10  # how long a robot is given to come to rest after its last knot
STILL_NS = NS // 5  # a robot that has moved by less than STILL for so long stands still
STILL = 0.02  # [rad]
NEAR = 0.05  # [rad] a robot this close to what it was told last stands there, but for its servos' error
ANEW_NS = NS  # after a jump of the clock nobody knows what the robot does: longer than any brake
RETRY_NS = 2 * NS  # how long a robot that did not follow is left alone
TRUST_NS = 3 * NS  # performing for so long ends a trouble
NO_TROUBLE = ("held", "no audio", "reset on request", "longer audio messages need more lead", "dry run",
              "end of the dry run")


class Engagement:
    """Keeps watch over one robot. One object, used by one thread.

    Args:
        description: The robot.
        config: Timeouts and tolerances.

    Attributes:
        is_engaged: Whether windows may be promised.
        holds: Why the robot is to stand still, in the words of those who want it.
        trouble: What made us let go of the robot last, "" when that is over.
        released: For each kind of reason, how often the robot was let go for it.
    """

    def __init__(self, description: RobotDescription, config: AgentConfig) -> None:
        self._description = description
        self._joint_timeout_s = config.joint_timeout_s
        self._watchdog = Watchdog({JOINT_STATES: config.joint_timeout_s})
        self._following = TrackingMonitor(description.limits, config.tracking_tolerance)
        self.is_watched = True
        self.is_engaged = False
        self.holds: tuple[str, ...] = ()
        self.trouble = ""
        self.released: Counter[str] = Counter()
        self._trouble_kind = ""
        self._q = description.rest_q  # where the robot was last, once it has said so
        self._anchor, self._still_ns = self._q, 0  # where it has been since when, within STILL
        self._reference: tuple[Array, int] | None = None
        self._deviation: Deviation | None = None
        self._last: Window | None = None  # published last
        self._before: Window | None = None  # published before it
        self._is_moved = False  # the robot may be elsewhere than `_last` ended
        self._rest_q: Array | None = None  # measured when `_last` was over
        self._is_leaving = False  # a window that stops the robot is still to be sent
        self._is_anew = False
        self._engaged_ns = self._free_ns = self._now_ns = 0  # `_free_ns`: when the robot may be engaged again

    # -- what is heard of the robot ---------------------------------------------------------------------------------

    def observe(self, q: npt.NDArray[np.floating], now_ns: int) -> None:
        """Where the robot is, (N,) [rad]; ignored if not finite."""
        if not np.all(np.isfinite(q)):
            return
        self._q = np.array(q, dtype=np.float64)
        self._watchdog.feed(JOINT_STATES, now_ns)
        if np.max(np.abs(self._q - self._anchor), initial=0.0) > STILL or now_ns < self._still_ns:
            self._anchor, self._still_ns = self._q, now_ns
        if self.is_engaged and self.is_watched:
            self._deviation = self._deviation or self._following.check(self._q, now_ns)
        if not self.is_engaged and now_ns > self._free_ns:
            self._rest_q = self._q if self._rest_q is None else self._rest_q
            self._is_moved |= bool(np.max(np.abs(self._q - self._rest_q), initial=0.0) > STILL)

    def refer(self, q: npt.NDArray[np.floating], now_ns: int) -> None:
        """What the controllers command, (N,) [rad]; NaN for joints whose controller does not say."""
        self._reference = np.array(q, dtype=np.float64), now_ns

    # -- letting go -------------------------------------------------------------------------------------------------

    def check(self, now_ns: int) -> None:
        """Look at the watchdogs; lets the robot go if one of them has found something."""
        self._now_ns = now_ns
        self._watchdog.check(now_ns)
        if self._is_anew:
            self._is_anew, self._free_ns, self._still_ns = False, now_ns + ANEW_NS, now_ns
        if not self.is_engaged:
            return
        if self.is_stale:
            self.release("stale joint states", f"none for more than {self._joint_timeout_s:g} s")
            self.lose()
        elif self._deviation is not None:
            self.release(ASTRAY, self._where(self._deviation, "where it was told to be"))
            self._free_ns = max(self._free_ns, now_ns + RETRY_NS)
        elif self.trouble and now_ns - self._engaged_ns > TRUST_NS:
            log.info("performing again after: %s", self.trouble)
            self.trouble = self._trouble_kind = ""

    def hold(self, reasons: tuple[str, ...], stop: Window | None = None) -> None:
        """Stand still while there are reasons.

        Args:
            reasons: Empty to move again.
            stop: The window that was sent already to stop the robot.
        """
        new = [reason for reason in reasons if reason not in self.holds]
        if new:
            log.info("standing still: %s", "; ".join(new))
        elif self.holds and not reasons:
            log.info("nothing holds the robot any more")
        self.holds = reasons
        if reasons and self.is_engaged:
            self.release("held")
        if stop is not None:
            self._last, self._is_leaving = stop, False
            self._free_ns = max(self._free_ns, end_ns(stop) + SETTLE_NS)

    def release(self, kind: str, detail: str = "", *, is_stopped: bool = True) -> None:
        """Let the robot go: it brakes to rest, and is entered anew when it may be.

        Args:
            kind: The reason, as it is counted.
            detail: What more is to be known.
            is_stopped: Whether to stop it at once; otherwise the last window brakes it.
        """
        if not self.is_engaged:
            return
        self.is_engaged, self._is_leaving, self._rest_q = False, is_stopped, None
        self.released[kind] += 1
        text = f"{kind}: {detail}" if detail else kind
        if kind in NO_TROUBLE and kind != "held":
            log.info("robot released: %s; it brakes to rest", text)
        elif kind not in NO_TROUBLE:
            self._worry(kind, text, "robot released: %s; it brakes to rest and is entered anew")
        if self._last is not None:
            self._free_ns = max(self._free_ns, end_ns(self._last) + SETTLE_NS)

    def _worry(self, kind: str, text: str, line: str) -> None:
        """Each trouble is told once, until it is over."""
        if kind != self._trouble_kind:
            log.warning(line, text)
            self.trouble, self._trouble_kind = text, kind

    def _where(self, deviation: Deviation, there: str) -> str:
        joint = self._description.joint_names[deviation.joint]
        return f"{joint} is {deviation.error:.2f} off {there}: held, blocked, or its controller is not active"

    def farewell(self, now_ns: int) -> Window | None:
        """The window that stops the robot that was just let go, once; None if there is nothing to tell."""
        is_leaving, self._is_leaving = self._is_leaving, False
        stop = self.stop(self._last, now_ns) if is_leaving and self._last is not None else None
        if stop is not None:
            self._before, self._last = self._last, stop
            self._free_ns = max(self._now_ns + RETRY_NS if self._deviation else 0, end_ns(stop) + SETTLE_NS)
        return stop

    def stop(self, window: Window, now_ns: int) -> Window | None:
        """What stops a robot that follows a window; None if it rests. Changes nothing here: for any thread."""
        stop = stop_window(window, now_ns)
        fault = validate_window(stop, self._description.limits, window) if stop is not None else None
        if fault:
            log.error("stop refused, the last window brakes instead: %s", fault)
        return None if fault else stop

    def lose(self) -> None:
        """The robot follows others, or nobody: only where it is measured counts, not where it was told to be."""
        self._is_moved = True

    def begin_anew(self) -> None:
        """The clock jumped, or the robot no longer gets what is promised: forget what was promised and heard."""
        self._watchdog.reset()
        self._last = self._before = self._reference = None
        self._is_leaving, self._is_anew = False, True

    # -- taking hold ------------------------------------------------------------------------------------------------

    @property
    def is_stale(self) -> bool:
        """Whether the robot has not said where it is."""
        return JOINT_STATES in self._watchdog.stale

    @property
    def is_braking(self) -> bool:
        """Whether the robot is still coming to rest, or left alone for a while."""
        return not self.is_engaged and self._now_ns < self._free_ns

    def engage(self, now_ns: int) -> Array | None:
        """Take the robot if it may be had; returns (N,) where it is to be entered [rad], None if it may not."""
        is_still = now_ns - self._still_ns >= STILL_NS
        if self.is_engaged or self.holds or self.is_stale or now_ns < self._free_ns or not is_still:
            return None
        q = self._commanded(now_ns)
        apart = self._following.compare(q, self._q) if self.is_watched else None
        if apart is not None:  # whoever commands it there does not move it: neither would we
            text = f"{ASTRAY}: {self._where(apart, 'where its controller holds it')}"
            self._worry(ASTRAY, text, "not entered: %s")
            self._free_ns = now_ns + RETRY_NS
            return None
        self.is_engaged, self._engaged_ns = True, now_ns
        self._last = self._before = self._deviation = None
        self._is_moved = self._is_leaving = False
        self._following.reset(q)
        log.info("engaged: slow approach from where the robot stands")
        return q

    def _commanded(self, now_ns: int) -> Array:
        """Where the controllers hold the robot: as they say; else where they were told, if it is there; else there."""
        q = self._q
        if self._last is not None and not self._is_moved:
            last = self._last.positions[-1]
            q = last if np.max(np.abs(last - q), initial=0.0) < NEAR else q
        if self._reference is not None and now_ns - self._reference[1] < self._joint_timeout_s * NS:
            q = np.where(np.isfinite(self._reference[0]), self._reference[0], q)
        return q

    # -- promising --------------------------------------------------------------------------------------------------

    def promise(self, window: Window) -> str | None:
        """Let a window out only if the gate agrees; returns why it does not."""
        fault = validate_window(window, self._description.limits, self._last)
        if fault is None:
            self._before, self._last = self._last, window
            self._following.record(window)
        return fault

    def withdraw(self, kind: str, detail: str) -> None:
        """The window promised last was not sent after all: the robot brakes on the one before it."""
        self._last = self._before
        self.release(kind, detail, is_stopped=False)
