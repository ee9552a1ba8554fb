from __future__ import annotations

import itertools

import numpy as np
import pytest

from speech_gesture_ros.core.chunks import PoseChunk, concatenate
from speech_gesture_ros.core.rates import POSE_RATE
from speech_gesture_ros.retargeting import RetargetStage
from speech_gesture_ros.retargeting.ik import HARD_MARGIN_M, DifferentialIk
from speech_gesture_ros.retargeting.targets import HumanDirections
from speech_gesture_ros.robot.collision import CapsulePairs


def follow(description, skeleton, xyz: np.ndarray) -> np.ndarray:
    return RetargetStage(description, skeleton).push(PoseChunk(0, xyz)).values


def smallest_clearance(description, q: np.ndarray) -> float:
    kinematics = description.kinematics()
    pairs = CapsulePairs(kinematics, description.capsules, description.collision_pairs)
    clearances = []
    for row in q:
        kinematics.update(row)
        clearances.append(pairs.smallest_clearance())
    return min(clearances)


def direction_errors_deg(description, skeleton, xyz: np.ndarray) -> dict[str, np.ndarray]:
    """Angle between each direction of the human and of the robot, frame by frame."""
    ik, human = DifferentialIk(description), HumanDirections(skeleton)
    errors = []
    for frame in xyz:
        directions = human.read(frame)
        ik.step(directions)
        robot, wanted = ik.robot_directions.directions()[0], ik.robot_directions.targets(directions)
        errors.append(np.degrees(np.arccos(np.clip((robot * wanted).sum(axis=1), -1, 1))))
    return dict(zip(ik.robot_directions.names, np.array(errors).T))


def test_every_bone_of_the_robot_points_as_the_human_one(demo, skeleton, talking) -> None:
    errors = direction_errors_deg(demo, skeleton, talking(seed=0, frames=300))
    assert len(errors) == 12
    for name, error in errors.items():
        assert np.median(error[10:]) < 2.0, name


def test_the_robot_does_not_lag_behind(demo, skeleton, talking) -> None:
    """Its forearm is nearer to the human's present direction than to that of the frame before."""
    xyz = talking(seed=1, frames=200)
    now = direction_errors_deg(demo, skeleton, xyz)["left_forearm"][10:]
    human = HumanDirections(skeleton)
    directions = np.array([human.read(f)[5] for f in xyz])
    moved = np.degrees(np.arccos(np.clip((directions[1:] * directions[:-1]).sum(axis=1), -1, 1)))[9:]
    assert np.median(now) < 0.2 * np.median(moved)


@pytest.mark.parametrize("seed", range(3))
def test_for_any_human_motion_limits_hold_and_the_robot_does_not_touch_itself(demo, skeleton, wild, seed) -> None:
    q = follow(demo, skeleton, wild(seed=seed, frames=200))
    assert np.all(q >= demo.limits.lower)
    assert np.all(q <= demo.limits.upper)
    speed = np.abs(np.diff(np.vstack([demo.rest_q, q]), axis=0)) * POSE_RATE
    assert np.all(speed <= demo.limits.velocity)
    assert smallest_clearance(demo, q) >= HARD_MARGIN_M - 1e-9


def test_a_still_human_is_reached_without_drift(demo, skeleton, talking) -> None:
    held = np.concatenate([talking(seed=3, frames=40), np.repeat(talking(seed=3, frames=40)[-1:], 40, axis=0)])
    still = follow(demo, skeleton, held)
    assert np.abs(np.diff(still[60:], axis=0)).max() < 1e-3


def test_wild_motion_collides_without_avoidance(demo, skeleton, wild, monkeypatch) -> None:
    """The test above can fail."""
    monkeypatch.setattr("speech_gesture_ros.retargeting.ik.NEAR_M", -1e3)
    monkeypatch.setattr("speech_gesture_ros.retargeting.ik.HARD_MARGIN_M", -1e3)
    assert smallest_clearance(demo, follow(demo, skeleton, wild(seed=0, frames=200))) < -0.02


