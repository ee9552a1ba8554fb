"""Faces of streams and of whole recordings."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from small_face import small_face_bundle

from speech_gesture_ros.core.assets import resolve
from speech_gesture_ros.core.chunks import AudioChunk
from speech_gesture_ros.networks.face.bundle import save_face_bundle
from speech_gesture_ros.pipeline.speech_to_face import SpeechToFace, face_at

NOISE = (0.1 * np.random.default_rng(1).standard_normal(3217)).astype(np.float32)


@pytest.fixture
def face(tmp_path: Path) -> SpeechToFace:
    save_face_bundle(small_face_bundle(), tmp_path)
    return SpeechToFace(tmp_path, look_ahead_s=0.0)


def test_a_frame_comes_out_with_its_last_sample_and_one_computation_gives_both_its_feature_frames(
        face: SpeechToFace, monkeypatch: pytest.MonkeyPatch) -> None:
    counts, push = [], face.features.push
    monkeypatch.setattr(face.features, "push", lambda chunk: counts.append(len(chunk)) or push(chunk))
    complete = [i + 1 for i, sample in enumerate(NOISE) if len(face.push(AudioChunk(i, NOISE[i:i + 1])).shapes)]
    assert complete == list(range(400, len(NOISE) + 1, 320))  # the feature window, then every 20 ms
    assert [count for count in counts if count] == [400, *[320] * (len(complete) - 1)]


@pytest.mark.parametrize("length", [1, 160, 239, 320, 441, 1000])
def test_a_stream_in_chunks_of_any_length_is_the_whole_also_after_a_stream_that_broke_off(
        face: SpeechToFace, length: int) -> None:
    whole = face.perform(NOISE)
    face.push(AudioChunk(0, NOISE[::-1][:777]))
    face.reset()
    parts = [face.push(AudioChunk(i, NOISE[i:i + length])) for i in range(0, len(NOISE), length)]
    parts.append(face.flush())
    streamed = np.concatenate([part.shapes.values for part in parts])
    assert len(streamed) == len(NOISE) // 320
    np.testing.assert_allclose(streamed, whole.shapes.values, atol=1e-6)


@pytest.mark.slow
def test_the_face_at_some_times_is_that_of_the_stream_with_silence_around(speech):
    folder, sound = resolve("face", "models"), speech[:32000]
    times = np.array([-0.5, -0.02, 0.0, 0.4, 1.0, 1.5, 5.0])
    found = face_at(folder, sound, times)
    padded = np.concatenate([np.zeros(8000, np.float32), sound, np.zeros(65000, np.float32)])
    whole = SpeechToFace(folder).perform(padded).shapes.values
    assert np.allclose(found, whole[np.round((times + 0.5) * 50).astype(int)], atol=1e-6)
    assert found.shape == (7, 52)
