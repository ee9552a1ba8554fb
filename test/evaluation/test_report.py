from __future__ import annotations

import dataclasses
import json
import math

import numpy as np
import pytest

from speech_gesture_ros.core.errors import InputError
from speech_gesture_ros.core.skeleton import load_skeleton
from speech_gesture_ros.evaluation.accents import detect_accents
from speech_gesture_ros.evaluation.report import (
    HUMAN_FIGURES,
    MotionReport,
    evaluate_motion,
    evaluate_wrists,
    format_report,
)

SKELETON = load_skeleton()
RATE = 16_000


def voice(duration_s=30.0, seed=0):
    """A buzz whose loud, high syllables come at irregular times, with a pause in the middle."""
    rng = np.random.default_rng(seed)
    time_s = np.arange(round(duration_s * RATE)) / RATE
    loud, pitch = np.full(len(time_s), 0.02), np.full(len(time_s), 110.0)
    start = 0.4
    while start < duration_s - 1:
        bump = np.exp(-(((time_s - start) / 0.08) ** 2))
        loud, pitch = loud + 0.3 * bump, pitch + 60 * bump
        start += rng.uniform(0.7, 1.6)
    loud[(time_s > 14) & (time_s < 16)] = 0.0
    phase = 2 * np.pi * np.cumsum(pitch) / RATE
    return (loud * sum(np.sin(k * phase) / k for k in range(1, 16)) / 3).astype(np.float32)


def beating(times_s, frames, shift_s=0.0):
    """The left wrist steps up or down, fastest at each of the times."""
    grid = np.arange(frames) / 25
    height = np.zeros(frames)
    for i, time_s in enumerate(times_s):
        height += (1 if i % 2 else -1) * 0.2 / (1 + np.exp(-(grid - time_s - shift_s) / 0.05))
    motion = np.tile(SKELETON.rest_xyz, (frames, 1, 1))
    for name in ("left_wrist", "left_hand", "left_thumb"):
        motion[:, SKELETON.index[name], 2] += height
    return motion


@pytest.fixture(scope="module")
def speech():
    return voice()


@pytest.fixture(scope="module")
def accents(speech):
    found = detect_accents(speech)
    assert len(found) > 15
    return found


def test_motion_in_time_scores_high_and_its_controls_low(speech, accents):
    report = evaluate_motion(beating(accents.times_s, 750), speech)
    assert report.apex_share > 0.9
    assert report.apex_share_shifted < 0.4
    assert report.apex_share_mean_pose == 0.0
    assert abs(report.apex_offset_s) < 0.03


def test_the_same_motion_late_scores_like_its_control(speech, accents):
    report = evaluate_motion(beating(accents.times_s, 750, shift_s=0.3), speech)
    assert report.apex_share < 0.3
    assert report.apex_offset_s > 0.1


def test_standing_still_is_no_gesture_at_all(speech):
    report = evaluate_motion(np.tile(SKELETON.rest_xyz, (750, 1, 1)), speech)
    assert (report.apexes, report.rest_share) == (0, 1.0)
    assert report.wrist_speed < 1e-9
    assert math.isnan(report.apex_share)
    assert report.strokes_per_minute == 0.0


def test_one_hand_that_beats_is_not_two_handed(speech, accents):
    report = evaluate_motion(beating(accents.times_s, 750), speech)
    assert report.two_handed_share == 0.0
    assert report.strokes_per_minute == pytest.approx(report.apexes * 60 / (report.duration_s * report.speech_share),
                                                      rel=0.1)


def test_the_wrists_of_a_robot_are_judged_alike(speech, accents):
    motion = beating(accents.times_s, 750)
    hands = motion[:, [SKELETON.index["left_wrist"], SKELETON.index["right_wrist"]]]
    human, robot = evaluate_motion(motion, speech).to_dict(), evaluate_wrists(hands, speech)
    assert robot == {name: human[name] for name in robot}


def test_the_control_is_seeded(speech, accents):
    motion = beating(accents.times_s, 750)
    one, same, other = (evaluate_motion(motion, speech, draws=20, seed=s).apex_share_shifted for s in (1, 1, 2))
    assert one == same != other


def test_a_motion_of_another_length_is_refused(speech):
    with pytest.raises(InputError, match=r"length of the motion is '20.00 s', must be within 1 s of the speech \(30"):
        evaluate_motion(np.tile(SKELETON.rest_xyz, (500, 1, 1)), speech)


def test_a_few_frames_more_or_less_are_no_matter(speech, accents):
    motion = beating(accents.times_s, 760)
    assert evaluate_motion(motion, speech).duration_s == 30.0
    assert evaluate_motion(motion[:740], speech).duration_s == 29.6


def test_motion_with_holes_is_refused(speech):
    motion = np.tile(SKELETON.rest_xyz, (750, 1, 1))
    motion[3] = np.nan
    with pytest.raises(InputError, match="motion is 'NaN or infinite'"):
        evaluate_motion(motion, speech)


def test_the_report_is_json_and_what_is_unknown_is_null(speech):
    report = evaluate_motion(np.tile(SKELETON.rest_xyz, (750, 1, 1)), speech)
    read = json.loads(json.dumps(report.to_dict(), allow_nan=False))
    assert read["apex_share"] is None
    assert read["duration_s"] == 30.0
    assert np.shape(read["gesture_space"]) == (2, 3, 3)


def test_the_table_shows_each_figure_beside_people(speech, accents):
    text = format_report(evaluate_motion(beating(accents.times_s, 750), speech))
    lines = text.splitlines()
    assert len(lines) == 1 + len(HUMAN_FIGURES) + 2
    assert "people" in lines[0]
    row = next(line for line in lines if line.startswith("strokes in speech"))
    assert "1/min" in row
    assert "120" in row


def test_every_human_figure_is_a_field_of_the_report():
    assert {f.name for f in HUMAN_FIGURES} <= {f.name for f in dataclasses.fields(MotionReport)}
