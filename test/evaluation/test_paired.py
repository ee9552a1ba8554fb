"""The whole of `evaluate BUNDLE DATA` on a corpus made here, and its controls: they must behave as they are named."""

from __future__ import annotations

import json
import re

import numpy as np
import pytest

from speech_gesture_ros.core.assets import resolve
from speech_gesture_ros.core.errors import ConfigError, InputError
from speech_gesture_ros.core.keypoints import NUM_KEYPOINTS
from speech_gesture_ros.core.skeleton import load_skeleton
from speech_gesture_ros.datasets.clips import Clip
from speech_gesture_ros.datasets.prepared import write_corpus
from speech_gesture_ros.evaluation import paired
from speech_gesture_ros.evaluation.html_report import html_report
from speech_gesture_ros.evaluation.metrics import GestureWindows
from speech_gesture_ros.evaluation.paired_clips import Example, Sound
from speech_gesture_ros.evaluation.paired_judge import Figures, Judge
from speech_gesture_ros.evaluation.paired_table import COLUMNS, PROVES, as_markdown, as_text, footnotes, table_rows
from speech_gesture_ros.evaluation.recorded_motion import recorded_motion

SKELETON = load_skeleton()


def beats_at(times_s: np.ndarray, num_frames: int, size: float = 0.3) -> np.ndarray:
    """(T, J, 3) the right hand goes up or down by a minimum-jerk step around each time."""
    xyz = np.broadcast_to(SKELETON.rest_xyz, (num_frames, len(SKELETON), 3)).copy()
    t = np.arange(num_frames) / 25
    for k, time in enumerate(times_s):
        s = np.clip((t - time) / 0.4 + 0.5, 0, 1)
        step = (1 if k % 2 == 0 else -1) * size * s**3 * (10 - 15 * s + 6 * s**2)
        for part in ("wrist", "hand", "thumb"):
            xyz[:, SKELETON.index[f"right_{part}"], 2] += step
    return xyz


def example(seed: int, seconds: float = 24.0, sound: bool = True) -> Example:
    rng = np.random.default_rng(seed)
    count = int(seconds * 25)
    accents = np.cumsum(rng.uniform(0.7, 1.6, 100))
    accents = accents[accents < seconds - 1]
    heard = Sound(accents, accents, np.ones(count, dtype=bool), np.zeros((count, 4)))
    return Example(f"clip{seed}", np.zeros(count * 640), heard, beats_at(accents, count))


@pytest.fixture(scope="module")
def rows() -> dict[str, Figures]:
    """A model that beats every accent, 20 ms late and lower, with a hand that is drawn by the seed."""
    examples = [example(k) for k in range(6)]
    mean_pose = np.concatenate([e.truth for e in examples]).mean(axis=0)
    judge = Judge(SKELETON, GestureWindows.of([e.truth for e in examples], 25.0))
    return paired.evaluate_paired(
        examples, lambda e, seed: beats_at(e.sound.accents_s + 0.02, len(e.truth), 0.2 + 0.02 * seed), judge, mean_pose,
        seeds=2)[0]


def test_the_recording_is_without_fault(rows) -> None:
    recorded = rows[paired.RECORDED]
    assert recorded["ape"] == recorded["mae"] == 0.0
    assert recorded["pck_0.1"] == recorded["srgr"] == 1.0
    assert recorded["cca"] == pytest.approx(1.0)
    for name in ("fgd_raw", "hellinger", "hellinger_frame"):
        assert recorded[name] == pytest.approx(0.0, abs=1e-6), name


def test_the_mean_pose_is_still_and_yet_near(rows) -> None:
    still = rows[paired.MEAN_POSE]
    assert still["speed"] == still["acceleration"] == still["jerk"] == 0.0
    assert still["l1_diversity"] < 1e-9
    assert still["apexes"] == still["apex_share"] == still["motion_beats"] == 0.0
    assert np.isnan(still["cca"])
    # The trap of all distances to one recording: it beats real motion for other speech.
    assert still["ape"] < rows[paired.SHUFFLED]["ape"]
    assert still["srgr"] > 0.8


def test_shuffled_audio_moves_the_same_and_loses_the_timing(rows) -> None:
    bundle, shuffled = rows[paired.BUNDLE], rows[paired.SHUFFLED]
    assert shuffled["speed"] == pytest.approx(bundle["speed"], rel=0.1)
    assert shuffled["hellinger"] == pytest.approx(bundle["hellinger"], abs=0.05)
    assert bundle["apex_share"] > 0.95
    assert bundle["apex_excess"] > 3
    assert bundle["apex_offset"] == pytest.approx(20, abs=10)
    assert shuffled["apex_share"] < 0.4
    assert shuffled["apex_excess"] < 1.7
    assert rows[paired.OTHER_HALF]["apex_share"] < 0.5


