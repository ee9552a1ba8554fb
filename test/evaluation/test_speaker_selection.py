"""Recordings of different speakers are picked from the manifest of the data folder."""

from __future__ import annotations

import pytest

from speech_gesture_ros.core.errors import InputError
from speech_gesture_ros.evaluation.speaker_selection import pick_recordings


@pytest.fixture
def data(tmp_path):
    folder = tmp_path / "speech" / "hours"
    folder.mkdir(parents=True)
    rows = ["path,source,licence,speaker,language,style,native_sample_rate,seconds"]
    rows += [f"en/{i}.opus,s,CC0,reader{i // 2},en,read,48000,{12 + i}" for i in range(12)]
    rows += ["de/0.opus,s,CC0,sprecherin,de-DE,read,48000,30", "de/1.opus,s,CC0,short,de-DE,read,48000,3"]
    (folder / "manifest.csv").write_text("\n".join(rows) + "\n")
    return tmp_path


def test_each_speaker_is_picked_once_and_languages_are_mixed(data):
    picked = pick_recordings(data, count=7)
    assert len({r.speaker for r in picked}) == 7
    assert {r.language for r in picked} == {"en", "de-DE"}
    assert "short" not in {r.speaker for r in picked}
    assert picked[0].path.parent.parent == data / "speech" / "hours"


def test_the_choice_is_seeded(data):
    assert pick_recordings(data, 3, seed=4) == pick_recordings(data, 3, seed=4)
    assert len({tuple(pick_recordings(data, 3, seed=s)) for s in range(6)}) > 1


def test_too_many_speakers_and_missing_data_are_named(data, tmp_path):
    with pytest.raises(InputError, match="number of speakers is 20, must be at most 7"):
        pick_recordings(data, 20)
    with pytest.raises(InputError, match=r"must be an existing manifest. Set SPEECH_GESTURE_DATA"):
        pick_recordings(tmp_path / "nowhere")


@pytest.mark.data
def test_the_real_data_has_ten_speakers(data_folder):
    picked = pick_recordings(data_folder, 10)
    assert all(r.path.is_file() for r in picked)
    assert len({r.language for r in picked}) > 3
