"""Robot model: a parsed URDF and what is derived from it, each part once."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

from speech_gesture_ros.robot.joint_tree import JointTree
from speech_gesture_ros.robot.kinematic_model import KinematicModel
from speech_gesture_ros.robot.kinematics import Kinematics
from speech_gesture_ros.robot.mjcf import is_mjcf, mjcf_to_urdf
from speech_gesture_ros.robot.urdf import Urdf, load_urdf


class RobotModel:
    """A robot as its URDF gives it, shared by everything that computes with it.

    Attributes:
        urdf: The parsed URDF, with its text for libraries that read URDF themselves.
    """

    def __init__(self, urdf: Urdf) -> None:
        self.urdf = urdf
        self._kinematic_models: dict[tuple[str, ...], KinematicModel] = {}

    @cached_property
    def tree(self) -> JointTree:
        """The joints as a tree, all locked."""
        return JointTree(self.urdf)

    def kinematics(self, joint_names: Sequence[str]) -> Kinematics:
        """Return new kinematics, at zero, on the one model of these joints.

        Raises:
            RobotError: If the URDF does not have a joint.
            ValueError: If a joint comes before one that carries it.
            MissingDependencyError: If pinocchio is not installed.
        """
        names = tuple(joint_names)
        if names not in self._kinematic_models:
            self._kinematic_models[names] = KinematicModel(self.urdf, names)
        return Kinematics(self._kinematic_models[names])


def load_model(source: str | Path) -> RobotModel:
    """Read a robot.

    Args:
        source: URDF text (anything that starts with "<"), or the path of a URDF or MJCF file.

    Raises:
        RobotError: If it cannot be read, or is not one robot.
        MissingDependencyError: If it is MJCF and mujoco is not installed.
    """
    return RobotModel(load_urdf(mjcf_to_urdf(Path(source)) if is_mjcf(source) else source))
