from __future__ import annotations

import numpy as np
import pytest

from speech_gesture_ros.core.chunks import AudioChunk, FeatureChunk, concatenate


def test_the_stop_index_of_a_chunk_is_one_past_its_last_frame() -> None:
    chunk = AudioChunk(160, np.zeros(40, dtype=np.float32))
    assert (len(chunk), chunk.stop_index) == (40, 200)


def test_consecutive_chunks_concatenate_to_one_of_their_kind() -> None:
    ones, nothing, twos = np.full((2, 4), 1.0), np.zeros((0, 4)), np.full((1, 4), 2.0)
    parts = [FeatureChunk(3, ones), FeatureChunk(5, nothing), FeatureChunk(5, twos)]
    whole = concatenate(parts)
    assert isinstance(whole, FeatureChunk)
    assert (whole.start_index, whole.values[:, 0].tolist()) == (3, [1.0, 1.0, 2.0])


def test_a_gap_between_chunks_is_an_error_that_names_both_indices() -> None:
    with pytest.raises(ValueError, match="starts at 12, the previous one stops at 10"):
        concatenate([AudioChunk(0, np.zeros(10)), AudioChunk(12, np.zeros(1))])


def test_an_empty_list_cannot_be_concatenated() -> None:
    with pytest.raises(ValueError, match="empty list"):
        concatenate([])
