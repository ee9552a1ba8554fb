"""One session in counted time: everything on one clock, requests act, a stop closes the mouth."""

from __future__ import annotations

import json
from collections.abc import Iterator

import numpy as np
import pytest
from counted_page import SPOKEN, SPOKEN_NAME, CountedPage

from speech_gesture_ros.agent.face_timeline import CLOSED_AFTER_S
from speech_gesture_ros.audio.files import load_mono_16k
from speech_gesture_ros.face.arkit_map import lip_gap
from speech_gesture_ros.live.messages import FrameKind
from speech_gesture_ros.live.page_requests import SLIDERS

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CountedPage]:
    with CountedPage(tmp_path_factory.mktemp("page")) as made:
        made.advance(2.0)  # the robot is engaged
        yield made


@pytest.fixture
def page(shared: CountedPage) -> CountedPage:
    """The session with all controls as at first, silent, without the messages so far."""
    shared.ask("stop")
    for name, (_, _, start) in SLIDERS.items():
        shared.ask("control", name, start)
    for family in shared.cast.stage_set.families:
        shared.ask("family", family, 1.0)
    shared.ask("expression", "neutral")
    shared.advance(1.0)
    shared.messages.clear()
    return shared


def texts(page: CountedPage, kind: str) -> list[dict]:
    found = [json.loads(message) for _, message in page.messages if isinstance(message, str)]
    return [message for message in found if message["kind"] == kind]


def body(page: CountedPage, since_s: float = 0.0) -> np.ndarray:
    return np.stack([values for _, time_s, values in page.frames(FrameKind.BODY) if time_s >= since_s])


def test_the_sound_is_complete_without_gaps_and_later_by_the_latency(page: CountedPage) -> None:
    page.ask("play", SPOKEN_NAME)
    begin_s = page.time_s
    page.advance(5.0)
    sound = [f for f in page.frames(FrameKind.SOUND) if f[0] > begin_s]
    times = np.array([time_s for _, time_s, _ in sound])
    assert np.allclose(np.diff(times), 0.02, atol=1e-3)
    samples = np.concatenate([values for _, _, values in sound])
    spoken = np.round(load_mono_16k(SPOKEN) * 32767).astype(int)
    begin = int(np.flatnonzero(samples)[0]) - int(np.flatnonzero(spoken)[0])
    assert np.array_equal(samples[begin:begin + len(spoken)], spoken)
    sent_s = np.array([sent for sent, _, _ in sound])
    assert np.allclose(times - sent_s, page.cast.agent.latency_s - 0.02, atol=0.011)


def test_frames_of_face_and_body_come_before_they_must_be_seen_and_belong_to_the_sound(page: CountedPage) -> None:
    page.ask("play", SPOKEN_NAME)
    page.advance(6.0)
    for kind, rate_hz in ((FrameKind.FACE, 50), (FrameKind.BODY, 25), (FrameKind.ROBOT, 50)):
        frames = page.frames(kind)[5:]
        times = np.array([time_s for _, time_s, _ in frames])
        assert np.all(np.diff(times) > 0)
        assert np.median(np.diff(times)) == pytest.approx(1 / rate_hz, abs=1e-3)
        assert min(time_s - sent_s for sent_s, time_s, _ in frames) >= -0.011
    sound = [(t, np.abs(v).max()) for _, t, v in page.frames(FrameKind.SOUND)]
    begin_s = next(t for t, most in sound if most > 1000)
    end_s = max(t for t, most in sound if most > 1000)
    face = page.frames(FrameKind.FACE)
    gap = lip_gap(np.stack([values for _, _, values in face]))
    open_s = [t for (_, t, _), width in zip(face, gap) if width > 0.1]
    assert begin_s - 0.05 < open_s[0] < begin_s + 0.4
    assert open_s[-1] < end_s + 0.1


def test_accents_lie_in_the_speech(page: CountedPage) -> None:
    page.ask("play", SPOKEN_NAME)
    page.advance(6.0)
    loud = [t for _, t, values in page.frames(FrameKind.SOUND) if np.abs(values).max() > 1000]
    accents = [message["time"] for message in texts(page, "accent")]
    assert len(accents) >= 2
    assert all(loud[0] - 0.1 <= at <= loud[-1] + 0.1 for at in accents)


