"""Corpus of recorded speech with composed motion: disjoint speakers, reproducible, complete after interruptions."""

import csv

import numpy as np
import pytest

from speech_gesture_ros.core.errors import InputError
from speech_gesture_ros.datasets.speech_recordings import list_recordings
from speech_gesture_ros.training.strokes import composed_corpus
from speech_gesture_ros.training.strokes.composed_corpus import make_composed_corpus, pick_pieces
from speech_gesture_ros.training.strokes.composer import compose_speech

sf = pytest.importorskip("soundfile")
pytest.importorskip("tqdm")

COLUMNS = ("path", "speaker", "source", "licence", "language", "seconds")


@pytest.fixture(scope="module")
def data(tmp_path_factory, speech):
    """A data folder of five speakers, the first with 70 s, the others with 8 s."""
    folder = tmp_path_factory.mktemp("data")
    hours = folder / "speech" / "hours"
    hours.mkdir(parents=True)
    rng = np.random.default_rng(3)
    rows = []
    for speaker, seconds in (("ada", 70), ("ben", 8), ("cleo", 8), ("dan", 8), ("eve", 8)):
        sf.write(hours / f"{speaker}.flac", np.resize(speech * rng.uniform(0.5, 1.0), 16000 * seconds), 16000)
        rows.append((f"{speaker}.flac", speaker, "made here", "CC0", "en", seconds))
    with (hours / "manifest.csv").open("w", newline="") as file:
        csv.writer(file).writerows([COLUMNS, *rows])
    return folder


def test_splits_have_different_speakers_and_composed_motion(data, tmp_path):
    corpus = make_composed_corpus(data, tmp_path / "c", minutes=1.0, seed=4)
    speakers = {split: {c.speaker for c in corpus.clips(split)} for split in ("train", "validation", "test")}
    assert all(speakers.values())
    assert sum(map(len, speakers.values())) == 5
    assert corpus.minutes() == pytest.approx(1.0 + 8 * 2 / 60, abs=0.1)  # a second of silence on each side
    clip = corpus.clip("ben@0.0")
    again = compose_speech(clip.samples, seed=int(composed_corpus.draw("ben@0.0", 4) * 2**31))
    np.testing.assert_allclose(clip.joint_xyz, again.joint_xyz, atol=0.01)  # samples were rounded to 16 bit
    assert np.ptp(clip.joint_xyz, axis=0).max() > 0.1


@pytest.mark.slow
def test_an_interrupted_corpus_continues_to_the_same_result(data, tmp_path, monkeypatch):
    whole = make_composed_corpus(data, tmp_path / "a" / "c", minutes=0.5)
    make = composed_corpus.make_clip
    made = []

    def breaking(piece, split, seed):
        if len(made) == 2:
            raise KeyboardInterrupt
        made.append(piece.name)
        return make(piece, split, seed)

    monkeypatch.setattr(composed_corpus, "make_clip", breaking)
    with pytest.raises(KeyboardInterrupt):
        make_composed_corpus(data, tmp_path / "b" / "c", minutes=0.5)
    rest = []
    monkeypatch.setattr(composed_corpus, "make_clip", lambda *a: (rest.append(a[0].name), make(*a))[1])
    assert make_composed_corpus(data, tmp_path / "b" / "c", minutes=0.5).manifest == whole.manifest
    assert not set(rest) & set(made)
    other = make_composed_corpus(data, tmp_path / "b" / "c", minutes=0.5, seed=1)
    assert other.manifest != whole.manifest


def test_minutes_and_speakers_are_as_requested(data):
    recordings = list_recordings(data)
    pieces = pick_pieces(recordings, 1.0, seed=0, speakers=1)
    assert {p.recording.speaker for p in pieces} == {"ada"}
    assert [(p.start_s, p.stop_s) for p in pieces] == [(7.5 * i, 7.5 * i + 7.5) for i in range(8)]
    assert len({p.recording.speaker for p in pick_pieces(recordings, 0.3, seed=0)}) == 3
    with pytest.raises(InputError, match="recorded speech"):
        pick_pieces(recordings, 0.01, seed=0)
    with pytest.raises(InputError, match="minutes"):
        make_composed_corpus(data, data, minutes=-1)
