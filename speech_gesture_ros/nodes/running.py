"""The life of a node's process: initialise, spin, and end quietly for whatever reason it ends."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from typing import Any

import rclpy
from rclpy.executors import ExternalShutdownException, SingleThreadedExecutor

from speech_gesture_ros.core.errors import SpeechGestureError
from speech_gesture_ros.nodes.logging_bridge import forward_logging

log = logging.getLogger(__name__)


def run(make_node: Callable[[], Any], args: list[str] | None = None) -> None:
    """Run one node until it is done (it shuts its context down), interrupted, or cannot go on.

    Args:
        make_node: Makes the node; it may have a `close()`, called at the end.
        args: Command line; None for the process's own.
    """
    rclpy.init(args=args)
    node = None
    failure = False
    try:
        node = make_node()
        forward_logging(node.get_logger())
        executor = SingleThreadedExecutor()
        executor.add_node(node)
        while rclpy.ok():
            executor.spin_once(timeout_sec=1.0)
    except (KeyboardInterrupt, ExternalShutdownException):
        pass
    except SpeechGestureError as error:
        failure = True
        rclpy.logging.get_logger(make_node.__name__).fatal(str(error))
    finally:
        _end(node)
    if failure:
        sys.exit(1)


def _end(node: Any) -> None:
    try:
        if hasattr(node, "close"):
            node.close()
        if node is not None:
            node.destroy_node()
    except KeyboardInterrupt:  # a second Ctrl-C while ending
        pass
    finally:
        rclpy.try_shutdown()
