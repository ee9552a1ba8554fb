"""Corpus folder: clips are read as written; malformed and damaged ones are named."""

import dataclasses
import hashlib

import numpy as np
import pytest
import yaml

from speech_gesture_ros.core.errors import ConfigError, InputError
from speech_gesture_ros.core.skeleton import load_skeleton
from speech_gesture_ros.datasets.clips import Clip, clip_path, read_clip
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


# -- hostile corpora ---------------------------------------------------------------------------------------------------


@pytest.fixture
def written(tmp_path):
    """A corpus with one clip, and a function that changes its manifest."""
    skeleton = load_skeleton()
    rest = np.tile(skeleton.rest_xyz, (50, 1, 1)).astype(np.float32)
    write_corpus(tmp_path / "corpus", [Clip("a@0.0", "anna", "train", np.zeros(32000, np.float32), rest)])

    def change(edit):
        path = tmp_path / "corpus" / "corpus.yaml"
        manifest = yaml.safe_load(path.read_text())
        edit(manifest)
        path.write_text(yaml.safe_dump(manifest))
        return tmp_path / "corpus"

    return change


@pytest.mark.parametrize("name", ["../outside", "/etc/passwd", "a/b", "..", ".hidden", "a\nb", "", 5,
                                  "x" * 10**6 + "/"])
def test_a_clip_name_that_leaves_the_corpus_is_refused(written, name):
    folder = written(lambda m: m["clips"].update({name: m["clips"].pop("a@0.0")}))
    with pytest.raises(ConfigError, match=r"name of a clip in .* must be letters, digits") as refused:
        open_corpus(folder)
    assert len(str(refused.value)) < 1000


@pytest.mark.parametrize("skeleton", ["../../secret", "/etc/passwd", 3, None])
def test_a_skeleton_outside_the_package_is_refused(written, skeleton):
    with pytest.raises(ConfigError, match=r"skeleton of .* must be a name in config/skeletons"):
        open_corpus(written(lambda m: m.update(skeleton=skeleton)))


@pytest.mark.parametrize("entry", [None, [], {}, {"split": "train"}, "text"])
def test_an_incomplete_entry_is_refused(written, entry):
    with pytest.raises(ConfigError, match=r"clip 'a@0.0' in .* must be a mapping with"):
        open_corpus(written(lambda m: m["clips"].update({"a@0.0": entry})))


def test_a_split_that_does_not_exist_is_refused(written):
    with pytest.raises(ConfigError, match="split one of"):
        open_corpus(written(lambda m: m["clips"]["a@0.0"].update(split="all")))


def test_a_checksum_that_is_none_is_refused(written):
    with pytest.raises(ConfigError, match="sha256 of 64 digits"):
        open_corpus(written(lambda m: m["clips"]["a@0.0"].update(sha256="../../outside")))


def test_a_sparse_manifest_and_a_sparse_clip_are_refused_by_their_size(written):
    folder = written(lambda m: None)
    corpus = open_corpus(folder)
    with (folder / "corpus.yaml").open("ab") as file:
        file.truncate(2**40)
    with pytest.raises(ConfigError, match="must be at most 128 MiB"):
        open_corpus(folder)
    with clip_path(folder, "a@0.0").open("ab") as file:
        file.truncate(2**40)
    with pytest.raises(ConfigError, match="must be at most 256 MiB"):
        read_clip(clip_path(folder, "a@0.0"))
    with pytest.raises(ConfigError, match="must be at most 256 MiB"):
        corpus.clip("a@0.0")


@pytest.mark.parametrize("arrays", [
    {"samples": np.zeros((640, 2), np.int16)}, {"joint_xyz": np.full((1, 17, 3), np.nan, np.float32)},
    {"joint_xyz": np.zeros((1, 17, 3), np.float32)}, {"joint_xyz": np.zeros((9, 17, 3), np.float32)},
    {"samples": np.zeros(640, np.float32)}, {"joint_xyz": np.zeros((1, 17, 3))}])
def test_a_malformed_clip_is_refused_whatever_its_checksum(written, arrays):
    folder = written(lambda m: None)
    path = clip_path(folder, "a@0.0")
    good = {"speaker": np.array("anna"), "samples": np.zeros(640, np.int16),
            "joint_xyz": load_skeleton().rest_xyz[None].astype(np.float32)}
    np.savez(path, **{**good, **arrays})
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    corpus = open_corpus(written(lambda m: m["clips"]["a@0.0"].update(sha256=digest)))
    with pytest.raises(InputError):
        corpus.clip("a@0.0")
