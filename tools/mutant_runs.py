"""Runs of tests with a change: in a child process each, in memory; files stay as they are."""

from __future__ import annotations

import ctypes
import gc
import importlib.abc
import importlib.util
import json
import math
import os
import resource
import signal
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Generator, Iterable, Sequence
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import CodeType, FrameType, FunctionType, ModuleType
from typing import Any

import pytest
from _pytest.runner import runtestprotocol
from mutant_changes import Change, changed_tree

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "speech_gesture_ros"
OPTIONS = ["-x", "-q", "-p", "no:cacheprovider", "-W", "ignore::pytest.PytestAssertRewriteWarning"]
MEMORY_BYTES = 8 << 30  # of data of one run
MIN_TIMEOUT_S, TIMEOUT_FACTOR = 10.0, 3.0  # CPU time of tests with a change: this and so many times the usual
WAITING_FACTOR = 10.0  # the time that passes at most, in CPU time: other processes may use the processors as well
RECORDING_TIMEOUT_S = 1200.0
PR_SET_PDEATHSIG = 1  # of prctl: a child ends with its parent

Key = tuple[str, int]  # file and first line of a function


class CallRecorder:
    """Plugin of pytest: which functions of the package each test calls, and its CPU time [s]."""

    def __init__(self) -> None:
        self.calls: dict[str, set[Key]] = {}
        self.at_import: set[Key] = set()
        self.seconds: dict[str, float] = {}
        self.passing: set[str] = set()  # alone, without a change
        self._now: set[Key] = set()
        self._by_fixture: dict[str, set[Key]] = defaultdict(set)
        self._codes: dict[CodeType, Key | None] = {}

    def _profile(self, frame: FrameType, event: str, _: Any) -> None:
        if event == "call":
            code = frame.f_code
            if code not in self._codes:
                is_of_package = code.co_filename.startswith(str(PACKAGE))
                self._codes[code] = (code.co_filename, code.co_firstlineno) if is_of_package else None
            if key := self._codes[code]:
                self._now.add(key)

    @pytest.hookimpl(wrapper=True)
    def pytest_collection(self) -> Generator[None, Any, Any]:
        """Record what is called while modules are imported."""
        sys.setprofile(self._profile)
        try:
            return (yield)
        finally:
            sys.setprofile(None)
            self.at_import = self._now

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(self, fixturedef: Any) -> Generator[None, Any, Any]:
        """Record what a fixture calls: a fixture of a session is set up in the first test only."""
        before, self._now = self._now, set()
        try:
            return (yield)
        finally:
            self._by_fixture[fixturedef.argname] |= self._now
            self._now |= before

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, Any, Any]:
        """Record one test."""
        self._now, begin = set(), time.process_time()
        threading.setprofile(self._profile)
        sys.setprofile(self._profile)
        try:
            return (yield)
        finally:
            sys.setprofile(None)
            threading.setprofile(None)  # type: ignore[arg-type]
            self.seconds[item.nodeid] = time.process_time() - begin
            names = getattr(item, "fixturenames", ())
            self.calls[item.nodeid] = self._now.union(*(self._by_fixture[name] for name in names))


    def callers(self, change: Change) -> list[str]:
        """Return the tests that call the function of a change, the quickest first."""
        key = (str(change.path), change.first_line)
        nodeids = [nodeid for nodeid, calls in self.calls.items() if key in calls]
        return sorted(nodeids, key=self.seconds.__getitem__)

    def acts_at_import(self, change: Change) -> bool:
        """Return whether a change acts while modules are imported: it is outside functions, or one is called then."""
        return not change.function or (str(change.path), change.first_line) in self.at_import

    def timeout_s(self, nodeids: Iterable[str]) -> float:
        """Return the most CPU time for a run of tests [s]."""
        return MIN_TIMEOUT_S + TIMEOUT_FACTOR * sum(self.seconds[nodeid] for nodeid in nodeids)


