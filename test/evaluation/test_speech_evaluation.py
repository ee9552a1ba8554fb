"""Recordings and sounds without speech are simulated, measured and held against targets."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from speech_gesture_ros.core.errors import InputError
from speech_gesture_ros.core.skeleton import load_skeleton
from speech_gesture_ros.datasets.speech_recordings import SpeechRecording
from speech_gesture_ros.evaluation.closed_loop import ClosedLoopResult
from speech_gesture_ros.evaluation.limit_violations import LimitViolations
from speech_gesture_ros.evaluation.speech_evaluation import MEAN_POSE, NO_SPEECH, ROBOT, TARGETS, evaluate_speech

SKELETON = load_skeleton()
RECORDINGS = [SpeechRecording(name, Path(f"{name}.opus"), name, "s", "CC0", "en", 20.0) for name in ("ada", "ben")]


def standing(samples, collisions=0, rejected=None):
    frames = len(samples) // 640
    return ClosedLoopResult(np.tile(SKELETON.rest_xyz, (frames, 1, 1)).astype(np.float32), np.zeros((frames, 2, 3)),
                            np.zeros((frames, 3)), np.zeros((2 * frames, 3)), 10, {}, rejected or {},
                            LimitViolations({"velocity": 0}, {"velocity": 0.5}), collisions, 0.05, True)


def noise(path: Path) -> np.ndarray:
    del path
    return np.random.default_rng(0).normal(size=16_000 * 20).astype(np.float32) * 0.01


def test_every_sound_is_simulated_and_faults_are_counted():
    seen = []

    def progress(jobs):
        seen.extend(jobs)
        return jobs

    faults = iter([{"collisions": 2}, {"rejected": {"too late": 3}}, {}])
    evaluation = evaluate_speech(lambda samples: standing(samples, **next(faults)), RECORDINGS, noise, SKELETON,
                                 without_speech={"silence": np.zeros(16_000 * 5)}, longest_s=10.0, progress=progress)
    assert len(seen) == 3
    rows = evaluation.rows()
    assert (rows[ROBOT]["self_collisions"], rows[ROBOT]["rejected_trajectories"]) == (2, 3)
    assert rows[ROBOT]["apex_share"] == rows[MEAN_POSE]["apex_share"] == 0.0
    assert rows[NO_SPEECH]["wrist_speed"] < 1e-6
    missed = [target.metric for target in TARGETS if not target.is_met(rows)]
    assert missed == ["human_gap", "apex_excess", "apex_excess", "self_collisions", "rejected_trajectories"]
    report = json.loads(json.dumps(evaluation.as_dict(), allow_nan=False))
    assert report["recordings"][1]["reasons"] == {"too late": 3}
    assert report["rows"]["human"]["apex_excess"] is None
    assert report["windows"] == 30


def test_a_robot_without_two_arms_has_faults_and_no_wrists():
    def armless(samples):
        result = standing(samples)
        return ClosedLoopResult(**{**vars(result), "robot_wrists": np.zeros((0, 2, 3))})

    rows = evaluate_speech(armless, RECORDINGS[:1], noise, SKELETON).rows()
    assert rows[ROBOT]["limit_violations"] == 0
    assert "apex_share" not in rows[ROBOT]


def test_motion_that_does_not_last_as_long_as_the_speech_is_refused():
    with pytest.raises(InputError, match="length of the motion"):
        evaluate_speech(lambda samples: standing(samples[:16_000 * 5]), RECORDINGS[:1], noise, SKELETON)
