"""Published layouts are recognised by their file names; files without a partner are listed with the reason."""

import numpy as np
import pytest

from speech_gesture_ros.core.errors import ConfigError
from speech_gesture_ros.datasets import source_files
from speech_gesture_ros.datasets.layouts import find_pairs


def make(folder, *names):
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return folder


def test_takeuchi_pairs_by_number_and_has_the_published_split(tmp_path):
    make(tmp_path, "speech/audio20.wav", "motion/gesture20.bvh", "speech/audio1093.wav", "motion/gesture1093.bvh",
         "speech/audio1094.wav", "motion/gesture1094.bvh", "speech/audio7.wav")
    found = find_pairs(tmp_path)
    assert found.layout == "takeuchi"
    assert [(p.name, p.split) for p in found.pairs] == [
        ("gesture0020", "train"), ("gesture1093", "validation"), ("gesture1094", "test")]
    assert [(path.name, why) for path, why in found.left_over] == [("audio7.wav", "no motion of this name")]


def test_talking_with_hands_keeps_both_sides_of_a_conversation_together(tmp_path):
    for role in ("main-agent", "interloctr"):
        for split in ("trn", "val"):
            make(tmp_path, *(f"{split}/{role}/{kind}/{split}_2023_v0_000_{role}.{kind}" for kind in ("wav", "bvh")))
    (tmp_path / "trn/metadata.csv").write_text(
        "prefix,main-agent_has_fingers,main-agent_id,interloctr_has_fingers,interloctr_id\n"
        "trn_2023_v0_000,incl,17,incl,3\n")
    found = find_pairs(tmp_path)
    assert found.layout == "talking_with_hands"
    assert [(p.speaker, p.split, p.group) for p in found.pairs] == [
        ("speaker3", "train", "trn_2023_v0_000"), ("speaker17", "train", "trn_2023_v0_000"),
        ("unknown", "validation", "val_2023_v0_000"), ("unknown", "validation", "val_2023_v0_000")]
    assert {p.mapping for p in found.pairs} == {"talking_with_hands"}


def test_zeroeggs_takes_the_style_from_the_name_and_the_clean_version(tmp_path):
    for name in ("001_Neutral_0", "065_Speech_0", "066_Flirty_1"):
        make(tmp_path, *(f"{version}/{name}{end}.{kind}" for kind in ("wav", "bvh")
                         for version, end in (("clean", "_x_1_0"), ("original", ""))))
    found = find_pairs(tmp_path)
    assert found.layout == "zeroeggs"
    assert [(p.speaker, p.style) for p in found.pairs] == [
        ("zeroeggs", "neutral"), ("zeroeggs", "speech"), ("zeroeggs", "flirty")]
    assert all("clean" in p.motion.parts for p in found.pairs)


def test_beat_and_beat2(tmp_path):
    make(tmp_path / "one", "2/2_scott_0_1_1.wav", "2/2_scott_0_1_1.bvh", "2/2_scott_0_1_1.TextGrid",
         "4/4_lawrence_0_2_2.wav", "4/4_lawrence_0_2_2.bvh")
    found = find_pairs(tmp_path / "one")
    assert (found.layout, [p.speaker for p in found.pairs]) == ("beat", ["2_scott", "4_lawrence"])
    make(tmp_path / "two", "wave16k/2_scott_0_1_1.wav", "smplxflame_30/2_scott_0_1_1.npz")
    (tmp_path / "two/train_test_split.csv").write_text("id,type\n2_scott_0_1_1,test\n")
    found = find_pairs(tmp_path / "two")
    assert (found.layout, found.pairs[0].kind, found.pairs[0].split) == ("beat2", "smplx", "test")


def test_trinity_and_plain_folders(tmp_path):
    names = [f"{file}.{kind}" for i in (1, 2) for file, kind in ((f"Audio/NaturalTalking_00{i}", "wav"),
                                                                 (f"Motion/NaturalTalking_00{i}", "bvh"))]
    make(tmp_path / "one", *names)
    found = find_pairs(tmp_path / "one")
    assert (found.layout, [p.name for p in found.pairs]) == ("trinity", ["NaturalTalking_001", "NaturalTalking_002"])
    make(tmp_path / "two", "anna/wav/t1.flac", "anna/bvh/t1.bvh", "ben/wav/t1.mp3", "ben/bvh/t1.bvh", "ben/bvh/t2.bvh")
    found = find_pairs(tmp_path / "two")
    assert [(p.name, p.speaker) for p in found.pairs] == [("anna_t1", "anna"), ("ben_t1", "ben")]
    assert [why for _, why in found.left_over] == ["no sound of this name"]
    np.savez(tmp_path / "two/anna/t3.npz", poses=np.zeros((3, 165)))
    make(tmp_path / "two", "anna/wav/t3.wav")
    assert {p.name: p.kind for p in find_pairs(tmp_path / "two").pairs}["anna_t3"] == "smplx"


