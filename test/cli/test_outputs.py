"""Results are written completely or not at all; a path or number that cannot be used is refused before any work."""

from __future__ import annotations

import argparse
import errno
import os
import resource
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from speech_gesture_ros.cli import argument_types
from speech_gesture_ros.cli.main import USER_ERROR, main
from speech_gesture_ros.cli.parser import build_parser
from speech_gesture_ros.core.outputs import locked_folder

NUMBERS = ("positive", "count", "count_or_none", "port", "number")  # names of the types of numbers
RUN = "import sys; from speech_gesture_ros.cli.main import main; sys.exit(main(sys.argv[1:]))"


Option = tuple[tuple[str, ...], argparse.Action]  # words of the command, option


def commands(parser: argparse.ArgumentParser, path: tuple[str, ...] = ()) -> Iterator[Option]:
    """Yield all options of all commands, with the words of the command."""
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for name, sub in action.choices.items():
                yield from commands(sub, (*path, name))
        elif action.option_strings:
            yield path, action


OPTIONS = [(path, action) for path, action in commands(build_parser()) if path]
NUMERIC = [(path, action) for path, action in OPTIONS if getattr(action.type, "__name__", "") in NUMBERS]
OUTPUTS = [(path, action) for path, action in OPTIONS
           if action.type in (argument_types.output_file, argument_types.output_folder)]


def named(options: list[Option]) -> list[str]:
    return [" ".join([*path, action.option_strings[-1]]) for path, action in options]


