"""Python logging to the ROS log: the other folders log as any library does, the nodes forward it."""

from __future__ import annotations

import logging
from typing import Any

OWN_LOGGERS = ("speech_gesture_ros", "__main__")  # a node started by `python -m` is called __main__
ROS_DEBUG_LEVEL = 10


class RosLogHandler(logging.Handler):
    """Forwards records to a node's logger, each severity from its own line, as rclpy requires.

    Args:
        logger: Result of `node.get_logger()`.
    """

    def __init__(self, logger: Any) -> None:
        super().__init__()
        self._logger = logger

    def emit(self, record: logging.LogRecord) -> None:
        """Forward one record; failures are handled as in any logging handler."""
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
    """Send all log records to a ROS logger only: this package's from INFO on, other libraries' from WARNING on."""
    root = logging.getLogger()
    for handler in list(root.handlers):
        root.removeHandler(handler)
    root.addHandler(RosLogHandler(logger))
    root.setLevel(logging.WARNING)
    level = logging.DEBUG if logger.get_effective_level() <= ROS_DEBUG_LEVEL else logging.INFO
    for name in OWN_LOGGERS:
        logging.getLogger(name).setLevel(level)
