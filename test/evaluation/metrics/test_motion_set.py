"""Metrics of a motion and its speech, beside controls."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

from speech_gesture_ros.core.errors import InputError
from speech_gesture_ros.core.skeleton import load_skeleton
from speech_gesture_ros.evaluation.accents import detect_accents
from speech_gesture_ros.evaluation.metrics.motion_clip import MotionClip
from speech_gesture_ros.evaluation.metrics.motion_set import MotionSet, check_length
from speech_gesture_ros.evaluation.metrics.registry import measure_motion, plain
from speech_gesture_ros.evaluation.speech_analysis import SpeechAnalysis, analyse_speech

SKELETON = load_skeleton()
RATE = 16_000


def voice(duration_s=30.0, seed=0):
    """A buzz with loud, high syllables at irregular times, and a pause in the middle."""
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
    """(T, J, 3) the left wrist steps up or down, fastest at each of the times."""
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
    found = analyse_speech(voice())
    assert len(found.accents_s) > 15
    return found


def measured(motion, speech):
    return measure_motion(MotionSet([MotionClip.of(motion, speech)], SKELETON))


@pytest.mark.slow
def test_strokes_on_accents_have_a_high_share_and_a_low_shifted_share(speech):
    values = measured(beating(speech.accents_s, 750), speech)
    assert values["apex_share"] > 0.9
    assert values["apex_share_shifted"] < 0.4
    assert values["apex_excess"] > 2
    assert abs(values["apex_offset_ms"]) < 30


def test_the_same_motion_later_has_the_share_of_its_control(speech):
    values = measured(beating(speech.accents_s, 750, shift_s=0.3), speech)
    assert values["apex_share"] < 0.3
    assert values["apex_offset_ms"] > 100


def test_a_body_that_stands_still_has_no_apex_and_no_share(speech):
    values = measured(np.tile(SKELETON.rest_xyz, (750, 1, 1)), speech)
    assert (values["apexes"], values["apex_share"], values["rest_share"]) == (0, 0.0, 1.0)
    assert values["wrist_speed"] < 1e-9
    assert math.isnan(values["apex_share_shifted"])
    assert values["strokes_per_minute"] == 0.0


def test_one_hand_that_beats_is_not_two_handed(speech):
    values = measured(beating(speech.accents_s, 750), speech)
    assert values["two_handed_share"] == 0.0
    assert values["strokes_per_minute"] == pytest.approx(
        values["apexes"] * 60 / (30.0 * np.mean(speech.is_speech)), rel=0.1)


def test_the_wrists_of_a_robot_have_the_timing_of_the_same_human_wrists(speech):
    motion = beating(speech.accents_s, 750)
    hands = motion[:, [SKELETON.index["left_wrist"], SKELETON.index["right_wrist"]]]
    human, robot = measured(motion, speech), measure_motion(MotionSet([MotionClip.of(hands, speech)], None))
    for name in ("apexes", "apex_share", "apex_share_shifted", "apex_excess", "apex_offset_ms"):
        assert robot[name] == human[name], name
    assert robot["wrist_speed"] == pytest.approx(human["wrist_speed"], rel=0.1)
    assert math.isnan(robot["head_speed"])


def test_metrics_repeat_exactly(speech):
    motion = beating(speech.accents_s, 750)
    np.testing.assert_equal(measured(motion, speech), measured(motion, speech))


def test_a_motion_of_another_length_is_refused(speech):
    with pytest.raises(InputError, match=r"length of the motion is '20.00 s', must be within 1 s of the speech \(30"):
        check_length(np.tile(SKELETON.rest_xyz, (500, 1, 1)), speech)


def test_a_clip_is_cut_to_the_common_frames(speech):
    assert len(MotionClip.of(beating(speech.accents_s, 760), speech).joint_xyz) == 750
    clip = MotionClip.of(beating(speech.accents_s, 740), speech)
    assert len(clip.joint_xyz) == len(clip.speech) == 740
    assert clip.speech.accents_s.max() < 740 / 25


def test_motion_that_is_not_finite_is_refused(speech):
    motion = np.tile(SKELETON.rest_xyz, (750, 1, 1))
    motion[3] = np.nan
    with pytest.raises(InputError, match="motion is 'NaN or infinite'"):
        measured(motion, speech)


def test_values_are_json_and_those_not_measured_are_null(speech):
    values = plain(measured(np.tile(SKELETON.rest_xyz, (750, 1, 1)), speech))
    read = json.loads(json.dumps(values, allow_nan=False))
    assert read["apex_excess"] is None
    assert read["rest_share"] == 1.0


def test_without_speech_only_metrics_that_need_none_are_measured():
    values = measure_motion(MotionSet([MotionClip.of(np.tile(SKELETON.rest_xyz, (50, 1, 1)))], SKELETON))
    assert math.isnan(values["apex_share"])
    assert math.isnan(values["pause_ratio"])
    assert values["wrist_speed"] == pytest.approx(0.0, abs=1e-9)


@pytest.mark.slow
def test_an_analysis_of_accents_alone_is_enough_for_timing():
    sound = voice()
    speech = SpeechAnalysis.of_accents(detect_accents(sound))
    motion = beating(speech.accents_s, 750)
    assert measured(motion, speech)["apex_share"] == measured(motion, analyse_speech(sound))["apex_share"]
    assert math.isnan(measured(motion, speech)["beat_consistency"])
