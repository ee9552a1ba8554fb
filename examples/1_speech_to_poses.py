"""Speech file to human poses and robot joints: python examples/1_speech_to_poses.py [speech.wav] [motion.npz].

The model and the robot are those of `PipelineConfig`; give another URDF with PipelineConfig(robot="my_robot.urdf").
"""

import sys

import numpy as np

from speech_gesture_ros import AudioChunk, GesturePipeline, PipelineConfig, load_mono_16k
from speech_gesture_ros.core.assets import share_folder
from speech_gesture_ros.core.rates import POSE_RATE, SAMPLE_RATE

CHUNK = SAMPLE_RATE // 20  # 50 ms; any chunking gives the same motion


def main(speech: str, out: str) -> None:
    """Write the poses (T, J, 3) [m] and the joint angles (T, N) [rad] of a speech file, at 25 Hz."""
    pipeline = GesturePipeline(PipelineConfig(seed=1))
    samples = load_mono_16k(speech)
    parts = [pipeline.push(AudioChunk(i, samples[i:i + CHUNK])) for i in range(0, len(samples), CHUNK)]
    parts.append(pipeline.flush())
    joint_xyz = np.concatenate([part.poses.values for part in parts])
    q = np.concatenate([part.joints.values for part in parts])
    np.savez(out, rate_hz=POSE_RATE, joint_xyz=joint_xyz, skeleton_joints=pipeline.skeleton.names, q=q,
             joint_names=pipeline.description.joint_names)

    hand = joint_xyz[:, pipeline.skeleton.index["right_hand"]]
    print(f"{len(q) / POSE_RATE:.1f} s of motion in {out}: {joint_xyz.shape[1]} skeleton joints, "
          f"{q.shape[1]} joints of {pipeline.description.name}")
    print(f"the right hand moves through {100 * np.ptp(hand[:, 2]):.0f} cm of height, "
          f"at up to {np.linalg.norm(np.diff(hand, axis=0), axis=1).max() * POSE_RATE:.1f} m/s")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else str(share_folder() / "config" / "demo" / "speech.flac"),
         sys.argv[2] if len(sys.argv) > 2 else "motion.npz")