def refusal(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    """Return the one line with which a command ends."""
    with pytest.raises(SystemExit) as end:
        main(arguments)
    assert end.value.code == USER_ERROR
    error = capsys.readouterr().err
    assert error.startswith("speech-gesture: ")
    assert len(error.splitlines()) == 1
    assert len(error) < 1000
    return error


def test_every_option_of_a_number_or_output_has_a_checked_type() -> None:
    for path, action in OPTIONS:
        assert action.type not in (int, float), (path, action.option_strings)
        if action.option_strings[-1] in ("--out", "--json", "--images", "--cache"):
            assert (path, action) in OUTPUTS


def test_the_option_for_results_has_the_same_name_in_every_command() -> None:
    others = {" ".join([*path, action.option_strings[-1]]) for path, action in OUTPUTS
              if action.option_strings != ["--out"]}
    assert others == {"robot table --images", "robot table --json", "train --cache", "face train --cache",
                      "face leave-out --cache", "experiment --cache", "avatar fit --ros-params"}
    writing = {path for path, _ in OUTPUTS if _.option_strings == ["--out"]}
    assert {path for path, action in OUTPUTS} == writing, "a command with further outputs has --out, too"


@pytest.mark.parametrize("value", ["nan", "-1", "-inf", "inf", "1e400", "9" * 5000, "", "ten", "0x10", "1,5"])
@pytest.mark.parametrize(("path", "action"), NUMERIC, ids=named(NUMERIC))
def test_numbers_out_of_bounds_are_refused(path: tuple[str, ...], action: argparse.Action, value: str,
                                           capsys: pytest.CaptureFixture[str]) -> None:
    if value == "-1" and action.option_strings[-1] == "--offset":
        return  # a motion may be early
    option = action.option_strings[-1]
    error = refusal([*path, f"{option}={value}"], capsys)
    assert f"argument {option}: " in error


@pytest.mark.parametrize("kind", ["the other kind", "below a file", "below a device", "empty", "long"])
@pytest.mark.parametrize(("path", "action"), OUTPUTS, ids=named(OUTPUTS))
def test_outputs_that_cannot_be_written_are_refused(path: tuple[str, ...], action: argparse.Action, kind: str,
                                                    tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
                                                    capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").write_text("kept")
    (tmp_path / "folder").mkdir()
    is_file = action.type is argument_types.output_file
    value = {"the other kind": "folder" if is_file else "file", "below a file": "file/new/x.bvh",
             "below a device": "/dev/null/x.bvh", "empty": "", "long": "x" * 300 + "/y.bvh"}[kind]
    option = action.option_strings[-1]
    error = refusal([*path, option, value], capsys)
    assert f"argument {option}: " in error
    assert "output" in error
    assert sorted(p.name for p in tmp_path.iterdir()) == ["file", "folder"]
    assert (tmp_path / "file").read_text() == "kept"


@pytest.mark.parametrize(("path", "action"), OUTPUTS, ids=named(OUTPUTS))
def test_outputs_without_permission_are_refused(path: tuple[str, ...], action: argparse.Action, tmp_path: Path,
                                                monkeypatch: pytest.MonkeyPatch,
                                                capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)
    error = refusal([*path, action.option_strings[-1], str(tmp_path / "new" / "x")], capsys)
    assert "no permission to write into" in error
    assert "Change its permissions, or choose another path." in error


@pytest.mark.parametrize("arguments", [
    ["robot", "profile", "demo_humanoid", "--out", "out.yaml"],
    ["gestures", "nod", "--out", "out.png"],
    *(pytest.param(["generate", "SPEECH", "--out", f"out.{suffix}"], marks=pytest.mark.slow)
      for suffix in ("bvh", "npz", "csv", "mcap", "play_motion2.yaml", "mp4", "keypoints.mp4")),
], ids=" ".join)
def test_a_full_disk_leaves_the_old_file_and_one_line(arguments: list[str], tmp_path: Path) -> None:
    """The bound of file sizes acts as a full disk does: a write fails in the middle."""
    out = tmp_path / arguments[-1]
    out.write_text("old")
    short = tmp_path / "short.wav"
    short_speech(short)
    done = subprocess.run(
        [sys.executable, "-c", RUN, *[{"SPEECH": str(short)}.get(a, a) for a in arguments]], capture_output=True,
        text=True, check=False, cwd=tmp_path, timeout=300,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (512, 512)))
    line = done.stderr.splitlines()[-1]
    assert done.returncode == USER_ERROR, done.stderr
    assert line.startswith(f"speech-gesture: output '{arguments[-1]}' cannot be written: {os.strerror(errno.EFBIG)}.")
    assert "Traceback" not in done.stderr
    assert out.read_text() == "old"
    assert {p.name for p in tmp_path.iterdir()} == {out.name, short.name}


def short_speech(path: Path) -> None:
    import soundfile

    from speech_gesture_ros.core.assets import resolve

    samples, rate = soundfile.read(resolve("speech.flac", "config/demo"))
    soundfile.write(path, samples[:2 * rate], rate)


@pytest.mark.parametrize("arguments", [
    ["demo", "--out", "OUT"],
    ["data", "prepare", "source", "--out", "OUT"],
    ["data", "compose", "--minutes", "1", "--out", "OUT"],
    ["train", "tiny", "--data", "source", "--out", "OUT"],
    ["experiment", "published", "--data", "source", "--out", "OUT"],
    ["evaluate", "--audio", "SPEECH", "--out", "OUT"],
    ["evaluate", "default", "source", "--out", "OUT"],
    ["upgrade-bundle", "source", "--out", "OUT"],
], ids=" ".join)
def test_a_second_run_into_the_same_folder_is_refused(arguments: list[str], tmp_path: Path,
                                                      monkeypatch: pytest.MonkeyPatch,
                                                      capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "source").mkdir()
    short_speech(tmp_path / "short.wav")
    with locked_folder(tmp_path / "out"):
        assert main([{"OUT": "out", "SPEECH": "short.wav"}.get(a, a) for a in arguments]) == USER_ERROR
    line = capsys.readouterr().err.splitlines()[-1]
    assert line == ("speech-gesture: output 'out' cannot be written: another run writes into it. Wait for its end, or "
                    "choose another folder.")
    assert list((tmp_path / "out").iterdir()) == []


@pytest.mark.parametrize("environment", [
    {"LC_ALL": "C"}, {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}, {"PYTHONIOENCODING": "ascii"},
], ids=str)
def test_a_locale_without_the_characters_of_a_text_is_no_error(environment: dict[str, str], tmp_path: Path) -> None:
    done = run_in_shell("robot inspect demo_humanoid && run robot profile none --out ümlaut.yaml", tmp_path,
                        environment)
    assert "Traceback" not in done.stderr
    assert done.stderr.startswith("speech-gesture: ")
    assert len(done.stderr.splitlines()) == 1
    assert done.returncode == USER_ERROR


@pytest.mark.parametrize(("redirection", "status"), [
    (">&-", 0), ("2>&-", 0), (">&- 2>&- <&-", 0), (">/dev/full", USER_ERROR)])
def test_a_closed_or_full_standard_output_gives_no_traceback(redirection: str, status: int, tmp_path: Path) -> None:
    done = run_in_shell(f"gestures nod {redirection}", tmp_path, {})
    assert done.returncode == status
    assert "Traceback" not in done.stderr
    assert len(done.stderr.splitlines()) == (1 if status else 0)
    assert ("the standard output cannot be used: No space left on device" in done.stderr) == bool(status)


def run_in_shell(command: str, folder: Path, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Run a command as `run COMMAND` in a shell."""
    function = f"run() {{ {sys.executable} -c '{RUN}' \"$@\"; }}; run {command}"
    return subprocess.run(["sh", "-c", function], capture_output=True, text=True, check=False, cwd=folder,
                          env={**os.environ, **environment}, timeout=120)


def test_a_device_is_written_directly_and_stays_a_device(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["robot", "profile", "demo_humanoid", "--out", os.devnull]) == 0
    assert Path(os.devnull).is_char_device()
    assert capsys.readouterr().out.startswith("written to /dev/null")
