"""Frames of a face in counted time: rest, interruptions, late articulation, frames that are known ahead."""

from __future__ import annotations

import numpy as np
import pytest

from speech_gesture_ros.agent.face_timeline import (
    CLOSED_AFTER_S,
    CLOSING_FRAMES,
    FRAME_NS,
    HOLD_S,
    FaceTimeline,
    TimedFace,
    resting_row,
)
from speech_gesture_ros.core.chunks import ArticulationChunk
from speech_gesture_ros.core.errors import ConfigError
from speech_gesture_ros.core.face_channels import BLENDSHAPE_INDEX, PROSODY_COLUMNS, VISEME_COLUMNS
from speech_gesture_ros.core.timebase import NS
from speech_gesture_ros.face.arkit_map import lip_gap
from speech_gesture_ros.face.dominance import TimedPhone, articulate
from speech_gesture_ros.face.expressions import expression_shapes
from speech_gesture_ros.face.face_stage import FaceStage
from speech_gesture_ros.face.style import SPEED_RANGE, FaceStyle
from speech_gesture_ros.face.upper_face import UpperFaceControls

START_NS, STEP_NS, LEAD_S = 100 * NS, NS // 100, 0.02
AAH = articulate([TimedPhone("aa", 0.0, 10.0)], 500)[200:400]  # its middle
OPEN, CLOSED = 0.5, 0.05  # distance of the lips, in units of a full jaw opening


def make(style: FaceStyle | None = None) -> FaceTimeline:
    """A face that neither blinks nor looks around, so that its mouth alone is compared."""
    return FaceTimeline(FaceStage(style, upper_face=UpperFaceControls(0.0, 0.0, 0.0)), LEAD_S)


def run(timeline: FaceTimeline, begin_s: float, end_s: float) -> list[TimedFace]:
    steps = range(round(begin_s * NS), round(end_s * NS), STEP_NS)
    return [frame for at in steps for frame in timeline.take(START_NS + at)]


def say(timeline: FaceTimeline, rows: np.ndarray, at_s: float, start_index: int = 0) -> None:
    """Give articulation whose first frame must be visible at a time."""
    first_ns = START_NS + round(at_s * NS)
    timeline.push(ArticulationChunk(start_index, rows), lambda i: first_ns + (i - start_index) * FRAME_NS, START_NS)


def gaps(frames: list[TimedFace]) -> np.ndarray:
    return lip_gap(np.stack([frame.shapes for frame in frames]))


def stamps(frames: list[TimedFace]) -> np.ndarray:
    return np.array([frame.stamp_ns for frame in frames]) / NS - START_NS / NS


def test_without_speech_there_are_50_frames_a_second_of_a_closed_mouth() -> None:
    frames = run(make(), 0.0, 2.0)
    assert len(frames) == pytest.approx(100, abs=2)
    assert np.diff(stamps(frames)).tolist() == pytest.approx([0.02] * (len(frames) - 1))
    assert gaps(frames).max() == 0.0


def test_speech_has_its_own_stamps_and_the_shapes_of_the_stage() -> None:
    timeline = make()
    run(timeline, 0.0, 0.5)
    say(timeline, AAH, 0.71)
    frames = [frame for frame in run(timeline, 0.5, 3.0) if frame.visemes[0] < 1.0]
    np.testing.assert_allclose(stamps(frames), 0.71 + np.arange(len(frames)) / 50, atol=1e-9)
    stage = FaceStage(upper_face=UpperFaceControls(0.0, 0.0, 0.0))
    stage.push(ArticulationChunk(0, np.stack([resting_row()] * 20)))
    expected = stage.push(ArticulationChunk(0, AAH[:len(frames)]))
    np.testing.assert_allclose(np.stack([frame.shapes for frame in frames]), expected.values, atol=1e-6)


def test_frames_are_returned_in_time_and_at_most_a_frame_early() -> None:
    timeline = make()
    say(timeline, AAH, 0.3)
    for at in range(0, 2 * NS, STEP_NS):
        for frame in timeline.take(START_NS + at):
            assert 0 <= frame.stamp_ns - START_NS - at <= LEAD_S * NS + FRAME_NS


@pytest.mark.parametrize("speed", [SPEED_RANGE[0], 1.0, SPEED_RANGE[1]])
@pytest.mark.parametrize("event", ["interrupted", "muted", "stream ends"])
def test_lips_close_in_every_style_after_an_interruption_and_at_the_end(event: str, speed: float) -> None:
    timeline = make(FaceStyle(jaw=2.0, speed=speed))
    say(timeline, AAH[:50] if event == "stream ends" else AAH, 0.1)
    before = run(timeline, 0.0, 1.0)
    assert gaps(before)[-1] > OPEN
    end_s = float(stamps(before)[-1])
    if event == "interrupted":
        timeline.interrupt()
    elif event == "muted":
        timeline.is_muted = True
    after = run(timeline, 1.0, 2.0)
    assert np.diff(stamps(after)).max() <= 0.02 + HOLD_S + 1e-9
    limit_s = end_s + CLOSED_AFTER_S + (HOLD_S + 0.12 if event == "stream ends" else 0.0)
    late = [frame for frame, at in zip(after, stamps(after)) if at >= limit_s - 1e-9]
    assert len(late) > 20
    assert gaps(late).max() < CLOSED
    assert all(frame.visemes[0] == 1.0 for frame in late)


