"""The live face in counted time: frames at 50 Hz, stamps, rest between streams, gaps."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from small_face import small_face_bundle

from speech_gesture_ros.agent.face_timeline import TimedFace
from speech_gesture_ros.agent.live_face import LiveFace
from speech_gesture_ros.agent.timed_phones import phone_track
from speech_gesture_ros.audio.pcm import PcmFormat
from speech_gesture_ros.core.errors import ConfigError
from speech_gesture_ros.core.face_channels import BLENDSHAPE_INDEX, VISEME_INDEX
from speech_gesture_ros.core.timebase import NS
from speech_gesture_ros.face.dominance import TimedPhone
from speech_gesture_ros.networks.face.bundle import save_face_bundle
from speech_gesture_ros.pipeline.speech_to_face import SpeechToFace

FORMAT = PcmFormat(sample_rate=16_000, channels=1, encoding="s16le")
MESSAGE, STEP_NS, START_NS = 320, NS // 50, 100 * NS


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    save_face_bundle(small_face_bundle(), tmp_path)
    return tmp_path


def perform(live: LiveFace, sound: np.ndarray, seconds: float, begin_s: float = 0.0) -> list[tuple[int, TimedFace]]:
    """Frames with the time at which each was returned; the sound arrives in messages of 20 ms from a time on."""
    frames, sent = [], 0
    for step in range(round(seconds * 50)):
        now_ns = START_NS + step * STEP_NS
        if step >= begin_s * 50 and sent < len(sound):
            live.push(sound[sent:sent + MESSAGE].tobytes(), FORMAT, now_ns)
            sent += MESSAGE
        frames += [(now_ns, frame) for frame in live.update(now_ns)]
    return frames


def noise(seconds: float) -> np.ndarray:
    return (3000 * np.random.default_rng(1).standard_normal(round(16_000 * seconds))).astype("<i2")


def test_frames_come_at_50_hz_with_increasing_stamps_before_during_and_after_speech(bundle: Path) -> None:
    frames = [frame for _, frame in perform(LiveFace(SpeechToFace(bundle)), noise(2.0), 14.0, begin_s=1.0)]
    stamps = np.array([frame.stamp_ns for frame in frames])
    assert np.all(np.diff(stamps) > 0)
    assert len(frames) == pytest.approx(14.0 * 50, abs=12)
    assert np.diff(stamps).max() < 0.15 * NS


def test_each_frame_is_returned_before_it_must_be_visible(bundle: Path) -> None:
    for look_ahead_s in (0.0, 0.04, 0.08):
        live = LiveFace(SpeechToFace(bundle, look_ahead_s), lead_s=0.02)
        frames = perform(live, noise(2.0), 2.0)
        assert min(frame.stamp_ns - now_ns for now_ns, frame in frames) >= 0


def test_the_stamp_is_a_message_and_the_latency_after_the_sound(bundle: Path) -> None:
    """The first message is of the samples from START - 20 ms on: the face of its first sample is that of frame 0."""
    live = LiveFace(SpeechToFace(bundle), lead_s=0.02)
    first = next(frame for _, frame in perform(live, noise(1.0), 1.0) if frame.visemes[0] < 1.0)
    assert first.stamp_ns == START_NS - MESSAGE * NS // 16_000 + round((0.02 + live.latency_s) * NS)


def test_the_delay_from_sound_to_message_is_that_of_features_and_look_ahead(bundle: Path) -> None:
    for look_ahead_s, most_s in ((0.0, 0.06), (0.04, 0.09)):
        live = LiveFace(SpeechToFace(bundle, look_ahead_s), lead_s=0.0)
        frames = [pair for pair in perform(live, noise(2.0), 2.0) if pair[1].visemes[0] < 1.0]
        sound_ns = [frame.stamp_ns - round((0.02 + live.latency_s) * NS) for _, frame in frames]
        assert max(now_ns - at for (now_ns, _), at in zip(frames, sound_ns)) <= most_s * NS


def test_after_speech_stops_the_face_is_at_rest_and_still_blinks(bundle: Path) -> None:
    frames = perform(LiveFace(SpeechToFace(bundle)), noise(1.0), 30.0)
    last = np.stack([frame.shapes for _, frame in frames[-900:]])
    assert last[:, BLENDSHAPE_INDEX["jawOpen"]].max() < 1e-3
    assert last[:, BLENDSHAPE_INDEX["eyeBlinkLeft"]].max() == 1.0
    assert np.all([frame.visemes[0] == 1.0 for _, frame in frames[-900:]])


def test_a_second_stream_begins_like_a_new_one_and_blinks_go_on(bundle: Path) -> None:
    live = LiveFace(SpeechToFace(bundle))
    first = perform(live, noise(1.0), 1.0)
    assert len(live.update(START_NS + 20 * NS)) > 0  # the stream has ended
    assert first[0][1].visemes.shape == (15,)


def test_timed_phones_are_visible_with_their_sound_which_waits_for_the_sound_before(bundle: Path) -> None:
    """Two sentences come at once: the phones of the second one wait as its sound does."""
    live = LiveFace(SpeechToFace(bundle))
    silence = np.zeros(16_000, "<i2").tobytes()
    for _ in range(2):
        live.phones.add(phone_track([TimedPhone("m", 0.3, 0.5)]))
        live.push(silence, FORMAT, START_NS)
    frames = [frame for at in range(0, 3 * NS, NS // 100) for frame in live.update(START_NS + at)]
    closed = [frame.stamp_ns for frame in frames if frame.visemes[VISEME_INDEX["PP"]] > 0.9]
    middle_s = (np.array(closed) - START_NS) / NS - live.latency_s
    first, second = middle_s[middle_s < 1.0], middle_s[middle_s > 1.0]
    assert first.mean() == pytest.approx(0.4, abs=0.011)
    assert second.mean() == pytest.approx(1.4, abs=0.011)


def test_an_interruption_closes_the_mouth_and_forgets_the_phones(tmp_path: Path) -> None:
    silent = small_face_bundle()
    silent.weights["head.weight"][:] = 0.0
    silent.weights["head.bias"][0] = 30.0
    save_face_bundle(silent, tmp_path)
    live = LiveFace(SpeechToFace(tmp_path))
    live.phones.add(phone_track([TimedPhone("aa", 0.0, 4.0)]))
    live.push(np.zeros(80_000, "<i2").tobytes(), FORMAT, START_NS)
    before = [frame for at in range(0, 2 * NS + NS // 2, NS // 100) for frame in live.update(START_NS + at)]
    assert before[-1].visemes[VISEME_INDEX["aa"]] > 0.9
    live.interrupt()
    after = [frame for at in range(2 * NS + NS // 2, 4 * NS, NS // 100) for frame in live.update(START_NS + at)]
    assert not any(frame.visemes[VISEME_INDEX["aa"]] > 0.9 for frame in after)


def test_a_lead_out_of_range_is_refused(bundle: Path) -> None:
    with pytest.raises(ConfigError, match="lead_s"):
        LiveFace(SpeechToFace(bundle), lead_s=-0.1)
