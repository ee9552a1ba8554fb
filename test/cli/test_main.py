"""Every command has help, and every error is one line with exit status 2."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from speech_gesture_ros.cli import doctor
from speech_gesture_ros.cli.main import BROKEN_PIPE, COMMANDS, USER_ERROR, main


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main([command, "--help"])
    assert end.value.code == 0
    assert command in capsys.readouterr().out


def test_a_missing_sound_file_is_one_line_and_not_a_traceback(capsys: pytest.CaptureFixture[str],
                                                              tmp_path: Path) -> None:
    assert main(["demo", "--audio", str(tmp_path / "none.wav"), "--out", str(tmp_path)]) == USER_ERROR
    error = capsys.readouterr().err
    assert error.startswith("speech-gesture: sound file is")
    assert len(error.splitlines()) == 1


def test_a_look_ahead_out_of_bounds_is_refused(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert _status(["bench", "--look-ahead", "3", "--out", str(tmp_path / "report.json")]) == USER_ERROR
    assert "argument --look-ahead: 3 must be from 0 to 1" in capsys.readouterr().err


def test_doctor_does_not_need_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    real = doctor.importlib.util.find_spec
    monkeypatch.setattr(doctor.importlib.util, "find_spec", lambda name: None if name == "torch" else real(name))
    torch = doctor.check_torch()
    assert not torch.works
    assert not torch.is_needed
    assert doctor.check_model().works


def _finding(works: bool, is_needed: bool) -> doctor.Finding:
    return doctor.Finding("name", works, "detail", "remedy", is_needed=is_needed)


@pytest.mark.parametrize(("works", "is_needed", "status"), [(True, True, 0), (False, False, 0), (False, True, 1)],
                         ids=["works", "optional is absent", "needed is missing"])
def test_the_exit_status_of_doctor_is_1_if_something_needed_is_missing(
        works: bool, is_needed: bool, status: int, monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(doctor, "CHECKS", (lambda: _finding(works, is_needed),))
    assert main(["doctor"]) == status
    assert ("remedy" in capsys.readouterr().out) == (not works)


def test_every_check_has_a_detail_and_a_remedy() -> None:
    for check in doctor.CHECKS:
        finding = check()
        assert finding.detail
        assert finding.works or finding.remedy


def test_a_broken_pipe_ends_the_command_without_a_traceback() -> None:
    reads, writes = os.pipe()
    os.close(reads)
    code = "import sys; from speech_gesture_ros.cli.main import main; sys.exit(main(['gestures']))"
    done = subprocess.run([sys.executable, "-c", code], stdout=writes, stderr=subprocess.PIPE, text=True, check=False)
    os.close(writes)
    assert (done.returncode, done.stderr) == (BROKEN_PIPE, "")


@pytest.mark.parametrize(("arguments", "message"), [
    (["bench", "--seconds", "nan"], "argument --seconds: nan must be a finite number above 0"),
    (["bench", "--seconds", "-1"], "argument --seconds: -1 must be a finite number above 0"),
    (["live", "--seconds", "ten"], "argument --seconds: 'ten' is not a number"),
    (["live", "--port", "99999"], "argument --port: 99999 must be a port number, 1 to 65535"),
    (["evaluate", "--speakers", "0"], "argument --speakers: 0 must be at least 1"),
    (["evaluate", "--longest", "inf"], "argument --longest: inf must be a finite number above 0"),
    (["robot", "check", "r.urdf", "--minutes", "0"], "argument --minutes: 0 must be a finite number above 0"),
    (["robot", "preview", "r.urdf"], "the following arguments are required: --out"),
    (["dance"], "argument command: invalid choice: 'dance'"),
    (["bench", "--look-ahead", "nan"], "argument --look-ahead: nan must be from 0 to 1"),
    (["bench", "--device", "tpu"], "must be"),
])
def test_a_wrong_argument_is_refused_in_one_line(arguments: list[str], message: str, tmp_path: Path,
                                                 monkeypatch: pytest.MonkeyPatch,
                                                 capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(tmp_path)
    assert _status(arguments) == USER_ERROR
    error = capsys.readouterr().err
    assert message in error
    assert error.startswith("speech-gesture: ")
    assert len(error.splitlines()) == 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("arguments", [
    ["demo", "--audio", "FOLDER"],
    ["live", "--audio", "FOLDER"],
    ["generate", "FOLDER", "--out", "motion.bvh"],
    ["generate", "TEXT", "--out", "motion.bvh"],
    ["bench", "--audio", "missing.wav"],
    ["evaluate", "--audio", "missing.wav"],
    ["evaluate", "default", "TEXT"],
    ["evaluate", "TEXT", "FOLDER"],
    ["robot", "inspect", "FOLDER"],
    ["robot", "inspect", "TEXT"],
    ["robot", "inspect", "missing.urdf"],
    ["robot", "check", "missing.urdf"],
    ["robot", "inspect", "demo_humanoid", "--profile", "missing"],
    ["robot", "inspect", "demo_humanoid", "--joint-limits", "FOLDER"],
    ["robot", "inspect", "demo_humanoid", "--srdf", "missing.srdf"],
    ["robot", "convert", "TEXT"],
    ["data", "show", "TEXT"],
    ["import-published", "TEXT"],
    ["train", "missing"],
], ids=" ".join)
def test_a_wrong_file_is_refused_in_one_line(arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
                                             capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()
    (tmp_path / "text.txt").write_text("not what is expected")
    assert _status([{"FOLDER": "folder", "TEXT": "text.txt"}.get(a, a) for a in arguments]) == USER_ERROR
    error = capsys.readouterr().err
    assert error.startswith("speech-gesture: ")
    assert len(error.splitlines()) == 1


def _status(arguments: list[str]) -> int:
    """Exit status of a command, also of one that the parser refuses."""
    try:
        return main(arguments)
    except SystemExit as end:
        return int(end.code or 0)
