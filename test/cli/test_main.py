"""The command line explains itself and its errors."""

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
    assert main(["bench", "--look-ahead", "3", "--out", str(tmp_path / "report.json")]) == USER_ERROR
    assert "must be 0 to 1.0 s" in capsys.readouterr().err


def test_an_output_of_unknown_kind_is_refused_before_any_work(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["generate", "speech.wav", "motion.fbx"]) == USER_ERROR
    assert ".bvh, .csv, .npz, .mp4" in capsys.readouterr().err


def _found(is_well: bool, is_needed: bool) -> doctor.Finding:
    return doctor.Finding("thing", is_well, "detail", "remedy", is_needed=is_needed)


@pytest.mark.parametrize(("is_well", "is_needed", "status"), [(True, True, 0), (False, False, 0), (False, True, 1)],
                         ids=["well", "optional is absent", "needed is missing"])
def test_the_doctors_exit_status_tells_whether_something_needed_is_missing(
        is_well: bool, is_needed: bool, status: int, monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(doctor, "CHECKS", (lambda: _found(is_well, is_needed),))
    assert main(["doctor"]) == status
    assert ("remedy" in capsys.readouterr().out) == (not is_well)


def test_the_doctor_survives_whatever_is_missing() -> None:
    for check in doctor.CHECKS:
        finding = check()
        assert finding.detail
        assert finding.is_well or finding.remedy


def test_a_broken_pipe_ends_the_command_without_a_traceback() -> None:
    reads, writes = os.pipe()
    os.close(reads)
    code = "import sys; from speech_gesture_ros.cli.main import main; sys.exit(main(['gestures']))"
    done = subprocess.run([sys.executable, "-c", code], stdout=writes, stderr=subprocess.PIPE, text=True, check=False)
    os.close(writes)
    assert (done.returncode, done.stderr) == (BROKEN_PIPE, "")
