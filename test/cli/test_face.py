"""`speech-gesture face`: files, pictures and refusals."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from speech_gesture_ros.cli.main import main
from speech_gesture_ros.cli.parser import build_parser
from speech_gesture_ros.core.face_channels import BLENDSHAPES
from speech_gesture_ros.networks.face.bundle import save_face_bundle

soundfile = pytest.importorskip("soundfile", reason="needs pip install '.[agent]'")
from small_face import small_face_bundle


@pytest.fixture
def speech(tmp_path: Path) -> Path:
    path = tmp_path / "speech.wav"
    soundfile.write(path, 0.1 * np.sin(np.arange(16_000) / 20), 16_000)
    return path


def test_generate_writes_a_frame_every_20_ms(speech: Path, tmp_path: Path) -> None:
    save_face_bundle(small_face_bundle(), tmp_path / "bundle")
    out = tmp_path / "face.json"
    assert main(["face", "generate", str(speech), str(out), "--bundle", str(tmp_path / "bundle"), "--style",
                 "shout=2", "usual", "--expression", "happy"]) == 0
    content = json.loads(out.read_text())
    assert np.shape(content["blendshapes"]) == (50, 52)
    assert content["blendshapes"][-1][BLENDSHAPES.index("mouthSmileLeft")] > 0.2


def test_timed_phones_need_no_model_and_close_the_lips(speech: Path, tmp_path: Path) -> None:
    phones, out = tmp_path / "phones.csv", tmp_path / "face.npz"
    phones.write_text("aa,0.2,0.4\nm,0.4,0.5\naa,0.5,0.7\n")
    assert main(["face", "generate", str(speech), str(out), "--phones", str(phones)]) == 0
    arrays = np.load(out)
    jaw, close = (arrays["blendshapes"][:, BLENDSHAPES.index(name)] for name in ("jawOpen", "mouthClose"))
    np.testing.assert_allclose(jaw[20:25], close[20:25], atol=1e-6)
    assert (jaw - close)[15] > 0.3


def test_preview_draws_a_strip_and_an_animation(speech: Path, tmp_path: Path) -> None:
    pytest.importorskip("PIL", reason="needs pip install '.[sim]'")
    from PIL import Image

    phones = tmp_path / "phones.csv"
    phones.write_text("aa,0.2,0.4\nm,0.4,0.5\n")
    outs = [tmp_path / "face.png", tmp_path / "face.gif"]
    assert main(["face", "preview", str(speech), str(outs[0]), "--phones", str(phones), "--out", str(outs[1])]) == 0
    assert {path.name for path in tmp_path.iterdir()} == {speech.name, phones.name, *(path.name for path in outs)}
    assert Image.open(outs[0]).size[0] == 2000
    assert Image.open(outs[1]).n_frames > 5


def test_preview_draws_the_avatar(speech: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("PIL", reason="needs pip install '.[sim]'")
    from PIL import Image

    phones, pictures = tmp_path / "phones.csv", []
    phones.write_text("aa,0.2,0.4\n")
    for name, options in (("drawn", []), ("avatar", ["--avatar"])):
        out = tmp_path / f"{name}.png"
        assert main(["face", "preview", str(speech), str(out), "--phones", str(phones), *options]) == 0
        pictures.append(np.asarray(Image.open(out)).astype(int))
    assert pictures[0].shape == pictures[1].shape
    assert np.abs(pictures[0] - pictures[1]).max() > 100
    assert main(["face", "preview", str(speech), str(out), "--avatar", "--mesh", "a.glb"]) == 2
    assert "--mesh is 'a.glb', must be given without --avatar" in capsys.readouterr().err


@pytest.mark.parametrize(("arguments", "message"), [
    (["generate", "{speech}", "face.txt"], "endings .csv, .json, .npz"),
    (["preview", "{speech}", "face.csv"], "endings .mp4, .gif, .png"),
    (["generate", "{speech}", "face.csv", "--style", "loud"], "style"),
    (["generate", "{speech}", "face.csv", "--bundle", "nothing"], "file in models"),
])
def test_wrong_arguments_are_refused_in_one_line(speech: Path, tmp_path: Path, arguments: list[str], message: str,
                                                 capsys: pytest.CaptureFixture[str],
                                                 monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["face", *(a.format(speech=speech) for a in arguments)]) == 2
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1


def test_face_train_is_train_with_the_configuration_of_the_face() -> None:
    of_face, of_train = (vars(build_parser().parse_args(words)) for words in (["face", "train"], ["train", "face"]))
    assert of_face["act"] is of_train["run"]
    for name in ("config", "data", "out", "cache", "resume"):
        assert of_face[name] == of_train[name], name
