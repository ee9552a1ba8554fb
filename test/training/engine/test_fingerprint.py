"""A fingerprint changes with the values and with the code, and with nothing else."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

import pytest

from speech_gesture_ros.training.engine.fingerprint import fingerprint


def test_values_and_code_change_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "made_for_a_test").mkdir()
    for name in ("__init__", "one"):
        (tmp_path / "made_for_a_test" / f"{name}.py").write_text("A = 1\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    package = importlib.import_module("made_for_a_test")
    module = importlib.import_module("made_for_a_test.one")
    first = fingerprint([1, "a"], package), fingerprint([1, "a"], module)
    assert first == (fingerprint([1, "a"], package), fingerprint([1, "a"], module))
    assert len({*first, fingerprint([2, "a"], package), fingerprint([2, "a"], module)}) == 4
    (tmp_path / "made_for_a_test" / "one.py").write_text("A = 2\n")
    assert not set(first) & {fingerprint([1, "a"], package), fingerprint([1, "a"], module)}
    del sys.modules["made_for_a_test.one"], sys.modules["made_for_a_test"]