class TestOrder:
    """Plugin of pytest: run given tests in the given order.

    Args:
        nodeids: The tests.
        begin: Called with the name of each test before it runs.
    """

    def __init__(self, nodeids: Sequence[str], begin: Callable[[str], None]) -> None:
        self._rank, self._begin = {nodeid: i for i, nodeid in enumerate(nodeids)}, begin

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Leave out other tests and sort."""
        items[:] = sorted((item for item in items if item.nodeid in self._rank), key=lambda i: self._rank[i.nodeid])

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        """Pass on the name of the test."""
        self._begin(nodeid)


class ChangedModule(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Import hook that loads one module of the package with a change."""

    def __init__(self, change: Change) -> None:
        self._change = change
        parts = change.path.relative_to(ROOT).with_suffix("").parts
        self._name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)

    def find_spec(self, fullname: str, *_: Any) -> ModuleSpec | None:
        """Return the changed module's spec; None for all other modules."""
        if fullname != self._name:
            return None
        return importlib.util.spec_from_file_location(fullname, self._change.path, loader=self)

    def exec_module(self, module: ModuleType) -> None:
        """Run the changed code."""
        exec(compile(changed_tree(self._change), str(self._change.path), "exec"), module.__dict__)


def in_child(work: Callable[[Callable[[str], None]], int], timeout_s: float) -> tuple[bool, str, str]:
    """Run a function in a child process.

    Args:
        work: Function to run. It gets a function to call with the name of each test before it runs, and returns the
            exit status.
        timeout_s: CPU time after which the child is ended, and its children with it after `WAITING_FACTOR` times this
            [s].

    Returns:
        Whether the status was 0, the test that began last, and the end of the output.
    """
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile(buffering=0) as newest:
        def begin(nodeid: str) -> None:
            newest.seek(0)
            newest.truncate()
            newest.write(nodeid.encode())

        child = os.fork()
        if child == 0:
            status = 3
            try:
                os.setsid()
                ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
                os.dup2(output.fileno(), 1)
                os.dup2(output.fileno(), 2)
                resource.setrlimit(resource.RLIMIT_DATA, (MEMORY_BYTES, MEMORY_BYTES))
                if math.isfinite(timeout_s):
                    signal.setitimer(signal.ITIMER_PROF, timeout_s)  # then the process ends
                status = work(begin)
            finally:
                sys.stdout.flush()
                os._exit(status)
        end = time.monotonic() + WAITING_FACTOR * timeout_s
        while os.waitid(os.P_PID, child, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
            if time.monotonic() > end:
                os.killpg(child, signal.SIGKILL)
                break
            time.sleep(0.005)
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        output.seek(0)
        newest.seek(0)
        return code == 0, newest.read().decode(), output.read().decode(errors="replace")[-1000:]


def record_calls(folders: Sequence[str]) -> CallRecorder:
    """Return which functions the tests of some folders call; exit if a test fails."""
    recorder = CallRecorder()
    with tempfile.NamedTemporaryFile() as file:
        def work(_: Callable[[str], None]) -> int:
            status = int(pytest.main([*OPTIONS, *folders], plugins=[recorder]))
            Path(file.name).write_text(json.dumps([{nodeid: sorted(keys) for nodeid, keys in recorder.calls.items()},
                                                   sorted(recorder.at_import), recorder.seconds]))
            return status

        passed, _, text = in_child(work, RECORDING_TIMEOUT_S)
        if not passed:
            sys.exit(f"tests fail without a change:\n{text}")
        calls, at_import, recorder.seconds = json.loads(Path(file.name).read_text())
    recorder.calls = {nodeid: {(name, line) for name, line in keys} for nodeid, keys in calls.items()}
    recorder.at_import = {(name, line) for name, line in at_import}
    return recorder


Run = Callable[[Sequence[str], "Change | None"], tuple[bool, str]]


def find_test(change: Change, nodeids: Sequence[str], run: Run, passing: set[str]) -> str:
    """Return the first test that notices a change; "" if none does.

    A test notices it if it fails with the change, again when it runs alone, and passes alone without the change: a test
    that depends on load or on earlier tests does not count.

    Args:
        change: The change.
        nodeids: Tests to run, in this order.
        run: Runs tests with a change or without, in a child process; returns whether all passed, and the newest test.
        passing: Tests that are known to pass alone without a change; gets those that are found to.
    """
    while nodeids:
        passed, failed = run(nodeids, change)
        if passed:
            return ""
        if failed not in nodeids:
            return "import"
        if not run([failed], change)[0] and (failed in passing or run([failed], None)[0]):
            passing.add(failed)
            return failed
        nodeids = nodeids[nodeids.index(failed) + 1:]
    return ""


def try_at_import(change: Change, recorder: CallRecorder) -> str:
    """Return the test that notices a change that acts when its module is imported; "" if none does."""
    def run(nodeids: Sequence[str], change: Change | None) -> tuple[bool, str]:
        def work(begin: Callable[[str], None]) -> int:
            if change is not None:
                sys.meta_path.insert(0, ChangedModule(change))
            files = sorted({nodeid.partition("::")[0] for nodeid in nodeids})
            return int(pytest.main([*OPTIONS, *files], plugins=[TestOrder(nodeids, begin)]))

        return in_child(work, recorder.timeout_s(nodeids))[:2]

    return find_test(change, sorted(recorder.seconds, key=recorder.seconds.__getitem__), run, recorder.passing)


class ChangedFunctions:
    """Plugin of pytest: instead of one run of the tests, runs for each change of a function, in child processes.

    Args:
        changes: The changes.
        recorder: Tests that call each function.
        take: Called with each change and the test that notices it.
    """

    def __init__(self, changes: Sequence[Change], recorder: CallRecorder, take: Callable[[Change, str], None]) -> None:
        self._changes, self._recorder, self._take = changes, recorder, take

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Try every change; modules are imported and tests collected once."""
        items = {item.nodeid: item for item in session.items}

        def run(nodeids: Sequence[str], change: Change | None) -> tuple[bool, str]:
            def work(begin: Callable[[str], None]) -> int:
                if change is not None:
                    replace_code(change)
                for nodeid in nodeids:
                    begin(nodeid)
                    signal.setitimer(signal.ITIMER_PROF, self._recorder.timeout_s([nodeid]))
                    reports = runtestprotocol(items[nodeid], nextitem=None, log=False)
                    if any(report.failed for report in reports):
                        return 1
                return 0

            return in_child(work, self._recorder.timeout_s(nodeids))[:2]

        for change in self._changes:
            test = find_test(change, self._recorder.callers(change), run, self._recorder.passing)
            self._take(change, test)
        return True


def replace_code(change: Change) -> None:
    """Replace the code of a function that is imported already."""
    codes: list[CodeType] = [compile(changed_tree(change), str(change.path), "exec")]
    while not (codes[0].co_name == change.function and codes[0].co_firstlineno == change.first_line):
        code = codes.pop(0)
        codes.extend(const for const in code.co_consts if isinstance(const, CodeType))
    for function in gc.get_objects():
        if (isinstance(function, FunctionType) and function.__code__.co_firstlineno == change.first_line
                and function.__code__.co_name == change.function
                and function.__code__.co_filename == str(change.path)):
            function.__code__ = codes[0]


def try_functions(changes: Sequence[Change], recorder: CallRecorder, folders: Sequence[str],
                  take: Callable[[Change, str], None]) -> None:
    """Try changes inside functions and pass each with the test that notices it to `take`, in a child process."""
    def work(_: Callable[[str], None]) -> int:
        return int(pytest.main([*OPTIONS, "-s", *folders], plugins=[ChangedFunctions(changes, recorder, take)]))

    passed, _, text = in_child(work, math.inf)
    if not passed:
        sys.exit(f"the run of the tests ended:\n{text}")
