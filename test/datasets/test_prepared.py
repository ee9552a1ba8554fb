"""Corpus folder: clips are read as written; malformed and damaged ones are named."""

import dataclasses

import numpy as np
import pytest

from speech_gesture_ros.core.errors import ConfigError, InputError
from speech_gesture_ros.core.skeleton import load_skeleton
from speech_gesture_ros.datasets.clips import Clip, clip_path
from speech_gesture_ros.datasets.prepared import open_corpus, write_corpus


def make_clip(name="a", split="train", frames=25, **changes):
    rng = np.random.default_rng(len(name) + frames)
    samples = rng.uniform(-1, 1, frames * 640).astype(np.float32)
    motion = np.tile(load_skeleton().rest_xyz, (frames, 1, 1)).astype(np.float32)
    return dataclasses.replace(Clip(name, "anna", split, samples, motion), **changes)


def test_clips_are_read_as_written(tmp_path):
    keypoints = np.random.default_rng(0).uniform(0, 500, (15, 49, 3)).astype(np.float32)
    clips = [make_clip("b", "test", frames=50), make_clip("a", keypoints=keypoints)]
    corpus = write_corpus(tmp_path / "corpus", clips, report="# hello")
    assert corpus.names() == ("a", "b")
    assert corpus.names("test") == ("b",)
    assert corpus.minutes() == pytest.approx(3 / 60)
    again = list(open_corpus(tmp_path / "corpus").clips())
    np.testing.assert_allclose(again[1].samples, clips[0].samples, atol=1 / 65000)
    np.testing.assert_array_equal(again[1].joint_xyz, clips[0].joint_xyz)
    np.testing.assert_array_equal(again[0].keypoints, keypoints)
    assert again[1].keypoints is None
    assert (again[1].speaker, again[1].split) == ("anna", "test")
    assert (tmp_path / "corpus" / "report.md").read_text() == "# hello"


def test_same_clips_same_files(tmp_path):
    manifests = [write_corpus(tmp_path / f / "corpus", [make_clip()]).manifest for f in ("one", "two")]
    assert manifests[0] == manifests[1]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"split": "dev"}, "split of clip 'a'"),
        ({"name": "a/b"}, "clip name"),
        ({"samples": np.zeros(100, np.float32)}, "samples of clip 'a'"),
        ({"samples": np.full(16000, np.nan, np.float32)}, "beyond full scale, or NaN"),
        ({"samples": np.zeros(32000, np.float32)}, "joint_xyz of clip 'a'"),
        ({"joint_xyz": None}, "motion of clip 'a'"),
        ({"joint_xyz": np.zeros((25, 17, 3), np.float32)}, "bones of clip 'a'"),
        ({"keypoints": np.zeros((25, 49, 3), np.float32)}, "keypoints of clip 'a'"),
    ],
)
def test_malformed_clips_are_named(tmp_path, changes, message):
    with pytest.raises(InputError, match=message):
        write_corpus(tmp_path, [make_clip(**changes)])


def test_repeated_names_and_an_empty_corpus_are_refused(tmp_path):
    with pytest.raises(InputError, match="clip name"):
        write_corpus(tmp_path, [make_clip(), make_clip()])
    with pytest.raises(InputError, match="number of clips"):
        write_corpus(tmp_path, [])


def test_an_interruption_leaves_complete_clips_and_no_corpus(tmp_path):
    def interrupted():
        yield make_clip("a")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_corpus(tmp_path, interrupted())
    assert clip_path(tmp_path, "a").is_file()
    with pytest.raises(ConfigError, match=r"a folder with corpus.yaml"):
        open_corpus(tmp_path)


def test_a_damaged_file_is_named(tmp_path):
    corpus = write_corpus(tmp_path, [make_clip()])
    clip_path(tmp_path, "a").write_bytes(b"PK")
    with pytest.raises(ConfigError, match=r"a\.npz"):
        corpus.clip("a")
    with pytest.raises(ConfigError, match="one of the 1"):
        corpus.clip("b")
    with pytest.raises(ConfigError, match="split"):
        corpus.names("dev")
