"""Composed motion: by the seed, at rest without speech, with the statistics of people on recorded speech."""

import numpy as np
import pytest

from speech_gesture_ros.core.controls import GestureControls
from speech_gesture_ros.core.skeleton import load_skeleton
from speech_gesture_ros.datasets.speech_recordings import surround_with_silence
from speech_gesture_ros.evaluation.accents import detect_accents
from speech_gesture_ros.evaluation.kinematics import wrist_speeds, wrists
from speech_gesture_ros.evaluation.metrics.motion_clip import MotionClip
from speech_gesture_ros.evaluation.metrics.motion_metrics import LIKE_PEOPLE_TOGETHER
from speech_gesture_ros.evaluation.metrics.motion_set import MotionSet
from speech_gesture_ros.evaluation.speech_analysis import SpeechAnalysis
from speech_gesture_ros.training.strokes.composer import compose, compose_speech


@pytest.fixture(scope="module")
def sound(speech: np.ndarray) -> np.ndarray:
    return surround_with_silence(speech.astype(np.float32))


def test_the_same_seed_gives_the_same_motion(sound: np.ndarray) -> None:
    one, again, other = (compose_speech(sound, seed=s).joint_xyz for s in (1, 1, 2))
    assert one.shape == (len(sound) // 640, 17, 3)
    np.testing.assert_array_equal(one, again)
    assert np.abs(one - other).max() > 0.1


def test_hands_rest_without_speech() -> None:
    motion = compose_speech(np.zeros(16_000 * 10, np.float32), seed=1).joint_xyz
    chest = motion[:, load_skeleton().index["chest"]]
    hands = wrists(motion, load_skeleton()) - chest[:, None]
    assert wrist_speeds(hands).max() < 0.2, "only the torso turns"


def test_no_sound_gives_no_motion() -> None:
    assert compose_speech(np.zeros(0, np.float32), seed=1).joint_xyz.shape == (0, 17, 3)


@pytest.mark.slow
def test_composed_motion_has_the_statistics_of_people(sound: np.ndarray) -> None:
    accents = detect_accents(sound)
    speech = SpeechAnalysis.of_accents(accents)
    clips = [MotionClip.of(compose(accents, seed=s).joint_xyz, speech) for s in range(6)]
    values = {m.name: MotionSet(clips, load_skeleton()).value(m) for m in LIKE_PEOPLE_TOGETHER}
    assert values["human_gap"] < 0.06
    assert values["human_share"] > 0.8


def test_a_calm_speaker_moves_less(sound: np.ndarray) -> None:
    speeds = [wrist_speeds(wrists(compose_speech(sound, seed=1, controls=GestureControls(activity=a)).joint_xyz,
                                  load_skeleton())).mean() for a in (0.3, 1.0, 1.5)]
    assert speeds[0] < 0.8 * speeds[1] < speeds[2]
