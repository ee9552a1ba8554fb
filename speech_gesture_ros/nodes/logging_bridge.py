"""Python logging to the ROS log: the other folders log as any library does, the nodes forward it.

While a node is made there is no ROS logger yet: records are held until it exists.
"""

from __future__ import annotations

import logging
import logging.handlers
import time
from collections.abc import Callable, Mapping
from typing import Any

OWN_LOGGERS = ("speech_gesture_ros", "__main__")  # a node started by `python -m` is called __main__
ROS_DEBUG_LEVEL = 10
MAX_HELD = 1000  # records
MAX_LINES, PERIOD_S = 20, 10.0  # log records of one source line, and the period in which they are counted


class RateLimit(logging.Filter):
    """Filter for `MAX_LINES` records of one source line in `PERIOD_S`; the next one states how many were left out.

    Args:
        steady_s: A clock that is never set [s].
    """

    def __init__(self, steady_s: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._steady_s = steady_s
        self._counts: dict[tuple[str, int], tuple[float, int]] = {}  # beginning of the period, records in it

    def filter(self, record: logging.LogRecord) -> bool:
        """Return whether a record is let through."""
        source, now_s = (record.pathname, record.lineno), self._steady_s()
        begin_s, count = self._counts.get(source, (now_s, 0))
        if now_s - begin_s > PERIOD_S:
            if count > MAX_LINES:
                record.msg, record.args = f"{record.getMessage()} (and {count - MAX_LINES} more lines like it)", ()
            begin_s, count = now_s, 0
        self._counts[source] = begin_s, count + 1
        return count < MAX_LINES


class RosLogHandler(logging.Handler):
    """Forwards records to a node's logger, each severity from its own line, as rclpy requires.

    Args:
        logger: Result of `node.get_logger()`.
        modules: Name of a module to the logger of the node that it contains, which gets the records of that module.
    """

    def __init__(self, logger: Any, modules: Mapping[str, Any] | None = None) -> None:
        super().__init__()
        self.addFilter(RateLimit())
        self._logger, self._modules = logger, modules or {}

    def emit(self, record: logging.LogRecord) -> None:
        """Forward one record; failures are handled as in any logging handler."""
        try:
            text, logger = self.format(record), self._modules.get(record.name, self._logger)
            if record.levelno >= logging.CRITICAL:
                logger.fatal(text)
            elif record.levelno >= logging.ERROR:
                logger.error(text)
            elif record.levelno >= logging.WARNING:
                logger.warning(text)
            elif record.levelno >= logging.INFO:
                logger.info(text)
            else:
                logger.debug(text)
        except Exception:
            self.handleError(record)


def hold_logging() -> None:
    """Keep all log records, this package's from INFO on, until `forward_logging` is called."""
    root = logging.getLogger()
    for handler in list(root.handlers):
        root.removeHandler(handler)
    root.addHandler(logging.handlers.MemoryHandler(MAX_HELD, flushLevel=logging.CRITICAL + 1))
    root.setLevel(logging.WARNING)
    for name in OWN_LOGGERS:
        logging.getLogger(name).setLevel(logging.INFO)


def forward_logging(logger: Any, modules: Mapping[str, Any] | None = None) -> None:
    """Send all log records to ROS loggers only: this package's from INFO on, other libraries' from WARNING on.

    Args:
        logger: Logger of a node.
        modules: Name of a module to the logger that gets its records.
    """
    root, ros = logging.getLogger(), RosLogHandler(logger, modules)
    held = [record for handler in root.handlers if isinstance(handler, logging.handlers.MemoryHandler)
            for record in handler.buffer]
    for handler in list(root.handlers):
        root.removeHandler(handler)
    root.addHandler(ros)
    for record in held:
        ros.handle(record)
    root.setLevel(logging.WARNING)
    level = logging.DEBUG if logger.get_effective_level() <= ROS_DEBUG_LEVEL else logging.INFO
    for name in OWN_LOGGERS:
        logging.getLogger(name).setLevel(level)
