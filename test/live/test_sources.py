"""The voice: a recording at the pace of the clock, silence in between, no more than a bound after a stall."""

from __future__ import annotations

import numpy as np

from speech_gesture_ros.core.timebase import NS
from speech_gesture_ros.live.sources import MAX_WAITING_BLOCKS, MESSAGE_SAMPLES, PacedVoice, RecordedBlocks

SOUND = np.linspace(0.1, 0.9, 4000, dtype=np.float32)


def taken(voice: PacedVoice, seconds: float, begin_s: float = 100.0, step_s: float = 0.01
          ) -> list[tuple[int, np.ndarray]]:
    return [m for k in range(round(seconds / step_s)) for m in voice.due(round((begin_s + k * step_s) * NS))]


def test_a_recording_is_complete_and_silence_follows() -> None:
    voice = PacedVoice()
    voice.play("sound", SOUND)
    messages = taken(voice, 1.0)
    samples = np.concatenate([values for _, values in messages])
    assert np.array_equal(samples[:4000], SOUND)
    assert not samples[4000:].any()
    assert voice.name == ""
    assert np.all(np.diff([at for at, _ in messages]) == NS // 50)


def test_times_do_not_depend_on_the_steps_of_the_loop() -> None:
    fine = [at for at, _ in taken(PacedVoice(), 1.0, step_s=0.01)]
    coarse = [at for at, _ in taken(PacedVoice(), 1.0, step_s=0.05)]
    assert len(coarse) == 48  # up to 0.95 s
    assert fine[:48] == coarse


def test_a_looped_recording_is_repeated() -> None:
    voice = PacedVoice()
    voice.play("sound", SOUND, is_looped=True)
    samples = np.concatenate([values for _, values in taken(voice, 1.0)])
    assert np.count_nonzero(samples) > 3 * len(SOUND)


def test_after_a_long_stall_the_voice_goes_on_at_the_present_time() -> None:
    voice = PacedVoice()
    voice.play("sound", SOUND)
    voice.due(100 * NS)
    assert len(voice.due(200 * NS)) == 1


def test_blocks_of_a_microphone_are_bounded_and_the_oldest_are_dropped() -> None:
    blocks = RecordedBlocks()
    for k in range(MAX_WAITING_BLOCKS + 5):
        blocks.push(np.full(MESSAGE_SAMPLES, k, np.float32))
    kept = blocks.take()
    assert (len(kept), kept[0][0], blocks.dropped) == (MAX_WAITING_BLOCKS, 5.0, 5)
    assert blocks.take() == []
