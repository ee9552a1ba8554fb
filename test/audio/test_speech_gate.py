import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from speech_gesture_ros.audio.speech_gate import SpeechGate, SpeechGateConfig
from speech_gesture_ros.core.chunks import ActivityChunk
from speech_gesture_ros.core.errors import ConfigError

CONFIG = SpeechGateConfig(on=0.6, off=0.35, confirm_s=0.08, hangover_s=0.2)  # 2 frames, 5 frames


def gate(values: list[float]) -> list[float]:
    return SpeechGate(CONFIG).push(ActivityChunk(0, np.array(values, dtype=np.float32))).values.tolist()


def test_speech_opens_once_confirmed_and_closes_after_the_hangover() -> None:
    assert gate([0, 0.9, 0.9, 0.9] + [0.1] * 6) == [0, 0, 1, 1, 1, 1, 1, 1, 0, 0]


def test_a_single_frame_of_doubt_does_not_open() -> None:
    assert sum(gate([0.0, 1.0, 0.0, 1.0, 0.5, 1.0, 0.0])) == 0


def test_between_the_thresholds_nothing_changes() -> None:
    assert sum(gate([0.5] * 50)) == 0
    assert gate([0.9, 0.9] + [0.4] * 50)[1:] == [1.0] * 51


def test_a_pause_shorter_than_the_hangover_does_not_chop_speech() -> None:
    assert gate([0.9] * 3 + [0.0] * 4 + [0.9] * 3)[1:] == [1.0] * 9


def test_what_is_stated_opens_and_closes_the_gate_at_once_until_it_is_stated_no_more() -> None:
    stream = SpeechGate(CONFIG)

    def push(value: float, count: int) -> list[float]:
        return stream.push(ActivityChunk(0, np.full(count, value, dtype=np.float32))).values.tolist()

    stream.stated = True
    assert push(0.0, 20) == [1] * 20
    stream.stated = False
    assert push(0.9, 3) == [0] * 3
    stream.reset()
    assert push(0.9, 3) == [0] * 3, "a reset does not end the statement"
    stream.stated = None
    assert push(0.9, 3) == [0, 1, 1], "confirmed as ever"


def test_nan_counts_as_silence() -> None:
    assert sum(gate([float("nan")] * 20)) == 0
    assert gate([0.9, 0.9] + [float("nan")] * 5) == [0, 1, 1, 1, 1, 1, 0]


@given(st.lists(st.floats(0, 1, width=32), max_size=60), st.lists(st.integers(0, 60), max_size=6))
def test_any_chunking_gives_the_same_decisions(values: list[float], cuts: list[int]) -> None:
    stream, parts = SpeechGate(CONFIG), []
    bounds = [0, *sorted(min(c, len(values)) for c in cuts), len(values)]
    for a, b in itertools.pairwise(bounds):
        chunk = stream.push(ActivityChunk(a, np.array(values[a:b], dtype=np.float32)))
        assert chunk.start_index == a
        parts += chunk.values.tolist()
    assert parts == gate(values)


def test_nothing_waits_for_flush() -> None:
    stream = SpeechGate(CONFIG)
    stream.push(ActivityChunk(3, np.ones(5, dtype=np.float32)))
    tail = stream.flush()
    assert (tail.start_index, len(tail)) == (8, 0)


def test_reset_closes() -> None:
    stream = SpeechGate(CONFIG)
    stream.push(ActivityChunk(0, np.ones(5, dtype=np.float32)))
    assert stream.is_open
    stream.reset()
    assert not stream.is_open


@pytest.mark.parametrize(("wrong", "message"), [
    ({"on": 0.2}, r"thresholds \(off, on\) of the speech gate is \(0.3, 0.2\), must be 0 < off <= on < 1"),
    ({"off": 0.0}, "thresholds"),
    ({"hangover_s": -1.0}, "hangover_s is -1.0, must be 0 to 10 s"),
    ({"confirm_s": float("nan")}, "confirm_s is nan"),
])
def test_impossible_settings_are_refused(wrong: dict[str, float], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        SpeechGateConfig(**wrong)
