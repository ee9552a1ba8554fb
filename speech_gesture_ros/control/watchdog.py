"""Whether inputs still come, each with a name and a time since it was last heard; and whether the clock still goes."""

from __future__ import annotations

from dataclasses import dataclass

from speech_gesture_ros.core.errors import ConfigError
from speech_gesture_ros.core.timebase import NS

STANDSTILL_S = 0.5  # ROS time that has not moved for this long stands still
JUMP_S = 0.5  # ROS time that went further than steady time by more than this has jumped


@dataclass(frozen=True)
class InputTransition:
    """An input became stale, or came back.

    Attributes:
        name: The input.
        is_stale: What it is now.
        age_s: How long it had not been heard [s].
    """

    name: str
    is_stale: bool
    age_s: float


class Watchdog:
    """Guards inputs by name, with the clock as an argument. What was never heard is stale.

    Args:
        timeouts_s: For each name how old its last sign of life may be [s].

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
        """Forget every sign of life."""
        self._heard_ns: dict[str, int] = {}
        self._stale = set(self._timeouts_ns)

    @property
    def stale(self) -> frozenset[str]:
        """Names of the inputs that are stale as of the last `check`."""
        return frozenset(self._stale)

    def feed(self, name: str, now_ns: int) -> InputTransition | None:
        """Note a sign of life; returns the transition if the input had been stale.

        Raises:
            KeyError: If the name is not guarded.
        """
        if name not in self._timeouts_ns:
            raise KeyError(f"watchdog guards {sorted(self._timeouts_ns)}, not {name!r}")
        age_s = max(0, now_ns - self._heard_ns.get(name, now_ns)) / NS
        self._heard_ns[name] = max(now_ns, self._heard_ns.get(name, now_ns))
        if name not in self._stale:
            return None
        self._stale.discard(name)
        return InputTransition(name, False, age_s)

    def check(self, now_ns: int) -> list[InputTransition]:
        """Inputs that became stale since the last check, each told once."""
        late = [name for name, timeout_ns in self._timeouts_ns.items()
                if name not in self._stale and now_ns - self._heard_ns[name] > timeout_ns]
        self._stale.update(late)
        return [InputTransition(name, True, (now_ns - self._heard_ns[name]) / NS) for name in late]


class ClockMonitor:
    """Compares the ROS clock, which may be set or simulated, with a steady one that cannot.

    Example:
        >>> guard = ClockMonitor()
        >>> guard.check(now_ns=5 * NS, steady_ns=0)
        ''
        >>> guard.check(now_ns=2 * NS, steady_ns=20_000_000)
        'ROS time jumped back by 3.0 s'
    """

    def __init__(self) -> None:
        self._last_ns: int | None = None  # ROS time of the last look
        self._last_steady_ns = 0
        self._moved_ns = 0  # steady time at which ROS time was last seen to move
        self._is_standing = False

    @property
    def is_stopped(self) -> bool:
        """Whether ROS time stands still, as of the last `check`: a paused simulation, or /clock without a publisher."""
        return self._is_standing

    def check(self, now_ns: int, steady_ns: int) -> str:
        """What the ROS clock did since the last look, if it was a jump; otherwise ""."""
        last_ns, step_ns = self._last_ns, steady_ns - self._last_steady_ns
        self._last_ns, self._last_steady_ns = now_ns, steady_ns
        if last_ns is None or last_ns <= 0:  # ROS time 0: nobody has said yet what time it is
            self._moved_ns, self._is_standing = steady_ns, now_ns <= 0
            return ""
        if now_ns != last_ns:
            self._moved_ns, self._is_standing = steady_ns, False
        elif steady_ns - self._moved_ns > STANDSTILL_S * NS:
            self._is_standing = True
        if now_ns < last_ns:
            return f"ROS time jumped back by {(last_ns - now_ns) / NS:.1f} s"
        if now_ns - last_ns - step_ns > JUMP_S * NS:
            return f"ROS time jumped ahead by {(now_ns - last_ns - step_ns) / NS:.1f} s"
        return ""