def test_seeds_give_a_mean_a_spread_and_variety(rows) -> None:
    bundle = rows[paired.BUNDLE]
    assert bundle["speed_sd"] > 0
    assert bundle["multimodality"] > 0
    assert "speed_sd" not in rows[paired.RECORDED]


def test_one_clip_is_shuffled_against_itself() -> None:
    only = example(0)
    rows, motions = paired.evaluate_paired([only], lambda e, seed: e.truth, Judge(SKELETON), only.truth.mean(0),
                                           seeds=1)
    assert paired.OTHER_HALF not in rows
    np.testing.assert_array_equal(motions[paired.SHUFFLED][0], np.roll(only.truth, len(only.truth) // 2, axis=0))
    assert np.isnan(rows[paired.BUNDLE]["fgd"])
    assert rows[paired.SHUFFLED]["apex_share"] < rows[paired.BUNDLE]["apex_share"]


def test_motions_for_other_clips_are_refused() -> None:
    with pytest.raises(InputError, match="as many as clips"):
        Judge(SKELETON).measure([example(0)], [])


def test_shuffling_keeps_nobody_in_place() -> None:
    for count in range(2, 12):
        order = paired.shuffled_order(count)
        assert sorted(order) == list(range(count))
        assert all(k != to for k, to in enumerate(order))


def test_every_figure_says_what_it_proves(rows) -> None:
    lines = table_rows(rows)
    assert [line[0] for line in lines[1:]] == [c.label for c in COLUMNS if c.name in rows[paired.BUNDLE]
                                               and any(np.isfinite(f.get(c.name, np.nan)) for f in rows.values())]
    assert {line[-2] for line in lines[1:]} <= PROVES.keys()
    assert {c.proves for c in COLUMNS if c.name in ("ape", "srgr", "cca", "beat_consistency")} == {"nothing"}
    assert all(c.proves == "MATCH" for c in COLUMNS if c.name.startswith(("apex_excess", "match")))
    text, markdown = as_text(lines), as_markdown(lines)
    assert f"{rows[paired.BUNDLE]['ape']:.2f}" in text
    assert len(markdown.splitlines()) == len(lines) + 1
    assert any("says nothing" in note for note in footnotes(rows))  # no matcher here


def test_the_page_needs_no_network(rows) -> None:
    page = html_report("a < b", {"data": "x & y"}, table_rows(rows), footnotes(rows), {"speeds.png": b"\x89PNG"})
    assert "a &lt; b" in page
    assert "x &amp; y" in page
    assert "data:image/png;base64,iVBORw==" in page
    assert not re.search(r"""(src|href)=["'](?!data:)""", page)


@pytest.mark.parametrize(("value", "is_missed"), [(1.2, False), (1.0, True), (float("nan"), True)])
def test_targets(value: float, is_missed: bool) -> None:
    assert paired.missed({"apex_excess": value}, {"apex_excess": (">=", 1.1)}) == {"apex_excess": is_missed}
    assert paired.missed({"ape": 2.0}, {"ape": ("<=", 3.0)}) == {"ape": False}


# --- recorded motion ----------------------------------------------------------------------------------------------

def test_keypoints_are_lifted_where_there_is_no_motion() -> None:
    from speech_gesture_ros.core.keypoints import KEYPOINT_INDEX

    t = np.arange(60) / 15
    points = np.zeros((60, NUM_KEYPOINTS, 3))
    points[..., 2] = 1.0
    for side, sign in (("right", -1), ("left", 1)):
        for part, (x, y) in (("shoulder", (80, 10)), ("elbow", (100, 130)), ("wrist", (110, 220))):
            points[:, KEYPOINT_INDEX[f"{side}_{part}"], :2] = 600 + sign * x, 300 + y
    points[:, KEYPOINT_INDEX["left_wrist"], 1] -= 60 * (1 - np.cos(2 * np.pi * t))
    points[:, KEYPOINT_INDEX["neck"], :2] = 600, 300
    points[20:30, KEYPOINT_INDEX["left_wrist"], :] = 0.0  # not seen
    clip = Clip("a", "s", "test", np.zeros(100 * 640, dtype=np.float32), None, points.astype(np.float32))
    motion = recorded_motion(clip, SKELETON)
    assert motion is not None
    assert motion.shape == (100, len(SKELETON), 3)
    assert np.isfinite(motion).all()
    spread = np.ptp(motion[..., 2], axis=0)
    assert spread[SKELETON.index["left_wrist"]] > 5 * spread[SKELETON.index["right_wrist"]]
    assert recorded_motion(Clip("b", "s", "test", clip.samples), SKELETON) is None


# --- the command --------------------------------------------------------------------------------------------------

@pytest.fixture(scope="module")
def prepared(tmp_path_factory, speech):
    """Pieces of the shipped speech; the "recorded" motion is that of the shipped model under a seed of its own."""
    from speech_gesture_ros.pipeline.speech_to_pose import SpeechToPose

    model = SpeechToPose(resolve("default", "models"), seed=77, device="cpu")
    length = 12 * 16000
    pieces = [np.roll(speech, -k * 4 * 16000)[:length] for k in range(8)]
    clips = []
    for k, piece in enumerate(pieces):
        samples = piece.astype(np.float32)
        split = "train" if k < 5 else "test"
        clips.append(Clip(f"piece{k}", f"s{k}", split, samples, model.perform(samples)))
    return write_corpus(tmp_path_factory.mktemp("corpus") / "tiny", clips).folder


@pytest.mark.slow
def test_the_command_writes_everything_and_its_controls_behave(prepared, tmp_path, capsys) -> None:
    from speech_gesture_ros.cli.main import main

    out = tmp_path / "out"
    arguments = ["evaluate", "default", str(prepared), "--out", str(out), "--seeds", "1", "--robot-clips", "1",
                 "--device", "cpu"]
    assert main([*arguments, "--target", "apex_share>=0.4", "--target", "limit_violations<=0"]) == 0
    printed = capsys.readouterr().out
    assert "apexes within 0.1 s of an accent" in printed
    assert "proves nothing" in printed
    names = {p.name for p in out.iterdir()}
    assert {"table.md", "table.json", "report.html", "speeds.png", "spectra.png", "timing.png", "wrists.png",
            "poses.png", "fgd_extractor.safetensors"} <= names
    rows = json.loads((out / "table.json").read_text())["rows"]
    assert list(rows) == [paired.BUNDLE, paired.MEAN_POSE, paired.SHUFFLED, paired.RECORDED, paired.OTHER_HALF]
    assert rows[paired.MEAN_POSE]["speed"] == 0.0
    assert rows[paired.MEAN_POSE]["ape"] < rows[paired.SHUFFLED]["ape"]
    assert rows[paired.BUNDLE]["apex_share"] > rows[paired.SHUFFLED]["apex_share"] + 0.15
    assert rows[paired.RECORDED]["fgd"] == pytest.approx(0.0, abs=1e-3)
    assert rows[paired.MEAN_POSE]["fgd"] > rows[paired.BUNDLE]["fgd"]
    assert rows[paired.BUNDLE]["collision_share"] == 0.0
    # The extractor that was written gives the same figures again; a target that is missed shows in the exit status.
    again = [*arguments[:4], str(tmp_path / "again"), *arguments[5:7], "--robot-clips", "0", "--device", "cpu",
             "--extractor", str(out / "fgd_extractor.safetensors"), "--target", "apex_share>=1.1"]
    assert main(again) == 1
    repeated = json.loads((tmp_path / "again" / "table.json").read_text())["rows"]
    assert repeated[paired.MEAN_POSE]["fgd"] == pytest.approx(rows[paired.MEAN_POSE]["fgd"], rel=1e-6)
    assert "limit_violations" not in repeated[paired.BUNDLE]


def test_mistakes_are_told(prepared, tmp_path, capsys, monkeypatch) -> None:
    from speech_gesture_ros.cli.evaluate_paired import parse_targets
    from speech_gesture_ros.cli.main import main

    monkeypatch.setenv("SPEECH_GESTURE_DATA", str(tmp_path / "nowhere"))
    assert main(["evaluate", "default"]) == 2
    assert "SPEECH_GESTURE_DATA" in capsys.readouterr().err
    assert main(["evaluate", "default", str(tmp_path)]) == 2
    assert "corpus.yaml" in capsys.readouterr().err
    assert main(["evaluate", "no_such_model", str(prepared)]) == 2
    assert "no_such_model" in capsys.readouterr().err
    assert main(["evaluate", "default", str(prepared), "--out", str(tmp_path / "x"), "--split", "validation"]) == 2
    assert "--split" in capsys.readouterr().err
    with pytest.raises(ConfigError, match="FIGURE>=NUMBER"):
        parse_targets(["beauty>=3"])
