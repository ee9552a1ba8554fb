"""The life of a node's process: initialise, spin, and end in order for whatever reason it ends.

rclpy's own signal handlers pull the context away while threads still publish. Here a signal only asks: the node closes
first, then the context. A second signal changes nothing; SIGKILL is for those who cannot wait.
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

LOOK_S = 0.1  # how often a signal is looked for
log = logging.getLogger(__name__)


def run(make_node: Callable[[], Any], args: list[str] | None = None) -> None:
    """Run one node until it is done (it shuts its context down), is asked to end, or cannot go on.

    Args:
        make_node: Makes the node; it may have a `close()`, called at the end.
        args: Command line; None for the process's own.
    """
    rclpy.init(args=args, signal_handler_options=SignalHandlerOptions.NO)
    asked: list[int] = []
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda got, _frame: asked.append(got))
    node = None
    try:
        node = make_node()
        forward_logging(node.get_logger())
        executor = SingleThreadedExecutor()
        executor.add_node(node)
        while rclpy.ok() and not asked:
            executor.spin_once(timeout_sec=LOOK_S)
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