@pytest.mark.parametrize("is_interrupted", [True, False])
def test_after_an_interruption_silence_does_not_open_the_lips_and_sound_does(is_interrupted: bool) -> None:
    """A model takes the cut in the sound for a phone, and holds it during the silence that follows."""
    timeline = make()
    say(timeline, AAH, 0.1)
    run(timeline, 0.0, 1.0)
    if is_interrupted:
        timeline.interrupt()
    silent, loud = AAH[:50].copy(), AAH[:50].copy()
    silent[:, PROSODY_COLUMNS.start], loud[:, PROSODY_COLUMNS.start] = 0.0, 0.5
    say(timeline, np.concatenate([silent, loud]), 2.0, start_index=500)
    frames = run(timeline, 1.0, 4.5)
    at, gap = stamps(frames), gaps(frames)
    in_silence = gap[(at >= 2.0 + CLOSED_AFTER_S) & (at < 3.0 - 1e-9)]
    assert in_silence.max() < CLOSED if is_interrupted else in_silence.max() > OPEN
    assert gap[(at >= 3.0) & (at < 4.0)].max() > OPEN


def test_an_interrupted_face_keeps_its_expression_and_blinks() -> None:
    timeline = FaceTimeline(FaceStage(seed=2), LEAD_S)
    timeline.stage.set_expression(expression_shapes("happy"))
    say(timeline, AAH, 0.1)
    run(timeline, 0.0, 1.0)
    timeline.interrupt()
    shapes = np.stack([frame.shapes for frame in run(timeline, 1.0, 12.0)])
    assert shapes[-1, BLENDSHAPE_INDEX["mouthSmileLeft"]] > 0.65
    assert shapes[:, BLENDSHAPE_INDEX["eyeBlinkLeft"]].max() == 1.0


def test_articulation_that_is_a_little_late_is_shown_and_older_one_is_not() -> None:
    for late_s, is_shown in ((0.05, True), (0.15, False)):
        timeline = make()
        run(timeline, 0.0, 1.0)
        say(timeline, AAH[:1], 1.0 - late_s)
        frames = run(timeline, 1.0, 1.05)
        assert any(frame.visemes[0] < 1.0 for frame in frames) is is_shown
        assert np.all(np.diff(stamps(frames)) > 0)


def test_what_is_known_ahead_comes_true_and_ends_with_a_closed_mouth() -> None:
    timeline = FaceTimeline(FaceStage(seed=5), LEAD_S)
    run(timeline, 0.0, 0.5)
    assert len(timeline.ahead()) == CLOSING_FRAMES
    assert gaps(timeline.ahead()).max() == 0.0
    say(timeline, AAH[:30], 0.6)
    ahead = timeline.ahead()
    frames = run(timeline, 0.5, 0.6 + 30 / 50)
    known = {frame.stamp_ns: frame.shapes for frame in ahead[:-CLOSING_FRAMES]}
    assert sum(frame.stamp_ns in known for frame in frames) > 30
    for frame in frames:
        if frame.stamp_ns in known:
            np.testing.assert_array_equal(known[frame.stamp_ns], frame.shapes)
    assert gaps(ahead)[-CLOSING_FRAMES - 5] > OPEN
    assert gaps(ahead)[-1] < 0.01


def test_a_jump_of_the_clock_leaves_neither_a_gap_nor_a_burst() -> None:
    timeline = make()
    run(timeline, 0.0, 0.5)
    for at_s in (1000.0, 200.0):
        frames = run(timeline, at_s, at_s + 1.0)
        assert len(frames) == pytest.approx(50, abs=2)


def test_any_chunking_gives_the_same_frames() -> None:
    whole, parts = make(), make()
    say(whole, AAH[:60], 0.2)
    for start, stop in ((0, 1), (1, 1), (1, 40), (40, 60)):
        say(parts, AAH[start:stop], 0.2 + start / 50, start_index=start)
    for a, b in zip(run(whole, 0.0, 2.0), run(parts, 0.0, 2.0), strict=True):
        assert abs(a.stamp_ns - b.stamp_ns) <= 1
        np.testing.assert_array_equal(a.shapes, b.shapes)


def test_an_overlay_replaces_the_articulation_of_a_frame() -> None:
    timeline = make()
    timeline.overlay = lambda index, row: resting_row() if index >= 25 else row
    say(timeline, AAH, 0.1)
    frames = run(timeline, 0.0, 1.5)
    spoken = [at for frame, at in zip(frames, stamps(frames)) if frame.visemes[VISEME_COLUMNS][0] < 1.0]
    assert spoken[-1] == pytest.approx(0.1 + 24 / 50)


def test_a_lead_out_of_range_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"lead_s of the face is -0.1, must be 0 to 1 s"):
        FaceTimeline(FaceStage(), -0.1)
