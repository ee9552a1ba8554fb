"""Preparation: motion is retargeted, unusable input is dropped with the reason, interruptions are resumed."""

import json
import multiprocessing
import os
from itertools import pairwise

import numpy as np
import pytest

from speech_gesture_ros.core.errors import ConfigError, OutputError
from speech_gesture_ros.core.skeleton import load_skeleton
from speech_gesture_ros.datasets import prepare as preparing
from speech_gesture_ros.datasets.convert import ConvertOptions
from speech_gesture_ros.datasets.prepare import PrepareOptions, prepare
from speech_gesture_ros.datasets.prepared import open_corpus

sf = pytest.importorskip("soundfile")


@pytest.fixture(scope="module")
def source(tmp_path_factory, foreign, talk):
    """Four speakers with one stereo recording of 8 s each, motion at 60 Hz."""
    folder = tmp_path_factory.mktemp("source")
    for i, name in enumerate(("anna", "ben", "cleo", "dora")):
        motion, times = foreign.motion(8.0, seed=i, rate=60.0)
        foreign.write(folder / name / "t.bvh", motion, 60, yaw=0.5 * np.sin(0.1 * times))
        sf.write(folder / name / "t.wav", np.stack([talk[:8 * 16000]] * 2, axis=1), 16000)
    return folder


@pytest.fixture(scope="module")
def corpus(source, tmp_path_factory):
    return prepare(source, tmp_path_factory.mktemp("prepared") / "corpus", PrepareOptions())


def test_motion_and_sound_are_those_of_the_source(corpus, foreign, talk):
    assert len(corpus.names()) == 4
    clip = corpus.clip("cleo_t@0.0")
    target, _ = foreign.motion(8.0, seed=2)
    assert foreign.angle_deg(clip.joint_xyz, target[:clip.num_frames])[5:-5].max() < 1.0
    np.testing.assert_allclose(clip.samples, talk[:len(clip.samples)], atol=1e-3)
    assert clip.num_frames >= 198
    assert clip.speaker == "cleo"


def test_the_split_by_speaker_is_in_the_report(corpus):
    speakers = {split: {c.speaker for c in corpus.clips(split)} for split in ("train", "validation", "test")}
    assert sorted(name for names in speakers.values() for name in names) == ["anna", "ben", "cleo", "dora"]
    report = (corpus.folder / "report.md").read_text()
    assert "4 of 4 recordings used" in report
    assert "Split by speaker" in report
    assert "left_elbow: LeftForeArm" in report


def test_added_files_do_not_change_the_split_of_others(source, corpus, tmp_path, foreign, talk):
    again = prepare(source, tmp_path / "corpus", PrepareOptions(workers=2))
    assert again.manifest == corpus.manifest
    more = tmp_path / "more"
    for path in source.rglob("t.*"):
        (more / path.parent.name).mkdir(parents=True, exist_ok=True)
        (more / path.parent.name / path.name).symlink_to(path)
    prepare(more, tmp_path / "grown", PrepareOptions())
    motion, _ = foreign.motion(8.0, seed=9)
    foreign.write(more / "anna" / "u.bvh", motion, 25)
    sf.write(more / "anna" / "u.wav", talk[:8 * 16000], 16000)
    grown = prepare(more, tmp_path / "grown", PrepareOptions())
    splits = {c.speaker: c.split for c in corpus.clips()}
    assert {c.speaker: c.split for c in grown.clips()} == splits
    assert len(grown.names()) == 5


def test_an_interrupted_preparation_is_resumed(source, corpus, tmp_path, monkeypatch):
    convert, done = preparing.convert, []

    def breaking(pair, options, skeleton):
        if len(done) == 2:
            raise KeyboardInterrupt
        done.append(pair.name)
        return convert(pair, options, skeleton)

    monkeypatch.setattr(preparing, "convert", breaking)
    out = tmp_path / "corpus"
    with pytest.raises(KeyboardInterrupt):
        prepare(source, out, PrepareOptions())
    with pytest.raises(ConfigError, match=r"corpus\.yaml"):
        open_corpus(out)
    rest = []
    monkeypatch.setattr(preparing, "convert", lambda pair, *a: (rest.append(pair.name), convert(pair, *a))[1])
    assert prepare(source, out, PrepareOptions()).manifest == corpus.manifest
    assert not set(rest) & set(done)
    assert len(rest) + len(done) == 4
    rest.clear()
    prepare(source, out, PrepareOptions())
    assert rest == []  # nothing has changed
    prepare(source, out, PrepareOptions(ConvertOptions(shortest_s=3.0)))
    assert len(rest) == 4  # an option has