def test_a_stop_ends_the_sound_and_closes_the_mouth(page: CountedPage) -> None:
    page.ask("play", SPOKEN_NAME)
    page.advance(2.4)
    page.ask("stop")
    at_s = page.time_s
    page.advance(2.0)
    assert [message["time"] for message in texts(page, "silence")][-1] == pytest.approx(at_s + 0.01)
    assert not any(np.any(values) for sent_s, _, values in page.frames(FrameKind.SOUND) if sent_s > at_s)
    after = np.stack([values for _, t, values in page.frames(FrameKind.FACE) if t > at_s + CLOSED_AFTER_S])
    assert lip_gap(after).max() < 0.01
    assert texts(page, "state")[-1]["playing"] == ""


def test_a_requested_gesture_is_performed_in_silence_by_avatar_and_robot(page: CountedPage) -> None:
    before = page.time_s
    page.ask("gesture", "nod")
    page.advance(3.0)
    assert [m["status"] for m in texts(page, "gesture")] == ["accepted", "started", "done"]
    head = page.cast.stage_set.avatar.bones.index("head")
    pitch = body(page, before)[:, 4 * head]
    assert np.ptp(pitch) > 0.05
    robot = np.stack([values for sent_s, _, values in page.frames(FrameKind.ROBOT) if sent_s > before])
    assert np.ptp(robot, axis=0).max() > 0.05


def test_activity_0_keeps_the_hands_at_rest(page: CountedPage) -> None:
    page.ask("play", SPOKEN_NAME)
    page.advance(5.0)
    lively = np.ptp(body(page), axis=0).max()
    page.ask("control", "activity", 0.0)
    page.advance(3.0)
    page.ask("play", SPOKEN_NAME)
    begin_s = page.time_s + 0.5
    page.advance(5.0)
    assert np.ptp(body(page, begin_s), axis=0).max() < 0.25 * lively
    assert texts(page, "state")[-1]["sliders"]["activity"] == 0.0


def test_a_face_style_moves_its_sliders_and_the_jaw(page: CountedPage) -> None:
    gaps = {}
    for style in ("mumble", "shout"):
        page.ask("face_style", style)
        page.ask("play", SPOKEN_NAME)
        begin_s = page.time_s + 0.5
        page.advance(5.0)
        shapes = np.stack([v for _, t, v in page.frames(FrameKind.FACE) if t > begin_s])
        gaps[style] = lip_gap(shapes).max()
    assert gaps["shout"] > 1.8 * gaps["mumble"]
    assert texts(page, "state")[-1]["sliders"]["jaw"] == 1.6
    assert texts(page, "state")[-1]["face_style"] == "shout"


def test_an_expression_fades_in(page: CountedPage) -> None:
    names = page.cast.stage_set.description["blendshapes"]
    page.ask("expression", "happy")
    page.advance(1.5)
    assert page.frames(FrameKind.FACE)[-1][2][names.index("mouthSmileLeft")] == pytest.approx(0.7, abs=0.1)


def test_weights_of_which_none_is_left_are_refused_and_the_old_ones_stay(page: CountedPage) -> None:
    families = page.cast.stage_set.families
    for family in families:
        page.ask("family", family, 0.0)
    page.advance(0.02)
    assert "such that a gesture has a weight above 0" in texts(page, "error")[-1]["text"]
    assert sum(texts(page, "state")[-1]["families"].values()) > 0
    page.ask("control", "activity", 0.5)
    page.advance(0.02)
    assert texts(page, "state")[-1]["sliders"]["activity"] == 0.5


def test_the_microphone_has_less_latency_and_its_blocks_are_performed(page: CountedPage) -> None:
    page.ask("microphone", value=1.0)
    page.advance(0.02)
    spoken = load_mono_16k(SPOKEN)
    begin_s = page.time_s
    for first in range(0, len(spoken) - 320, 320):
        page.session.blocks.push(spoken[first:first + 320])
        page.advance(0.02)
    assert page.session.is_live
    assert page.cast.microphone_agent.latency_s < 0.21 < page.cast.agent.latency_s
    face = [(t, v) for _, t, v in page.frames(FrameKind.FACE) if t > begin_s]
    assert lip_gap(np.stack([v for _, v in face])).max() > 0.3
    page.ask("microphone", value=0.0)
    page.advance(0.5)
    assert not page.session.is_live


def test_all_numbers_are_finite(page: CountedPage) -> None:
    page.ask("play", SPOKEN_NAME)
    page.advance(3.0)
    for kind in (FrameKind.BODY, FrameKind.FACE, FrameKind.ROBOT):
        assert all(np.isfinite(values).all() for _, _, values in page.frames(kind))
