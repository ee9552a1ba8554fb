"""Robot model: a parsed URDF and what is derived from it, each part once."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import cached_property
from pathlib import Path

from speech_gesture_ros.robot.joint_tree import JointTree
from speech_gesture_ros.robot.kinematic_model import KinematicModel
from speech_gesture_ros.robot.kinematics import Kinematics
from speech_gesture_ros.robot.link_surfaces import LinkSurfaces, read_surfaces
from speech_gesture_ros.robot.mjcf import is_mjcf, mjcf_to_urdf
from speech_gesture_ros.robot.package_files import folders_above, search_folders
from speech_gesture_ros.robot.plausible_size import in_metres
from speech_gesture_ros.robot.urdf import Urdf, load_urdf


class RobotModel:
    """A robot as its URDF gives it, shared by everything that computes with it.

    Attributes:
        urdf: The parsed URDF, with its text for libraries that read URDF themselves.
        warnings: One line each about its size, if that cannot be the size of a robot in metres.
    """

    def __init__(self, urdf: Urdf, warnings: tuple[str, ...] = ()) -> None:
        self.urdf, self.warnings = urdf, warnings
        self._kinematic_models: dict[tuple[str, ...], KinematicModel] = {}

    @cached_property
    def tree(self) -> JointTree:
        """The joints as a tree, all locked."""
        return JointTree(self.urdf)

    def collision_surfaces(self) -> LinkSurfaces:
        """Read the collision shapes of all links."""
        return read_surfaces(self.tree, self.urdf.shapes, self.urdf.meshes, self._folders())

    def visual_surfaces(self, links: Collection[str]) -> LinkSurfaces:
        """Read the visuals of some links."""
        return read_surfaces(self.tree, [s for s in self.urdf.visual_shapes if s.link in links],
                             [m for m in self.urdf.visual_meshes if m.link in links], self._folders())

    def _folders(self) -> list[Path]:
        return search_folders(folders_above(self.urdf.file or ""))

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
    model = RobotModel(load_urdf(mjcf_to_urdf(Path(source)) if is_mjcf(source) else source))
    urdf, warnings = in_metres(model.tree)
    return RobotModel(urdf, warnings) if warnings else model
