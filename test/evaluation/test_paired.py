"""`evaluate BUNDLE DATA` on a synthetic corpus: its controls behave as they are named."""

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
from speech_gesture_ros.evaluation.metric_table import as_markdown, as_text, footnotes, table_lines
from speech_gesture_ros.evaluation.metrics import GestureWindows
from speech_gesture_ros.evaluation.metrics.motion_clip import MotionReference
from speech_gesture_ros.evaluation.metrics.registry import METRICS, Values
from speech_gesture_ros.evaluation.paired import PairedClip
from speech_gesture_ros.evaluation.recorded_motion import recorded_motion
from speech_gesture_ros.evaluation.speech_analysis import SpeechAnalysis
from speech_gesture_ros.evaluation.targets import Target, parse_target, target_lines

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


def example(seed: int, seconds: float = 24.0) -> PairedClip:
    rng = np.random.default_rng(seed)
    count = int(seconds * 25)
    accents = np.cumsum(rng.uniform(0.7, 1.6, 100))
    accents = accents[accents < seconds - 1]
    speech = SpeechAnalysis(accents, accents, np.ones(count, dtype=bool), np.zeros((count, 4)))
    return PairedClip(f"clip{seed}", np.zeros(count * 640), speech, beats_at(accents, count))


@pytest.fixture(scope="module")
def rows() -> dict[str, Values]:
    """A model that beats every accent 20 ms later, with a stroke size that depends on the seed."""
    examples = [example(k) for k in range(6)]
    recorded = [e.recorded for e in examples]
    reference = MotionReference(windows=GestureWindows.of(recorded, 25.0))
    return paired.evaluate_paired(
        examples, lambda e, seed: beats_at(e.speech.accents_s + 0.02, len(e.recorded), 0.2 + 0.02 * seed), SKELETON,
        reference, np.concatenate(recorded).mean(axis=0), seeds=2)[0]


@pytest.mark.slow
def test_the_recording_has_the_best_values(rows) -> None:
    recorded = rows[paired.RECORDED]
    assert recorded["ape"] == recorded["mae"] == 0.0
    assert recorded["pck_0.1"] == recorded["srgr"] == 1.0
    assert recorded["cca"] == pytest.approx(1.0)
    for name in ("fgd_raw", "hellinger", "hellinger_frame"):
        assert recorded[name] == pytest.approx(0.0, abs=1e-6), name


def test_the_mean_pose_does_not_move_and_yet_is_near(rows) -> None:
    still = rows[paired.MEAN_POSE]
    assert still["speed"] == still["acceleration"] == still["jerk"] == 0.0
    assert still["l1_diversity"] < 1e-9
    assert still["apexes"] == still["apex_share"] == still["motion_beats"] == 0.0
    assert np.isnan(still["cca"])
    # Why distances to one recording prove nothing: it is nearer than real motion for other speech.
    assert still["ape"] < rows[paired.SHUFFLED]["ape"]
    assert still["srgr"] > 0.8


