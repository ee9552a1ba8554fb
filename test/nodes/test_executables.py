"""Entry points of the nodes."""

from __future__ import annotations

import signal
import subprocess
import sys
from functools import partial

import pytest

from speech_gesture_ros.nodes import executables
from speech_gesture_ros.nodes.settings import NODE_SETTINGS

SLOW_IMPORT = """
import importlib, time
from speech_gesture_ros.nodes import executables
def slow(name):
    print("importing", name, flush=True)
    time.sleep(60)
importlib.import_module = slow
executables.gesture_node()
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_while_libraries_are_imported_ends_the_process_without_a_traceback(number):
    command = [sys.executable, "-c", SLOW_IMPORT]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"importing speech_gesture_ros.nodes.gesture_node\n"
        process.send_signal(number)
        _, errors = process.communicate(timeout=30.0)
    assert process.returncode == 0
    assert errors == b""


@pytest.mark.parametrize("name", NODE_SETTINGS)
def test_every_node_has_an_entry_point(name):
    entry = getattr(executables, name)
    assert isinstance(entry, partial)
    assert entry.args == (name,)


def test_other_names_are_no_entry_points():
    with pytest.raises(AttributeError, match="no attribute 'other'"):
        executables.other  # noqa: B018
