"""Log records of one source line are limited; those of a node that is being made are held."""

from __future__ import annotations

import logging
from types import SimpleNamespace

import pytest

pytest.importorskip("rclpy", reason="needs ROS 2: pip install '.[ros]'")

from speech_gesture_ros.nodes.logging_bridge import MAX_LINES, PERIOD_S, RateLimit, forward_logging, hold_logging


def test_repeated_records_of_one_line_are_left_out_and_counted():
    now_s = [0.0]
    limit = RateLimit(lambda: now_s[0])

    def record(line: int) -> logging.LogRecord:
        return logging.LogRecord("test", logging.WARNING, __file__, line, "gap of %.1f s", (0.5,), None)

    assert [limit.filter(record(1)) for _ in range(1000)].count(True) == MAX_LINES
    assert limit.filter(record(2)), "another line"
    now_s[0] = PERIOD_S + 0.1
    first = record(1)
    assert limit.filter(first)
    assert first.getMessage() == f"gap of 0.5 s (and {1000 - MAX_LINES} more lines like it)"
    second = record(1)
    assert limit.filter(second)
    assert second.getMessage() == "gap of 0.5 s"


@pytest.fixture
def root():
    """The root logger, with the handlers of the tests afterwards."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield root
    root.handlers[:] = handlers
    root.setLevel(level)


def test_what_is_logged_while_a_node_is_made_is_forwarded_in_order_when_it_exists(root):
    lines: list[str] = []
    logger = SimpleNamespace(get_effective_level=lambda: 20, info=lines.append, warning=lines.append)
    hold_logging()
    logging.getLogger("speech_gesture_ros.nodes.some").info("recording from %s", "a card")
    logging.getLogger("library").info("not forwarded")
    logging.getLogger("library").warning("forwarded")
    assert lines == []
    forward_logging(logger)
    logging.getLogger("speech_gesture_ros.nodes.some").info("later")
    assert lines == ["recording from a card", "forwarded", "later"]