def test_one_pair_needs_no_equal_names_and_hidden_files_are_left_out(tmp_path):
    make(tmp_path, "voice.wav", "take_7.bvh", "._take_7.bvh", ".cache/old.wav")
    found = find_pairs(tmp_path)
    assert [(p.audio.name, p.motion.name) for p in found.pairs] == [("voice.wav", "take_7.bvh")]


def test_openpose_folders(tmp_path):
    make(tmp_path, "show.wav", "show/show_000000000000_keypoints.json", "show/show_000000000001_keypoints.json",
         "other/other_000000000000_keypoints.json")
    found = find_pairs(tmp_path)
    assert (found.layout, [p.name for p in found.pairs]) == ("openpose", ["show"])
    assert [path.name for path, _ in found.left_over] == ["other"]


def test_several_openpose_recordings_in_one_folder(tmp_path):
    make(tmp_path, "talk1.wav", "talk2.wav", *(f"out/talk{take}_{picture:04d}_keypoints.json"
                                               for take in (1, 2, 3) for picture in range(3)))
    found = find_pairs(tmp_path)
    assert [(p.name, p.motion.name, p.pictures) for p in found.pairs] == [
        ("talk1", "out", "talk1_#_keypoints.json"), ("talk2", "out", "talk2_#_keypoints.json")]
    assert [(path.name, why) for path, why in found.left_over] == [("talk3_#_keypoints.json", "no sound of this name")]


@pytest.mark.parametrize("folder", ["talk", "talk/keypoints", "keypoints/talk", "openpose"])
def test_folders_of_pictures_are_found_beside_their_sound(tmp_path, folder):
    make(tmp_path, "talk.wav", f"{folder}/000001_keypoints.json", f"{folder}/000002_keypoints.json")
    assert [(p.name, p.kind) for p in find_pairs(tmp_path).pairs] == [("talk", "openpose")]


def test_pictures_are_recognised_by_their_content_and_other_json_is_not(tmp_path):
    make(tmp_path, "talk.wav", "other.wav", "other/settings_1.json", "other/settings_2.json", "big/huge_1.json")
    for picture in (1, 2):
        make(tmp_path, f"talk/frame_{picture}.json")
        (tmp_path / f"talk/frame_{picture}.json").write_text('{"people": []}')
    found = find_pairs(tmp_path)
    assert [p.name for p in found.pairs] == ["talk"]
    assert found.others == {".json": 3}


# -- folders that mix layouts ------------------------------------------------------------------------------------------


def test_a_folder_that_mixes_layouts_uses_all_of_it(tmp_path):
    make(tmp_path, "jp/audio20.wav", "jp/gesture20.bvh", "beat/2_scott_0_1_1.wav", "beat/2_scott_0_1_1.bvh",
         "beat2/3_ann_0_1_1.wav", "beat2/3_ann_0_1_1.npz", "zero/001_Neutral_0_x_1_0.wav",
         "zero/001_Neutral_0_x_1_0.bvh", "own/anna/t1.wav", "own/anna/t1.bvh", "video.wav",
         "video/video_000000000000_keypoints.json")
    found = find_pairs(tmp_path)
    assert found.layout == "takeuchi + zeroeggs + beat + beat2 + openpose + plain"
    assert [p.name for p in found.pairs] == ["gesture0020", "001_Neutral_0_x_1_0", "2_scott_0_1_1", "3_ann_0_1_1",
                                             "video", "own_anna_t1"]
    assert found.left_over == ()


