"""Python logging to the ROS log: the core logs as any library does, the rim forwards."""

from __future__ import annotations

import logging
from typing import Any

OURS = ("speech_gesture_ros", "__main__")  # a node started by `python -m` is called __main__
ROS_DEBUG = 10


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
    """Send everything logged to a ROS logger, and nowhere else: ours from INFO on, other libraries' from WARNING."""
    root = logging.getLogger()
    for handler in list(root.handlers):
        root.removeHandler(handler)
    root.addHandler(RosLogHandler(logger))
    root.setLevel(logging.WARNING)
    level = logging.DEBUG if logger.get_effective_level() <= ROS_DEBUG else logging.INFO
    for ours in OURS:
        logging.getLogger(ours).setLevel(level)
