"""Process of a node: initialise, spin, and shut down in order, whatever the reason.

rclpy's own signal handlers destroy the context while threads still publish. Here a signal only sets a flag: the node
closes first, then the context. A second signal has no effect; SIGKILL ends the process at once.
"""

from __future__ import annotations

import logging
import signal
import sys
from collections.abc import Callable
from typing import Any

import rclpy
from rclpy.executors import ExternalShutdownException, SingleThreadedExecutor
from rclpy.signals import SignalHandlerOptions

from speech_gesture_ros.core.errors import SpeechGestureError
from speech_gesture_ros.nodes.logging_bridge import forward_logging

SIGNAL_CHECK_PERIOD_S = 0.1
log = logging.getLogger(__name__)


def run(make_node: Callable[[], Any], args: list[str] | None = None) -> None:
    """Run one node until it shuts its context down, a signal arrives, or an error ends it.

    Args:
        make_node: Makes the node; it may have a `close()`, called at the end.
        args: Command line; None for that of the process.
    """
    rclpy.init(args=args, signal_handler_options=SignalHandlerOptions.NO)
    received: list[int] = []
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda signal_number, _frame: received.append(signal_number))
    node = None
    try:
        node = make_node()
        forward_logging(node.get_logger())
        executor = SingleThreadedExecutor()
        executor.add_node(node)
        while rclpy.ok() and not received:
            executor.spin_once(timeout_sec=SIGNAL_CHECK_PERIOD_S)
    except ExternalShutdownException:
        pass
    except SpeechGestureError as error:
        rclpy.logging.get_logger(make_node.__name__).fatal(str(error))
        sys.exit(1)
    finally:
        if hasattr(node, "close"):
            node.close()  # type: ignore[union-attr]
        if node is not None:
            node.destroy_node()
        rclpy.try_shutdown()
