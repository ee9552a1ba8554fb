"""Control: robot configurations to windows that keep all limits, avoid self-collision and end at rest."""

from speech_gesture_ros.control.gate import validate_window
from speech_gesture_ros.control.plan import Plan
from speech_gesture_ros.control.planner import MotionPlanner
from speech_gesture_ros.control.safety_report import SafetyReport
from speech_gesture_ros.control.self_collision import SelfCollisionChecker

__all__ = ["MotionPlanner", "Plan", "SafetyReport", "SelfCollisionChecker", "validate_window"]
