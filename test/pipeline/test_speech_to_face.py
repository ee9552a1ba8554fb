"""Faces of whole recordings."""

from __future__ import annotations

import numpy as np
import pytest

from speech_gesture_ros.core.assets import resolve
from speech_gesture_ros.pipeline.speech_to_face import SpeechToFace, face_at


@pytest.mark.slow
def test_the_face_at_some_times_is_that_of_the_stream_with_silence_around(speech):
    folder, sound = resolve("face", "models"), speech[:32000]
    times = np.array([-0.5, -0.02, 0.0, 0.4, 1.0, 1.5, 5.0])
    found = face_at(folder, sound, times)
    padded = np.concatenate([np.zeros(8000, np.float32), sound, np.zeros(65000, np.float32)])
    whole = SpeechToFace(folder).perform(padded).shapes.values
    assert np.allclose(found, whole[np.round((times + 0.5) * 50).astype(int)], atol=1e-6)
    assert found.shape == (7, 52)
