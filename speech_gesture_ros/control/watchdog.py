"""Watchdogs: timeouts of named inputs, and jumps and stops of ROS time."""

from __future__ import annotations

from dataclasses import dataclass

from speech_gesture_ros.core.errors import ConfigError
from speech_gesture_ros.core.timebase import NS

STOPPED_S = 0.5  # steady time without a change of ROS time after which ROS time is stopped
JUMP_S = 0.5  # advance of ROS time beyond steady time that is a jump


@dataclass(frozen=True)
class InputTransition:
    """Change of an input from fresh to stale or back.

    Attributes:
        name: Name of the input.
        is_stale: New state.
        age_s: Time since it was last received [s].
    """

    name: str
    is_stale: bool
    age_s: float


class Watchdog:
    """Timeouts of inputs by name, with the clock as an argument. An input that was never received is stale.

    Args:
        timeouts_s: Timeout of each input by name [s].

    Raises:
        ConfigError: If a timeout is not positive.

    Example:
        >>> watchdog = Watchdog({"audio": 0.5})
        >>> watchdog.feed("audio", now_ns=0)
        InputTransition(name='audio', is_stale=False, age_s=0.0)
        >>> watchdog.check(now_ns=600_000_000)
        [InputTransition(name='audio', is_stale=True, age_s=0.6)]
    """

    def __init__(self, timeouts_s: dict[str, float]) -> None:
        for name, timeout_s in timeouts_s.items():
            if not timeout_s > 0:
                raise ConfigError(f"timeout of {name!r}", timeout_s, "above 0 s", "Give a positive time.")
        self._timeouts_ns = {name: int(timeout_s * NS) for name, timeout_s in timeouts_s.items()}
        self.reset()

    def reset(self) -> None:
        """Forget all received inputs."""
        self._received_ns: dict[str, int] = {}
        self._stale = set(self._timeouts_ns)

    @property
    def stale(self) -> frozenset[str]:
        """Names of the inputs that are stale as of the last `check`."""
        return frozenset(self._stale)

    def feed(self, name: str, now_ns: int) -> InputTransition | None:
        """Record that an input was received; return the transition if it had been stale.

        Raises:
            KeyError: If there is no input of that name.
        """
        if name not in self._timeouts_ns:
            raise KeyError(f"inputs of the watchdog are {sorted(self._timeouts_ns)}, not {name!r}")
        age_s = max(0, now_ns - self._received_ns.get(name, now_ns)) / NS
        self._received_ns[name] = max(now_ns, self._received_ns.get(name, now_ns))
        if name not in self._stale:
            return None
        self._stale.discard(name)
        return InputTransition(name, False, age_s)

    def check(self, now_ns: int) -> list[InputTransition]:
        """Return the inputs that became stale since the last check."""
        late = [name for name, timeout_ns in self._timeouts_ns.items()
                if name not in self._stale and now_ns - self._received_ns[name] > timeout_ns]
        self._stale.update(late)
        return [InputTransition(name, True, (now_ns - self._received_ns[name]) / NS) for name in late]


class ClockMonitor:
    """Comparison of ROS time, which may be set or simulated, with a steady clock.

    Example:
        >>> guard = ClockMonitor()
        >>> guard.check(now_ns=5 * NS, steady_ns=0)
        ''
        >>> guard.check(now_ns=2 * NS, steady_ns=20_000_000)
        'ROS time jumped back by 3.0 s'
    """

    def __init__(self) -> None:
        self._last_ns: int | None = None  # ROS time of the last check
        self._last_steady_ns = 0
        self._moved_ns = 0  # steady time of the last check at which ROS time had changed
        self._is_stopped = False

    @property
    def is_stopped(self) -> bool:
        """True if ROS time was stopped at the last `check`: a paused simulation, or /clock without a publisher."""
        return self._is_stopped

    def check(self, now_ns: int, steady_ns: int) -> str:
        """Return a description of the jump of ROS time since the last check; "" if there was none."""
        last_ns, step_ns = self._last_ns, steady_ns - self._last_steady_ns
        self._last_ns, self._last_steady_ns = now_ns, steady_ns
        if last_ns is None or last_ns <= 0:  # ROS time 0: no time was published yet
            self._moved_ns, self._is_stopped = steady_ns, now_ns <= 0
            return ""
        if now_ns != last_ns:
            self._moved_ns, self._is_stopped = steady_ns, False
        elif steady_ns - self._moved_ns > STOPPED_S * NS:
            self._is_stopped = True
        if now_ns < last_ns:
            return f"ROS time jumped back by {(last_ns - now_ns) / NS:.1f} s"
        if now_ns - last_ns - step_ns > JUMP_S * NS:
            return f"ROS time jumped ahead by {(now_ns - last_ns - step_ns) / NS:.1f} s"
        return ""