def bad_sources(folder, foreign, talk):
    motion, _ = foreign.motion(8.0)
    good = foreign.write(folder / "a_good.bvh", motion, 25).read_text().splitlines()
    at = good.index("MOTION")
    short = [" ".join(line.split()[:-1]) if i == at + 50 else line for i, line in enumerate(good)]
    unknown = good[:at + 3] + [" ".join(["nan"] * len(line.split())) for line in good[at + 3:]]
    still = good[:at + 3] + [good[at + 3]] * (len(good) - at - 3)
    other = "\n".join(good).replace("LeftForeArm", "Bone17").splitlines()
    contents = {
        "b_short_line": (short, f"line {at + 51}"),
        "c_no_frames": ([*good[:at], "MOTION", "Frames: 0", "Frame Time: 0.04"], "there are no frames"),
        "d_unknown": (unknown, "unknown in every frame"),
        "e_frozen": (still, "frozen"),
        "f_other_length": ([*good[:at + 1], "Frames: 50", *good[at + 2:at + 53]], "within 20% of each other"),
        "g_names": (other, "left_elbow"),
        "h_no_bvh": (["hello"], "no MOTION section"),
    }
    for name, (lines, _) in contents.items():
        (folder / f"{name}.bvh").write_text("\n".join(lines) + "\n")
        sf.write(folder / f"{name}.wav", talk[:8 * 16000], 16000)
    sf.write(folder / "a_good.wav", talk[:8 * 16000], 16000)
    (folder / "i_lonely.bvh").write_text("\n".join(good))
    sf.write(folder / "j_silent.wav", np.zeros(8 * 16000), 16000)
    (folder / "j_silent.bvh").write_text("\n".join(good))
    return {name: reason for name, (_, reason) in contents.items()} | {"j_silent": "silent throughout"}


def test_unusable_recordings_are_dropped_with_the_reason(tmp_path, foreign, talk):
    reasons = bad_sources(tmp_path / "source", foreign, talk)
    corpus = prepare(tmp_path / "source", tmp_path / "out", PrepareOptions())
    assert {c.name.split("@")[0] for c in corpus.clips()} == {"a_good"}
    report = (tmp_path / "out" / "report.md").read_text()
    lines = {line.split(":")[0][2:]: line for line in report.splitlines() if line.startswith("- ")}
    for name, reason in reasons.items():
        assert reason in lines[name], name
    assert "no sound of this name" in lines[str(tmp_path / "source" / "i_lonely.bvh")]


def test_an_error_without_usable_recordings_gives_the_reasons(tmp_path, foreign, talk):
    bad_sources(tmp_path / "source", foreign, talk)
    for suffix in ("bvh", "wav"):
        (tmp_path / "source" / f"a_good.{suffix}").unlink()
    with pytest.raises(ConfigError, match=r"none usable(.|\n)*c_no_frames: .*there are no frames"):
        prepare(tmp_path / "source", tmp_path / "out", PrepareOptions())


def test_one_recording_is_split_in_time_and_cut_into_clips(tmp_path, foreign, talk):
    motion, _ = foreign.motion(60.0)
    foreign.write(tmp_path / "in" / "walk.bvh", motion, 25)
    sf.write(tmp_path / "in" / "voice.wav", np.tile(talk, 2), 16000)
    corpus = prepare(tmp_path / "in", tmp_path / "out", PrepareOptions(ConvertOptions(longest_s=15.0)))
    spans = sorted((float(c.name.split("@")[1]), c.seconds, c.split) for c in corpus.clips())
    assert [split for _, _, split in spans] == ["train"] * 3 + ["validation", "test"]
    assert all(seconds <= 15.0 for _, seconds, _ in spans)
    for (start, seconds, split), (following, _, other) in pairwise(spans):
        gap = following - start - seconds
        assert gap == pytest.approx(0 if split == other else 4.0, abs=0.06)


