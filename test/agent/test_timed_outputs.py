"""Times of the output: every pose is stamped with its performance, in time with the robot."""

from __future__ import annotations

import numpy as np
import pytest

from speech_gesture_ros.agent.motion_state import MotionState
from speech_gesture_ros.core.rates import POSE_RATE, SAMPLE_RATE
from speech_gesture_ros.core.timebase import NS

MAX_LAG = 8  # frames


@pytest.mark.slow
def test_every_pose_is_stamped_with_the_clock_of_the_stream_and_the_latency(world, speech: np.ndarray) -> None:
    world.say(speech[: 4 * SAMPLE_RATE])
    clock, latency_ns = world.agent.audio.clock, int(world.agent.latency_s * NS)
    count = int((4.0 - world.agent.latency_s) * POSE_RATE)
    assert count <= len(world.poses) <= count + 2, "none is left out"
    assert [pose.stamp_ns for pose in world.poses] == [
        clock.to_ns(frame, POSE_RATE) + latency_ns for frame in range(len(world.poses))]


def test_poses_are_published_when_they_are_performed_while_the_robot_must_not_move(world, speech: np.ndarray) -> None:
    world.agent.inhibitors.set("test", "stopped")
    world.say(speech[: 2 * SAMPLE_RATE])
    assert world.agent.state is MotionState.INHIBITED
    stamps = [pose.stamp_ns for pose in world.poses]
    assert set(np.diff(stamps)) == {NS // POSE_RATE}
    assert 0 <= world.now - stamps[-1] < NS // POSE_RATE


@pytest.mark.slow
@pytest.mark.parametrize("side", ["left", "right"])
def test_the_wrists_of_robot_and_human_move_at_the_same_time(world, speech: np.ndarray, side: str) -> None:
    world.say(speech[SAMPLE_RATE // 2 : 12 * SAMPLE_RATE])
    entry_s = 2.5  # until the joints have reached the moving targets
    times_ns = world.robot.times_ns
    poses = [pose for pose in world.poses if pose.stamp_ns > times_ns[0] + entry_s * NS]
    stamps_ns = [pose.stamp_ns for pose in poses]
    q = np.array([np.interp(stamps_ns, times_ns, column) for column in np.array(world.robot.commanded).T]).T
    description, skeleton = world.agent.description, world.agent.pipeline.skeleton
    kinematics, wrist = description.model.kinematics(description.joint_names), []
    for row in q:
        kinematics.update(row)
        wrist.append(kinematics.origins(getattr(description.body, f"{side}_arm").wrist)[0])
    robot = speeds(np.array(wrist))
    human = speeds(np.array([pose.joint_xyz[skeleton.index[f"{side}_wrist"]] for pose in poses]))
    correlations = [np.corrcoef(human[MAX_LAG:-MAX_LAG], np.roll(robot, -lag)[MAX_LAG:-MAX_LAG])[0, 1]
                    for lag in range(-MAX_LAG, MAX_LAG + 1)]
    assert int(np.argmax(correlations)) - MAX_LAG == 0
    assert correlations[MAX_LAG] > 0.93, "the fastest strokes are slower than the human's, but in time"


def speeds(xyz: np.ndarray) -> np.ndarray:
    """(T,) speeds of a point with positions (T, 3), times the frame's length [m]."""
    return np.linalg.norm(np.gradient(xyz, axis=0), axis=1)
