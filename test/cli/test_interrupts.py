"""Signals end a command at any moment: without a traceback, with the status of shells, and with its child processes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from speech_gesture_ros.cli import interrupts
from speech_gesture_ros.cli.interrupts import Interrupted, acknowledge, held, raised

from ros_graph import poll

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
IMPORTING = """
import importlib, sys, time
from speech_gesture_ros.cli.main import main
def slow(name):
    print("ready", flush=True)
    time.sleep(60)
importlib.import_module = slow
sys.argv[1:] = ["doctor"]
sys.exit(main())
"""
RUNNING = """
import sys, time
from speech_gesture_ros.cli import doctor, main
def run(args):
    try:
        print("ready", flush=True)
        time.sleep(60)
    finally:
        print("tidy", flush=True)
doctor.run = run
sys.argv[1:] = ["doctor"]
sys.exit(main.main())
"""
WITH_CHILDREN = """
import sys, time
from pathlib import Path
from speech_gesture_ros.cli import doctor, main, node_processes
node_processes.ros_environment = lambda: {}
def run(args):
    with node_processes.NodeProcesses(Path(FOLDER)) as nodes:
        nodes.launch("first", [sys.executable, "-c", CHILD])
        nodes.launch("second", [sys.executable, "-c", CHILD])
        nodes.wait_for(lambda: all("ready" in nodes.output(name) for name in ("first", "second")), 30.0, "the children")
        print(*(process.pid for process in nodes._running.values()), flush=True)
        time.sleep(60)
doctor.run = run
sys.argv[1:] = ["doctor"]
sys.exit(main.main())
"""
OBEDIENT = ("import signal, time; signal.signal(signal.SIGINT, signal.SIG_DFL); print('ready', flush=True); "
            "time.sleep(60)")
STUBBORN = ("import signal, time; signal.signal(signal.SIGINT, lambda *_: print('got it', flush=True)); "
            "signal.signal(signal.SIGTERM, signal.SIG_IGN); print('ready', flush=True)\nwhile True: time.sleep(1)")


def start(code: str) -> tuple[subprocess.Popen[str], str]:
    """Start Python code; return the process and the first line of its output."""
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    return process, process.stdout.readline()


def interrupted(code: str, number: int) -> tuple[int, str, str]:
    """Send a signal to Python code that has printed "ready"; return exit status, output and errors."""
    process, line = start(code)
    assert line == "ready\n"
    process.send_signal(number)
    output, errors = process.communicate(timeout=30.0)
    return process.returncode, output, errors


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_while_libraries_are_imported_ends_the_process_at_once(number: int) -> None:
    assert interrupted(IMPORTING, number) == (128 + number, "", "")


@pytest.mark.slow
@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_unwinds_a_command_and_ends_it_without_a_traceback(number: int) -> None:
    assert interrupted(RUNNING, number) == (128 + number, "tidy\n", "\n")


@pytest.mark.slow
@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_ends_the_child_processes(number: int, tmp_path: Path) -> None:
    process, line = start(WITH_CHILDREN.replace("FOLDER", repr(str(tmp_path))).replace("CHILD", repr(OBEDIENT)))
    children = [int(pid) for pid in line.split()]
    assert len(children) == 2
    process.send_signal(number)
    _, errors = process.communicate(timeout=30.0)
    assert (process.returncode, errors) == (128 + number, "\n")
    assert not any(is_alive(pid) for pid in children)


@pytest.mark.slow
def test_a_second_interrupt_kills_child_processes_that_do_not_end(tmp_path: Path) -> None:
    process, line = start(WITH_CHILDREN.replace("FOLDER", repr(str(tmp_path))).replace("CHILD", repr(STUBBORN)))
    children = [int(pid) for pid in line.split()]
    process.send_signal(signal.SIGINT)
    poll(lambda: "got it" in (tmp_path / "first.log").read_text(), "the first interrupt")
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=30.0)
    assert (process.returncode, errors) == (130, "\n")
    assert not any(is_alive(pid) for pid in children)


def test_a_signal_that_was_ignored_stays_ignored() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with raised():
            os.kill(os.getpid(), signal.SIGHUP)
            assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)


def test_a_signal_is_kept_until_the_end_of_what_must_not_be_done_by_halves() -> None:
    done = []
    with pytest.raises(Interrupted) as interrupt, raised():  # noqa: PT012
        with held():
            os.kill(os.getpid(), signal.SIGTERM)
            done.append("inner")
        done.append("after")
    assert done == ["inner"]
    assert interrupt.value.status == 128 + signal.SIGTERM


def test_an_interrupt_that_is_lost_in_a_callback_is_raised_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(interrupts, "REPEAT_S", 0.2)
    raised_at = []
    with pytest.raises(Interrupted), raised():  # noqa: PT012
        for _ in range(3):
            try:
                if not raised_at:
                    os.kill(os.getpid(), signal.SIGTERM)
                poll(lambda: False, "an interrupt")
            except Interrupted as interrupt:
                raised_at.append(interrupt.status)
        acknowledge()
        assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)
    assert raised_at == [128 + signal.SIGTERM] * 3


@pytest.mark.parametrize("error", [TypeError, None])
def test_an_error_after_an_interrupt_that_was_lost_is_a_consequence_of_it(error: type[Exception] | None) -> None:
    with pytest.raises(Interrupted), raised():  # noqa: PT012
        with suppress(KeyboardInterrupt):  # as libraries do
            os.kill(os.getpid(), signal.SIGINT)
        if error is not None:
            raise error


def test_other_errors_remain() -> None:
    with pytest.raises(TypeError), raised():
        raise TypeError


def test_handlers_are_restored() -> None:
    before = [signal.getsignal(number) for number in SIGNALS]
    with raised():
        assert [signal.getsignal(number) for number in SIGNALS] != before
    assert [signal.getsignal(number) for number in SIGNALS] == before
