"""URDF and one human pose to joint angles: python examples/2_urdf_to_joint_angles.py [my_robot.urdf].

Nothing is configured: joints, limits, rest pose and capsules are found in the URDF.
"""

import sys

import numpy as np

from speech_gesture_ros import PoseChunk, RetargetStage, RobotConfig, load_robot, load_skeleton


def main(urdf: str) -> None:
    """Print the joint angles with which a robot raises its right hand."""
    robot = load_robot(RobotConfig(robot=urdf))
    for note in robot.notes:
        print(f"note: {note}")

    # A pose is the position of each skeleton joint, x forward, y left, z up [m]; bones lead from parent to joint.
    skeleton = load_skeleton()
    bones = skeleton.offsets.copy()
    for joint, direction in (("right_elbow", (0.3, -0.4, -0.87)), ("right_wrist", (0.8, -0.2, 0.57)),
                             ("right_hand", (0.6, 0.0, 0.8))):
        i = skeleton.index[joint]
        bones[i] = skeleton.bone_lengths[i] * np.array(direction) / np.linalg.norm(direction)
    pose = skeleton.xyz_from_bones(bones)

    # Inverse kinematics makes one step for each frame, from the rest pose on: hold the pose for two seconds.
    stage = RetargetStage(robot, skeleton)
    q = stage.push(PoseChunk(0, np.tile(pose, (50, 1, 1)))).values[-1]
    print(f"{robot.name}: {len(q)} joints")
    for name, angle, rest in zip(robot.joint_names, q, robot.rest_q):
        print(f"  {name:<32} {np.degrees(angle):7.1f} deg   (at rest {np.degrees(rest):7.1f})")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "demo_humanoid")
