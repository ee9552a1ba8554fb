"""Commands of docs/guides/train.md in order, on a recording with another skeleton."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from scipy.interpolate import CubicSpline

pytestmark = [pytest.mark.ros, pytest.mark.slow]
pytest.importorskip("rclpy", reason="needs ROS 2: pip install '.[ros]'")
pytest.importorskip("mujoco", reason="needs MuJoCo: pip install '.[sim]'")
pytest.importorskip("pytorch_lightning", reason="needs Lightning: pip install '.[train]'")
soundfile = pytest.importorskip("soundfile", reason="needs soundfile: pip install '.[train]'")

from speech_gesture_ros.core.skeleton import load_skeleton
from speech_gesture_ros.datasets.prepared import open_corpus
from speech_gesture_ros.training.strokes.composer import compose_speech

ROOT = Path(__file__).resolve().parents[2]
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks() -> list[tuple[str, str]]:
    """(commands, output) of the guide, in order; blocks in other languages are not run here."""
    found = BLOCK.findall((ROOT / "docs/guides/train.md").read_text(encoding="utf-8"))
    return [(text, found[i + 1][1]) for i, (language, text) in enumerate(found) if language == "sh"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory, speech, foreign) -> Path:
    """recordings/talk.wav, recordings/talk.bvh on the other skeleton at 60 Hz, and new.wav."""
    folder = tmp_path_factory.mktemp("guide")
    pause = np.zeros(16000, np.float32)
    sound = np.concatenate([part for gain in (1.0, 0.7, 0.5, 0.9) for part in (gain * speech, pause)])
    sound = sound[:len(sound) // 640 * 640]
    motion = compose_speech(sound, seed=1).joint_xyz
    times = np.arange(len(motion)) / 25
    fine = CubicSpline(times, motion)(np.arange(round(times[-1] * 60)) / 60)
    foreign.write(folder / "recordings" / "talk.bvh", fine, 60)
    soundfile.write(folder / "recordings" / "talk.wav", np.stack([sound, sound], axis=1), 16000)
    soundfile.write(folder / "new.wav", speech[:6 * 16000], 16000)
    (folder / "bin").mkdir()
    command = folder / "bin" / "speech-gesture"
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m speech_gesture_ros "$@"\n')
    command.chmod(0o755)
    return folder


def test_the_commands_of_the_guide_print_what_it_states(folder: Path) -> None:
    environment = os.environ | {
        "PATH": f"{folder / 'bin'}:{os.environ['PATH']}", "PYTHONPATH": f"{ROOT}:{os.environ.get('PYTHONPATH', '')}",
        "SPEECH_GESTURE_DATA": str(folder / "none"), "ROS_DOMAIN_ID": str(os.getpid() % 90 + 10),
        "ROS_AUTOMATIC_DISCOVERY_RANGE": "LOCALHOST", "OMP_NUM_THREADS": "1",
    }  # fmt: skip
    commands = blocks()
    assert len(commands) == 6
    for text, printed in commands:
        result = subprocess.run(["bash", "-euc", text], cwd=folder, env=environment, capture_output=True, text=True,
                                timeout=300, check=False)
        assert result.returncode == 0, f"{text}\n{result.stdout[-3000:]}\n{result.stderr[-3000:]}"
        for line in printed.splitlines():
            assert " ".join(line.split()) in " ".join(result.stdout.split()), f"{text}\n{result.stdout[-3000:]}"

    corpus = open_corpus(folder / "prepared")
    assert set(corpus.names("test")).isdisjoint(corpus.names("train"))
    card = (folder / "runs/tiny/MODEL_CARD.md").read_text(encoding="utf-8")
    assert "prepared corpus `prepared`" in card
    assert (folder / "report/report.html").stat().st_size > 10_000
    with np.load(folder / "made.npz") as made:
        person = next(made[name] for name in made.files if made[name].ndim == 3)
    wrists = person[:, [load_skeleton().index["left_wrist"], load_skeleton().index["right_wrist"]]]
    assert np.ptp(wrists, axis=0).max() > 0.02  # it moves
    assert (folder / "results/report.json").is_file()
