"""Process of one or more nodes: initialise, spin, and shut down in order, whatever the reason.

rclpy's own signal handlers destroy the context while threads still publish. Here a signal only sets a flag: the node
closes first, then the context. A second signal has no effect; SIGKILL ends the process at once. SIGHUP, from a terminal
that closes, ends a node like SIGTERM, unless it was ignored at the start (nohup).

An error that a message causes outside the node's callbacks, for example while it is deserialised, is counted and
logged; only if nothing else happens any more it ends the process, so that a launch file with `respawn` starts it again.
"""

from __future__ import annotations

import logging
import signal
import sys
from collections.abc import Callable, Sequence
from typing import Any

import rclpy
from rclpy.exceptions import NameValidationException
from rclpy.executors import ExternalShutdownException, SingleThreadedExecutor
from rclpy.impl.implementation_singleton import rclpy_implementation
from rclpy.signals import SignalHandlerOptions

from speech_gesture_ros.core.errors import SpeechGestureError, shown
from speech_gesture_ros.nodes.callback_guard import CallbackGuard
from speech_gesture_ros.nodes.logging_bridge import forward_logging, hold_logging

SIGNAL_CHECK_PERIOD_S = 0.1
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
MAX_ERRORS = 100  # in a row, without one callback that succeeds
NAME_ERRORS = (rclpy_implementation.RCLError, rclpy_implementation.UnknownROSArgsError, NameValidationException)
log = logging.getLogger(__name__)


def run(make_node: Callable[[], Any], args: list[str] | None = None) -> None:
    """Run one node until it shuts its context down, a signal arrives, or an error ends it.

    Args:
        make_node: Makes the node; it may have a `close()`, called at the end.
        args: Command line; None for that of the process.
    """
    run_together([make_node], args)


def run_together(makers: Sequence[Callable[[], Any]], args: list[str] | None = None) -> None:
    """Run nodes in one process, with one executor, as `run` does; they are closed in reverse order.

    Args:
        makers: Each makes a node. What no node's module logs has the name of the last node.
        args: Command line; None for that of the process.
    """
    received: list[int] = []
    for number in SIGNALS:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, lambda signal_number, _frame: received.append(signal_number))
    nodes: list[Any] = []
    try:
        rclpy.init(args=args, signal_handler_options=SignalHandlerOptions.NO)
        hold_logging()
        for make_node in makers:
            nodes.append(make_node())
        forward_logging(nodes[-1].get_logger(), {type(node).__module__: node.get_logger() for node in nodes})
        executor = SingleThreadedExecutor()
        for node in nodes:
            executor.add_node(node)
        _spin(executor, getattr(nodes[-1], "guard", CallbackGuard()), lambda: rclpy.ok() and not received)
    except ExternalShutdownException:
        pass
    except (SpeechGestureError, *NAME_ERRORS) as error:
        text = str(error) if isinstance(error, SpeechGestureError) else _describe(error)
        failed = makers[min(len(nodes), len(makers) - 1)]
        logger = rclpy.logging.get_logger(getattr(failed, "__name__", "node"))
        forward_logging(logger)
        logger.fatal(text)
        sys.exit(1)
    finally:
        for node in reversed(nodes):
            if hasattr(node, "close"):
                node.close()
            node.destroy_node()
        rclpy.try_shutdown()


def _spin(executor: SingleThreadedExecutor, guard: CallbackGuard, is_wanted: Callable[[], bool]) -> None:
    """Spin while wanted; raise an error only if it is the last of `MAX_ERRORS` in a row."""
    errors = 0
    while is_wanted():
        try:
            executor.spin_once(timeout_sec=SIGNAL_CHECK_PERIOD_S)
            errors = 0
        except ExternalShutdownException:
            raise
        except Exception as error:
            guard.refuse("message", error)
            errors += 1
            if errors >= MAX_ERRORS:
                raise


def _describe(error: Exception) -> str:
    """Return an error of rclpy about a name or an argument in one line."""
    return f"{type(error).__name__}: {shown(str(error))}. Correct the arguments after --ros-args, or the launch file."
