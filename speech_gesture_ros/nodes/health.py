"""What /diagnostics hears of the node: one status for the gestures, one for the controllers, and when each is bad."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from diagnostic_msgs.msg import DiagnosticArray

from speech_gesture_ros.nodes.conversions import diagnostics_message


def verdict(report: Mapping[str, Any], missing: Sequence[str], absurd: Sequence[str],
            expected: Sequence[str] = ()) -> tuple[str, str]:
    """Level and summary of what an agent reports.

    Args:
        report: `Agent.report()`.
        missing: Joints never heard of.
        absurd: Joints that say they are at NaN.
        expected: Reasons to stand still that are nothing to warn of.
    """
    state, fault = str(report["state"]), str(report["fault"])
    worries = []
    if missing:
        worries.append(f"no position yet of {', '.join(missing)}")
    if absurd:
        worries.append(f"not a number: the position of {', '.join(absurd)}")
    if fault:
        worries.append(fault)
    inhibitors = str(report["inhibitors"])
    summary = f"{state}: {inhibitors}" if inhibitors else state
    if worries:
        summary = f"{'; '.join(worries)} ({summary})"
    is_inhibited = any(reason not in expected for reason in inhibitors.split("; ") if reason)
    return "warn" if worries or is_inhibited else "ok", summary


class Health:
    """Publishes statuses under the node's name; from any thread.

    Args:
        node: The node.
        now_ns: The ROS clock.
    """

    def __init__(self, node: Any, now_ns: Callable[[], int]) -> None:
        self._name, self._now_ns = node.get_fully_qualified_name(), now_ns
        self._publisher = node.create_publisher(DiagnosticArray, "/diagnostics", 10)

    def say(self, level: str, summary: str, values: Mapping[str, object], part: str = "gestures") -> None:
        """One status: level "ok", "warn" or "error"."""
        self._publisher.publish(
            diagnostics_message(f"{self._name}: {part}", level, summary, values, self._now_ns()))