def test_the_mirror_image_of_a_human_makes_the_robot_its_mirror_image(demo, skeleton, talking) -> None:
    xyz = talking(seed=2, frames=150)
    q, mirrored = follow(demo, skeleton, xyz), follow(demo, skeleton, skeleton.mirror(xyz))
    swap = {"left_": "right_", "right_": "left_"}
    names = [next((n.replace(a, b, 1) for a, b in swap.items() if n.startswith(a)), n) for n in demo.joint_names]
    sign = np.array([1.0 if n.endswith(("pitch", "elbow")) else -1.0 for n in names])
    np.testing.assert_allclose(mirrored, (q * sign)[:, demo.indices(tuple(names))], atol=1e-9)


def test_a_pose_that_is_held_is_reached_and_held_without_chatter(demo, skeleton, talking) -> None:
    xyz = np.repeat(talking(seed=3, frames=40)[-1:], 100, axis=0)
    q = follow(demo, skeleton, xyz)
    assert np.abs(np.diff(q[60:], axis=0)).max() < 1e-4


def test_noise_of_a_millimetre_does_not_shake_the_robot(demo, skeleton, talking, rng) -> None:
    still = np.repeat(talking(seed=4, frames=30)[-1:], 150, axis=0)
    q = follow(demo, skeleton, still + 0.001 * rng.normal(size=still.shape))
    assert np.std(q[60:], axis=0).max() < 0.03


def test_any_chunking_is_bit_identical(demo, skeleton, talking) -> None:
    xyz = talking(seed=5, frames=60).astype(np.float32)
    whole = follow(demo, skeleton, xyz)
    stage, parts = RetargetStage(demo, skeleton), []
    bounds = [0, 0, 1, 2, 17, 17, 40, 60]
    for a, b in itertools.pairwise(bounds):
        parts.append(stage.push(PoseChunk(a, xyz[a:b])))
    joined = concatenate([*parts, stage.flush()])
    assert joined.start_index == 0
    np.testing.assert_array_equal(joined.values, whole)


def test_reset_goes_back_to_the_rest_pose(demo, skeleton, talking) -> None:
    xyz = talking(seed=6, frames=40)
    stage = RetargetStage(demo, skeleton)
    first = stage.push(PoseChunk(0, xyz))
    stage.reset()
    np.testing.assert_array_equal(stage.push(PoseChunk(0, xyz)).values, first.values)


def test_unusable_frames_hold_the_robot_and_are_counted(demo, skeleton, talking) -> None:
    xyz = talking(seed=7, frames=30)
    xyz[10:15] = np.nan
    stage = RetargetStage(demo, skeleton)
    q = stage.push(PoseChunk(0, xyz)).values
    np.testing.assert_array_equal(q[10:15], np.repeat(q[9:10], 5, axis=0))
    assert stage.report.unusable_frames == 5
    assert np.all(np.isfinite(q))


def test_before_the_first_usable_frame_the_robot_is_at_rest(demo, skeleton) -> None:
    stage = RetargetStage(demo, skeleton)
    q = stage.push(PoseChunk(0, np.full((3, len(skeleton), 3), np.nan))).values
    np.testing.assert_array_equal(q, np.repeat(demo.rest_q[None], 3, axis=0))


def test_a_step_without_a_solution_holds_the_robot_and_is_counted(demo, skeleton, talking, monkeypatch) -> None:
    stage = RetargetStage(demo, skeleton)
    before = stage.push(PoseChunk(0, talking(frames=10))).values[-1]
    monkeypatch.setattr("speech_gesture_ros.retargeting.ik.daqp.solve", lambda *a, **k: (None, 0.0, -1, {}))
    after = stage.push(PoseChunk(10, talking(frames=11)[10:])).values[-1]
    np.testing.assert_array_equal(after, before)
    assert stage.report.failed_steps == 1