def test_an_offset_shifts_the_motion(tmp_path, foreign, talk):
    motion, _ = foreign.motion(8.0)
    foreign.write(tmp_path / "in" / "a.bvh", motion, 25)
    sf.write(tmp_path / "in" / "a.wav", talk[:8 * 16000], 16000)
    clips = {}
    for offset in (0.2, -0.11):
        options = PrepareOptions(ConvertOptions(offset_s=offset, shortest_s=1.0))
        clips[offset] = next(prepare(tmp_path / "in", tmp_path / f"out{offset}", options).clips("train"))
    assert foreign.angle_deg(clips[0.2].joint_xyz[:20], motion[5:25]).max() < 0.1
    np.testing.assert_allclose(clips[0.2].samples[:16000], talk[:16000], atol=1e-4)
    assert foreign.angle_deg(clips[-0.11].joint_xyz[:20], motion[:20]).max() < 0.1
    np.testing.assert_allclose(clips[-0.11].samples[:16000], talk[1760:17760], atol=1e-4)


def test_requested_and_published_splits_are_used(source, tmp_path):
    corpus = prepare(source, tmp_path / "a", PrepareOptions(splits=(("ben", "test"), ("dora", "validation"))))
    assert {c.speaker for c in corpus.clips("test")} == {"ben"}
    assert {c.speaker for c in corpus.clips("validation")} == {"dora"}
    renamed = tmp_path / "in"
    renamed.mkdir()
    for number, name in ((20, "anna"), (1093, "ben"), (1094, "cleo")):
        (renamed / f"gesture{number}.bvh").symlink_to(source / name / "t.bvh")
        (renamed / f"audio{number}.wav").symlink_to(source / name / "t.wav")
    corpus = prepare(renamed, tmp_path / "b", PrepareOptions())
    assert corpus.manifest["split_by"] == "as published"
    assert [c.split for c in corpus.clips()] == ["train", "validation", "test"]
    assert "recording" in prepare(renamed, tmp_path / "b", PrepareOptions(published=False)).manifest["split_by"]


def test_keypoints_give_clips_without_joints(tmp_path, talk):
    folder = tmp_path / "in" / "show"
    folder.mkdir(parents=True)
    rng = np.random.default_rng(0)
    base = rng.uniform(100, 400, (25 + 21 + 21, 2))
    for i in range(300):
        points = np.concatenate([base + 5 * np.sin(i / 10), np.full((67, 1), 0.9)], axis=1)
        if 200 <= i < 230:
            points[:, 2] = 0.0
        parts = {"pose_keypoints_2d": points[:25], "hand_left_keypoints_2d": points[25:46],
                 "hand_right_keypoints_2d": points[46:]}
        (folder / f"show_{i:012d}_keypoints.json").write_text(
            json.dumps({"people": [{k: v.ravel().tolist() for k, v in parts.items()}]}))
    sf.write(tmp_path / "in" / "show.wav", talk[:10 * 16000], 16000)
    options = PrepareOptions(ConvertOptions(video_rate_hz=30.0, shortest_s=2.0, by_time=False))
    corpus = prepare(tmp_path / "in", tmp_path / "out", options)
    clips = list(corpus.clips())
    assert all(c.joint_xyz is None and c.keypoints.shape[1:] == (49, 3) for c in clips)
    assert all(len(c.keypoints) == round(c.seconds * 15) for c in clips)
    assert "unknown" in (tmp_path / "out" / "report.md").read_text()


# -- nothing ends a batch ---------------------------------------------------------------------------------------------


def copies(source, folder, names):
    folder.mkdir()
    for name in names:
        for suffix in ("bvh", "wav"):
            (folder / f"{name}.{suffix}").symlink_to(source / name / f"t.{suffix}")
    return folder


@pytest.mark.parametrize("error", [MemoryError("2 GB"), ZeroDivisionError("by\nzero"), RecursionError("deep"),
                                   OSError(5, "I/O")])
def test_an_unexpected_error_drops_its_recording_only(source, tmp_path, monkeypatch, error):
    convert = preparing.convert

    def failing(pair, options, skeleton):
        if pair.name == "ben":
            raise error
        return convert(pair, options, skeleton)

    monkeypatch.setattr(preparing, "convert", failing)
    folder = copies(source, tmp_path / "in", ("anna", "ben", "cleo", "dora"))
    corpus = prepare(folder, tmp_path / "out", PrepareOptions())
    assert {c.name.split("@")[0] for c in corpus.clips()} == {"anna", "cleo", "dora"}
    assert f"- ben: {type(error).__name__}: " in (tmp_path / "out" / "report.md").read_text()


