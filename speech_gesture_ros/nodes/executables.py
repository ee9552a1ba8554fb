"""Entry points of the nodes: `ros2 run speech_gesture_ros <node>`, each a function with the name of its node.

Libraries take seconds to import. Until then a signal ends the process at once, without a traceback and, as later in
`running.run`, with status 0: launch reports any other status as an error.
"""

from __future__ import annotations

import importlib
import os
import signal
import sys
from collections.abc import Callable
from functools import partial

NODES = ("gesture_node", "audio_file_node", "microphone_node", "mujoco_node", "recorder_node", "face_node",
         "face_converter", "body_node", "audio_probe", "all_in_one")  # also in setup.py
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def start(name: str) -> None:
    """Import the module of a node and run its `main`."""
    for number in SIGNALS:
        if signal.getsignal(number) is signal.SIG_IGN:  # nohup, or a job in the background
            continue
        signal.signal(number, lambda _received, _frame: os._exit(0))
    importlib.import_module(f"speech_gesture_ros.nodes.{name}").main()


def __getattr__(name: str) -> Callable[[], None]:
    """Return the function that starts a node."""
    if name not in NODES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return partial(start, name)


if __name__ == "__main__":
    node = sys.argv.pop(1)
    start(node)