def test_every_file_is_accounted_for(tmp_path):
    make(tmp_path, "audio20.wav", "gesture20.bvh", "audio20.flac", "audio21.wav", "gesture22.bvh", "talk.wav",
         "talk.bvh", "talk.npz", "lonely.wav", "lonely2.bvh", "notes.txt", "film.mp4", "film2.mp4", "README",
         "clean/001_Neutral_0_x_1_0.wav", "clean/001_Neutral_0_x_1_0.bvh", "original/001_Neutral_0.wav",
         "original/001_Neutral_0.bvh")
    found = find_pairs(tmp_path)
    used = {path.name for p in found.pairs for path in (p.audio, p.motion)}
    left = {path.name: why for path, why in found.left_over}
    assert used == {"audio20.flac", "gesture20.bvh", "talk.wav", "talk.bvh", "001_Neutral_0_x_1_0.wav",
                    "001_Neutral_0_x_1_0.bvh"}
    kinds = (".wav", ".flac", ".bvh", ".npz")
    assert left.keys() | used == {path.name for path in tmp_path.rglob("*.*") if path.suffix in kinds}
    assert left["audio21.wav"] == "no motion of this name"
    assert left["gesture22.bvh"] == "no sound of this name"
    assert left["talk.npz"] == "another motion is used for talk.wav"
    assert left["001_Neutral_0.bvh"] == left["001_Neutral_0.wav"] == "the version in clean/ is used"
    assert found.others == {"(none)": 1, ".mp4": 2, ".txt": 1}


def test_a_requested_layout_lists_all_other_files(tmp_path):
    make(tmp_path, "audio20.wav", "gesture20.bvh", "talk.wav", "talk.bvh")
    found = find_pairs(tmp_path, layout="takeuchi")
    assert [p.name for p in found.pairs] == ["gesture0020"]
    assert [(path.name, why) for path, why in found.left_over] == [
        ("talk.bvh", "no file of the layout takeuchi"), ("talk.wav", "no file of the layout takeuchi")]


def test_two_left_over_files_with_other_names_are_no_pair(tmp_path):
    make(tmp_path, "a.wav", "a.bvh", "noise.wav", "calibration.bvh")
    found = find_pairs(tmp_path)
    assert [p.name for p in found.pairs] == ["a"]
    assert [path.name for path, _ in found.left_over] == ["calibration.bvh", "noise.wav"]


def test_names_that_would_be_one_file_are_numbered(tmp_path):
    make(tmp_path, "a/b.wav", "a/b.bvh", "a_b.wav", "a_b.bvh", "ä.wav", "ä.bvh", "ö.wav", "ö.bvh")
    names = [p.name for p in find_pairs(tmp_path).pairs]
    assert len(set(names)) == 4
    assert {"a_b", "a_b-2"} <= set(names)


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"id\n" + b"x" * 200_000, b"", b"id,type\n\"unclosed"])
def test_a_damaged_table_is_not_used(tmp_path, content):
    make(tmp_path, "2_scott_0_1_1.wav", "2_scott_0_1_1.npz")
    (tmp_path / "train_test_split.csv").write_bytes(content)
    assert find_pairs(tmp_path).pairs[0].split is None


def test_more_files_than_the_bound_are_refused(tmp_path, monkeypatch):
    make(tmp_path, "a.wav", "a.bvh", "b.wav")
    monkeypatch.setattr(source_files, "MAX_FILES", 2)
    with pytest.raises(ConfigError, match=r"files in .* is 'more than 2'"):
        find_pairs(tmp_path)


def test_a_pattern_names_the_speakers(tmp_path):
    make(tmp_path, "anna_1.wav", "anna_1.bvh", "ben_1.wav", "ben_1.bvh")
    assert [p.speaker for p in find_pairs(tmp_path, speaker_pattern="([a-z]+)_").pairs] == ["anna", "ben"]
    with pytest.raises(ConfigError, match="a pattern with a group"):
        find_pairs(tmp_path, speaker_pattern="x(.)x")
    with pytest.raises(ConfigError, match="regular expression"):
        find_pairs(tmp_path, speaker_pattern="(")


def test_an_error_without_pairs_counts_the_files(tmp_path):
    with pytest.raises(ConfigError, match="an existing folder"):
        find_pairs(tmp_path / "nowhere")
    make(tmp_path, "a.wav", "b.wav", "c.bvh")
    with pytest.raises(ConfigError, match=r"0 \(2 sound files, 1 motion files\)"):
        find_pairs(tmp_path)
    with pytest.raises(ConfigError, match="one of"):
        find_pairs(tmp_path, layout="betamax")