@pytest.mark.skipif(multiprocessing.get_start_method() != "fork", reason="a replaced function stays here")
def test_a_process_that_ends_drops_its_recording_only(source, tmp_path, monkeypatch):
    convert = preparing.convert
    monkeypatch.setattr(preparing, "convert", lambda pair, *a: os._exit(9) if pair.name == "ben" else convert(pair, *a))
    folder = copies(source, tmp_path / "in", ("anna", "ben", "cleo", "dora"))
    corpus = prepare(folder, tmp_path / "out", PrepareOptions(workers=2))
    assert {c.name.split("@")[0] for c in corpus.clips()} == {"anna", "cleo", "dora"}
    assert "- ben: the process that read it ended" in (tmp_path / "out" / "report.md").read_text()


@pytest.mark.parametrize(("names", "splits", "message"), [
    (("anna", "ben", "cleo"), (("bem", "test"),),
     r"name for the test split is 'bem', must be one of \['anna', 'ben', 'cleo'\]"),
    (("anna", "ben", "cleo"), (("ben", "test"), ("dora", "validation")), "name for the validation split is 'dora'"),
    (("anna", "ben"), (("ben", "test"),), "with fewer than 3 speakers or recordings the split is in time"),
    (("anna", "ben"), (("nina", "test"),), "name for the test split is 'nina', must be one of"),
])
def test_requested_names_are_checked_before_a_conversion(source, tmp_path, monkeypatch, names, splits, message):
    monkeypatch.setattr(preparing, "convert", None)
    with pytest.raises(ConfigError, match=message):
        prepare(copies(source, tmp_path / "in", names), tmp_path / "out", PrepareOptions(splits=splits))


@pytest.mark.parametrize("options", [
    {"offset_s": float("nan")}, {"offset_s": float("inf")}, {"longest_s": float("inf")}, {"shortest_s": float("nan")},
    {"longest_s": -1.0}, {"offset_s": 1e9}])
def test_options_out_of_range_are_refused(options):
    with pytest.raises(ConfigError):
        ConvertOptions(**options)


def test_a_folder_that_mixes_formats_gives_one_corpus(source, tmp_path, foreign, talk):
    folder = copies(source, tmp_path / "in", ("anna", "ben"))
    skeleton = load_skeleton()
    motion, _ = foreign.motion(8.0, seed=5)
    np.savez(folder / "gen.npz", joint_xyz=motion, skeleton_joints=skeleton.names, rate_hz=25)
    sf.write(folder / "gen.wav", talk[:8 * 16000], 16000)
    (folder / "broken.npz").write_bytes(b"PK\x03\x04 torn")
    sf.write(folder / "broken.wav", talk[:8 * 16000], 16000)
    sf.write(folder / "extra.wav", talk[:16000], 16000)
    (folder / "notes.txt").write_text("notes")
    corpus = prepare(folder, tmp_path / "out", PrepareOptions())
    assert {c.name.split("@")[0] for c in corpus.clips()} == {"anna", "ben", "gen"}
    report = (tmp_path / "out" / "report.md").read_text()
    assert "- broken: motion file is" in report
    assert f"- {folder / 'extra.wav'}: no motion of this name" in report
    assert "Files of other kinds: 1 .txt." in report


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.skipif(multiprocessing.get_start_method() != "fork", reason="a replaced function stays here")
def test_a_full_disk_ends_the_preparation_with_its_reason(source, tmp_path, monkeypatch, workers):
    def full_disk(out, clip, skeleton):
        raise OutputError(out / clip.name, "No space left on device", "Free space.")

    monkeypatch.setattr(preparing, "write_clip", full_disk)
    with pytest.raises(OutputError, match="cannot be written: No space left on device"):
        prepare(copies(source, tmp_path / "in", ("anna", "ben", "cleo")), tmp_path / "out",
                PrepareOptions(workers=workers))
    assert not (tmp_path / "out" / "corpus.yaml").exists()


def test_file_names_that_are_no_text_are_used_and_listed(source, tmp_path):
    folder = copies(source, tmp_path / "in", ("anna", "ben", "cleo"))
    for old, new in (("cleo.bvh", b"cl\xff.bvh"), ("cleo.wav", b"cl\xff.wav")):
        (folder / old).rename(folder / os.fsdecode(new))
    (folder / os.fsdecode(b"lone\xff.bvh")).write_text("")
    corpus = prepare(folder, tmp_path / "out", PrepareOptions())
    assert len({clip.name.split("@")[0] for clip in corpus.clips()}) == 3
    assert "lone" in (tmp_path / "out" / "report.md").read_text()
