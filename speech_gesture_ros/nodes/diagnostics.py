"""Diagnostics of the gesture node: one status for the gestures, one for the controllers, and their levels."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from diagnostic_msgs.msg import DiagnosticArray

from speech_gesture_ros.nodes.conversions import diagnostics_message


def assess(report: Mapping[str, Any], missing: Sequence[str], invalid: Sequence[str],
           expected: Sequence[str] = (), outside: Sequence[str] = (),
           contradictory: Sequence[str] = (), speakers: Sequence[str] = ()) -> tuple[str, str]:
    """Return level and summary of a report.

    Args:
        report: `Agent.report()`.
        missing: Joints without a position so far.
        invalid: Joints whose position is NaN.
        expected: Inhibitors that are no reason for a warning.
        outside: Joints whose position is far outside their limits.
        contradictory: Joints of which two publishers report different positions.
        speakers: Nodes that publish audio at the same time, if there are several.
    """
    state, fault, inhibitors = str(report["state"]), str(report["fault"]), str(report["inhibitors"])
    faults = []
    if missing:
        faults.append(f"no position yet of {', '.join(missing)}")
    if invalid:
        faults.append(f"not a number: the position of {', '.join(invalid)}")
    if outside:
        faults.append(f"far outside its limits, refused: the position of {', '.join(outside)}")
    if contradictory:
        faults.append(f"two publishers of joint_states disagree about {', '.join(contradictory)}: stop one of them")
    if speakers:
        faults.append(f"{len(speakers)} publishers of audio, stop all but one: {', '.join(speakers)}")
    if fault:
        faults.append(fault)
    summary = f"{state}: {inhibitors}" if inhibitors else state
    if faults:
        summary = f"{'; '.join(faults)} ({summary})"
    is_inhibited = any(reason not in expected for reason in inhibitors.split("; ") if reason)
    return "warn" if faults or is_inhibited else "ok", summary


class DiagnosticsPublisher:
    """Publishes statuses under the node's name; from any thread.

    Args:
        node: The node.
        now_ns: Returns the ROS time [ns].
    """

    def __init__(self, node: Any, now_ns: Callable[[], int]) -> None:
        self._name, self._now_ns = node.get_fully_qualified_name(), now_ns
        self._publisher = node.create_publisher(DiagnosticArray, "/diagnostics", 10)

    def publish(self, level: str, summary: str, values: Mapping[str, object], part: str = "gestures") -> None:
        """Publish one status of level "ok", "warn" or "error"."""
        self._publisher.publish(
            diagnostics_message(f"{self._name}: {part}", level, summary, values, self._now_ns()))
