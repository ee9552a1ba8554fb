"""Recordings: names are made harmless, files that are no sound or too long are refused, few are kept."""

from __future__ import annotations

import io

import numpy as np
import pytest
import soundfile

from speech_gesture_ros.core.errors import InputError
from speech_gesture_ros.live import sounds
from speech_gesture_ros.live.sounds import DEMO, MAX_CHOSEN, SoundShelf


def wav(seconds: float = 0.5, rate: int = 16000) -> bytes:
    file = io.BytesIO()
    soundfile.write(file, np.full(round(seconds * rate), 0.25), rate, format="WAV")
    return file.getvalue()


@pytest.fixture
def shelf() -> SoundShelf:
    return SoundShelf()


def test_the_sample_voice_is_there_and_files_are_added(shelf: SoundShelf) -> None:
    assert shelf.names == [DEMO]
    assert shelf.add_upload("me.wav", wav(rate=8000)) == "me.wav"
    assert shelf.names == [DEMO, "me.wav"]
    assert len(shelf.get("me.wav")) == 8000


@pytest.mark.parametrize(("name", "kept"), [("../../etc/passwd", ".._.._etc_passwd"), ("", "recording"),
                                            (DEMO, f"{DEMO} (2)"), ("a\n<b>.wav", "a__b_.wav"), ("x" * 200, "x" * 60)])
def test_names_are_made_harmless(shelf: SoundShelf, name: str, kept: str) -> None:
    assert shelf.add_upload(name, wav()) == kept
    assert len(shelf.get(DEMO)) > 16000 * 10


def test_what_is_no_sound_or_too_long_is_refused_by_name(shelf: SoundShelf, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InputError, match=r"file is 'x\.mp3'"):
        shelf.add_upload("x.mp3", b"no sound at all")
    monkeypatch.setattr(sounds, "MAX_SECONDS", 0.2)
    with pytest.raises(InputError, match="file is 'long'"):
        shelf.add_upload("long", wav())
    monkeypatch.setattr(sounds, "MAX_UPLOAD_BYTES", 10)
    with pytest.raises(InputError, match="size of the file"):
        shelf.add_upload("large", wav())
    assert shelf.names == [DEMO]


def test_the_oldest_of_many_files_is_dropped(shelf: SoundShelf) -> None:
    for k in range(MAX_CHOSEN + 2):
        shelf.add_upload(f"{k}.wav", wav(0.05))
    assert shelf.names == [DEMO, *(f"{k}.wav" for k in range(2, MAX_CHOSEN + 2))]
    with pytest.raises(InputError, match=r"recording is '0\.wav'"):
        shelf.get("0.wav")
