"""Python logging to the ROS log: the core logs as any library does, the rim forwards."""

from __future__ import annotations

import logging
from typing import Any

PACKAGE = "speech_gesture_ros"


class RosLogHandler(logging.Handler):
    """Forwards records to a node's logger, each severity from its own line, as rclpy demands.

    Args:
        logger: What `node.get_logger()` gives.
    """

    def __init__(self, logger: Any) -> None:
        super().__init__()
        self._logger = logger

    def emit(self, record: logging.LogRecord) -> None:
        """Forward one record; failures go the way logging's own do."""
        try:
            text = self.format(record)
            if record.levelno >= logging.CRITICAL:
                self._logger.fatal(text)
            elif record.levelno >= logging.ERROR:
                self._logger.error(text)
            elif record.levelno >= logging.WARNING:
                self._logger.warning(text)
            elif record.levelno >= logging.INFO:
                self._logger.info(text)
            else:
                self._logger.debug(text)
        except Exception:
            self.handleError(record)


def forward_logging(logger: Any) -> None:
    """Send everything this package logs to a ROS logger, and nowhere else."""
    ours = logging.getLogger(PACKAGE)
    ours.handlers = [h for h in ours.handlers if not isinstance(h, RosLogHandler)]
    ours.addHandler(RosLogHandler(logger))
    ours.setLevel(logging.DEBUG if logger.get_effective_level() <= 10 else logging.INFO)  # 10: ROS's DEBUG
    ours.propagate = False
