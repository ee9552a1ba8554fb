"""Human motions performed by a robot: no faults, and the loss on the way is measured."""

import dataclasses

import numpy as np
import pytest

pytest.importorskip("pinocchio", reason="needs pip install '.[agent]'")

from speech_gesture_ros.core.assets import resolve
from speech_gesture_ros.core.skeleton import load_skeleton
from speech_gesture_ros.evaluation.metrics.registry import measure_robot
from speech_gesture_ros.evaluation.metrics.robot_metrics import FAULTS
from speech_gesture_ros.evaluation.robot_run import RobotRunner, combine, reduced
from speech_gesture_ros.retargeting import describe_robot

SKELETON = load_skeleton()


@pytest.fixture(scope="module")
def robot():
    return describe_robot(resolve("demo_humanoid.urdf", "config/robots"), "demo_humanoid")


def raising(frames: int = 100, turn: float = 1.2) -> np.ndarray:
    """(T, J, 3) both arms swing forward from the shoulder and back, twice in four seconds."""
    angle = 0.5 * turn * (1 - np.cos(2 * np.pi * np.arange(frames) / 50))
    c, s = np.cos(angle), np.sin(angle)
    bones = np.broadcast_to(SKELETON.offsets, (frames, *SKELETON.offsets.shape)).copy()
    for side in ("left", "right"):
        for part in ("elbow", "wrist", "hand", "thumb"):
            x, _, z = SKELETON.offsets[SKELETON.index[f"{side}_{part}"]]
            bones[:, SKELETON.index[f"{side}_{part}"], 0] = c * x - s * z
            bones[:, SKELETON.index[f"{side}_{part}"], 2] = s * x + c * z
    return SKELETON.xyz_from_bones(bones)


def measured(robot, motion: np.ndarray) -> dict[str, float]:
    return measure_robot(combine([RobotRunner(robot, SKELETON).run(motion)]))


def test_a_slow_motion_is_performed_completely_and_without_faults(robot) -> None:
    values = measured(robot, raising())
    assert {name: values[name] for name in (metric.name for metric in FAULTS)} == dict.fromkeys(
        (metric.name for metric in FAULTS), 0.0)
    assert values["direction_error"] < 3.0
    assert values["amplitude_kept"] == pytest.approx(1.0, abs=0.2)


def test_a_slow_robot_keeps_less_and_has_larger_direction_errors(robot) -> None:
    limits = dataclasses.replace(robot.limits, velocity=np.full(len(robot.joint_names), 0.3))
    values = measured(dataclasses.replace(robot, limits=limits), raising())
    assert values["limit_violations"] == 0.0
    assert values["direction_error_p95"] > 15.0
    assert values["amplitude_kept"] < 0.7


def test_several_runs_count_together(robot) -> None:
    runner = RobotRunner(robot, SKELETON)
    runs = [runner.run(raising()), runner.run(raising(50))]
    assert combine(runs).likeness.seconds == pytest.approx(sum(combine([run]).likeness.seconds for run in runs))
    assert len(combine(runs).results) == 2


def test_a_reduced_motion_has_a_smaller_stroke() -> None:
    motion = raising()
    wrist = SKELETON.index["left_wrist"]
    half = reduced(SKELETON, motion, 0.5)
    assert np.ptp(half[:, wrist], axis=0).max() < 0.7 * np.ptp(motion[:, wrist], axis=0).max()
    np.testing.assert_allclose(np.linalg.norm(SKELETON.bones_from_xyz(half)[:, wrist], axis=-1),
                               SKELETON.bone_lengths[wrist], atol=1e-6)
