"""Retargeting of human poses to any robot: describe the robot once, then follow frame by frame."""

from speech_gesture_ros.retargeting.describe import describe_robot
from speech_gesture_ros.retargeting.fingers import FingerStage
from speech_gesture_ros.retargeting.load_robot import RobotConfig, load_robot
from speech_gesture_ros.retargeting.stage import RetargetReport, RetargetStage
from speech_gesture_ros.robot.profile import Profile, find_profile, load_profile

__all__ = [
    "FingerStage",
    "Profile",
    "RetargetReport",
    "RetargetStage",
    "RobotConfig",
    "describe_robot",
    "find_profile",
    "load_profile",
    "load_robot",
]