def test_shuffled_audio_moves_the_same_and_loses_the_timing(rows) -> None:
    bundle, shuffled = rows[paired.BUNDLE], rows[paired.SHUFFLED]
    assert shuffled["speed"] == pytest.approx(bundle["speed"], rel=0.1)
    assert shuffled["hellinger"] == pytest.approx(bundle["hellinger"], abs=0.05)
    assert bundle["apex_share"] > 0.95
    assert bundle["apex_excess"] > 3
    assert bundle["apex_offset_ms"] == pytest.approx(20, abs=10)
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
    rows, motions = paired.evaluate_paired([only], lambda e, seed: e.recorded, SKELETON, MotionReference(),
                                           only.recorded.mean(0), seeds=1)
    assert paired.OTHER_HALF not in rows
    np.testing.assert_array_equal(motions[paired.SHUFFLED][0], np.roll(only.recorded, len(only.recorded) // 2, axis=0))
    assert np.isnan(rows[paired.BUNDLE]["fgd"])
    assert rows[paired.SHUFFLED]["apex_share"] < rows[paired.BUNDLE]["apex_share"]


def test_motions_for_other_clips_are_refused() -> None:
    with pytest.raises(InputError, match="as many as clips"):
        paired.motion_set([example(0)], [], SKELETON, MotionReference())


def test_shuffling_gives_every_clip_another_one() -> None:
    for count in range(2, 12):
        order = paired.shuffled_order(count)
        assert sorted(order) == list(range(count))
        assert all(k != to for k, to in enumerate(order))


def test_a_table_shows_the_key_metrics_or_all(rows) -> None:
    short, long = table_lines(rows, show_all=False, also=["ape"]), table_lines(rows, show_all=True)
    shown = {line[0] for line in short[1:]}
    assert METRICS["apex_excess"].label in shown
    assert METRICS["ape"].label in shown
    assert METRICS["mae"].label not in shown
    measured = [m.label for m in METRICS.values() if any(np.isfinite(v.get(m.name, np.nan)) for v in rows.values())]
    assert [line[0] for line in long[1:]] == measured
    text, markdown = as_text(long), as_markdown(long)
    assert f"{rows[paired.BUNDLE]['ape']:.2f}" in text
    assert len(markdown.splitlines()) == len(long) + 1


def test_notes_explain_the_words_used_and_a_matcher_that_proves_nothing(rows) -> None:
    assert any(note.startswith("proves match") for note in footnotes(table_lines(rows, show_all=False)))
    assert any("says nothing" in note for note in paired.notes(rows))  # no matcher here


def test_the_page_needs_no_network(rows) -> None:
    lines = table_lines(rows, show_all=True)
    page = html_report("a < b", {"data": "x & y"}, lines, footnotes(lines), {"speeds.png": b"\x89PNG"})
    assert "a &lt; b" in page
    assert "x &amp; y" in page
    assert "data:image/png;base64,iVBORw==" in page
    assert not re.search(r"""(src|href)=["'](?!data:)""", page)


@pytest.mark.parametrize(("value", "is_met"), [(1.2, True), (1.0, False), (float("nan"), False)])
def test_a_target_is_met_or_missed(value: float, is_met: bool) -> None:
    target = parse_target("apex_excess>=1.1", "bundle")
    assert target == Target("bundle", "apex_excess", ">=", 1.1)
    assert target.is_met({"bundle": {"apex_excess": value}}) == is_met
    assert ("MISSED" in target_lines([target], {"bundle": {"apex_excess": value}})[0]) == (not is_met)


@pytest.mark.parametrize("text", ["beauty>=3", "ape", "ape>3", "ape>=much", "ape>=nan"])
def test_a_wrong_target_is_refused_with_the_form(text: str) -> None:
    with pytest.raises(ConfigError, match="METRIC>=NUMBER"):
        parse_target(text, "bundle")


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
    assert main([*arguments, "--target", "apex_share>=0.05", "--target", "limit_violations<=0"]) == 0
    printed = capsys.readouterr().out
    assert "apex excess over jitter" in printed
    assert "apexes within 0.1 s of an accent" in printed  # a target
    assert "APE" not in printed
    names = {p.name for p in out.iterdir()}
    assert {"table.md", "table.json", "report.html", "speeds.png", "spectra.png", "timing.png", "wrists.png",
            "poses.png", "fgd_extractor.safetensors"} <= names
    rows = json.loads((out / "table.json").read_text())["rows"]
    assert list(rows) == [paired.BUNDLE, paired.MEAN_POSE, paired.SHUFFLED, paired.RECORDED, paired.OTHER_HALF]
    assert rows[paired.MEAN_POSE]["speed"] == 0.0
    assert rows[paired.MEAN_POSE]["ape"] < rows[paired.SHUFFLED]["ape"]
    assert rows[paired.RECORDED]["fgd"] == pytest.approx(0.0, abs=1e-3)
    assert rows[paired.MEAN_POSE]["fgd"] > rows[paired.OTHER_HALF]["fgd"]
    assert rows[paired.BUNDLE]["self_collisions"] == 0.0
    # The saved extractor gives the same values; a missed target gives exit status 1.
    again = [*arguments[:4], str(tmp_path / "again"), *arguments[5:7], "--robot-clips", "0", "--device", "cpu",
             "--extractor", str(out / "fgd_extractor.safetensors"), "--target", "apex_share>=1.1"]
    assert main(again) == 1
    repeated = json.loads((tmp_path / "again" / "table.json").read_text())["rows"]
    assert repeated[paired.MEAN_POSE]["fgd"] == pytest.approx(rows[paired.MEAN_POSE]["fgd"], rel=1e-6)
    assert "limit_violations" not in repeated[paired.BUNDLE]


@pytest.mark.slow
def test_wrong_arguments_are_refused_in_one_line(prepared, tmp_path, capsys, monkeypatch) -> None:
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
