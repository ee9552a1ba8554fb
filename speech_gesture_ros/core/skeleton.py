"""Human skeleton: joint names, parents, rest offsets, and the mirrored motion."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.assets import resolve
from speech_gesture_ros.core.errors import ConfigError
from speech_gesture_ros.core.yaml_config import from_mapping, load_yaml


@dataclass(frozen=True)
class SkeletonJoint:
    """Skeleton joint: its name, its parent's name (None for the root) and its rest offset from the parent [m]."""

    name: str
    parent: str | None
    offset: tuple[float, float, float]


@dataclass(frozen=True)
class Skeleton:
    """Skeleton joints, parents first. Frame: x forward, y left, z up, origin at the root.

    Raises:
        ConfigError: If a name is repeated, a parent is not an earlier joint, or a bone has no length.
    """

    name: str
    joints: tuple[SkeletonJoint, ...]

    def __post_init__(self) -> None:
        seen: set[str] = set()
        for i, joint in enumerate(self.joints):
            where = f"skeleton {self.name!r}: parent of {joint.name!r}"
            if joint.name in seen:
                raise ConfigError(f"skeleton {self.name!r}: joint", joint.name, "unique", "Rename one of them.")
            if (joint.parent is None) != (i == 0) or (i > 0 and joint.parent not in seen):
                raise ConfigError(where, joint.parent, f"an earlier joint of {sorted(seen)}", "Put parents first.")
            if i > 0 and not np.linalg.norm(joint.offset) > 1e-6:
                raise ConfigError(f"skeleton {self.name!r}: offset of {joint.name!r}", joint.offset, "not zero",
                                  "Give the bone a length.")
            seen.add(joint.name)

    def __len__(self) -> int:
        return len(self.joints)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Joint names in order."""
        return tuple(j.name for j in self.joints)

    @cached_property
    def index(self) -> dict[str, int]:
        """Index of each joint by name."""
        return {name: i for i, name in enumerate(self.names)}

    @cached_property
    def parents(self) -> npt.NDArray[np.int64]:
        """(J,) index of each joint's parent; -1 for the root."""
        return np.array([-1 if j.parent is None else self.index[j.parent] for j in self.joints], dtype=np.int64)

    @cached_property
    def offsets(self) -> npt.NDArray[np.float64]:
        """(J, 3) rest offsets from the parent [m]."""
        return np.array([j.offset for j in self.joints], dtype=np.float64)

    @cached_property
    def bone_lengths(self) -> npt.NDArray[np.float64]:
        """(J,) distance to the parent [m]; 0 for the root."""
        return np.asarray(np.linalg.norm(self.offsets, axis=1))

    @cached_property
    def rest_xyz(self) -> npt.NDArray[np.float64]:
        """(J, 3) joint positions in the rest pose [m]."""
        return self.xyz_from_bones(self.offsets)

    @cached_property
    def _bone_sums(self) -> npt.NDArray[np.float64]:
        """(J, J) 1 where bone j is on the path from the root to joint i: bones to positions."""
        sums = np.eye(len(self))
        for i, parent in enumerate(self.parents[1:], start=1):
            sums[i] += sums[parent]
        return sums

    @cached_property
    def _bone_differences(self) -> npt.NDArray[np.float64]:
        """(J, J) 1 for the joint, -1 for its parent: positions to bones."""
        differences = np.eye(len(self))
        differences[np.arange(1, len(self)), self.parents[1:]] = -1.0
        return differences

    def xyz_from_bones(self, bones: npt.NDArray[np.floating]) -> npt.NDArray[np.float64]:
        """Return joint positions from bone vectors.

        Args:
            bones: (..., J, 3) vectors from parent to joint [m]; for the root, its position.

        Returns:
            (..., J, 3) joint positions [m]. NaN in one bone makes its whole frame NaN, and no other frame.
        """
        return np.asarray(self._bone_sums @ np.asarray(bones, dtype=np.float64))

    def bones_from_xyz(self, joint_xyz: npt.NDArray[np.floating]) -> npt.NDArray[np.float64]:
        """Return bone vectors (..., J, 3) [m] from joint positions (..., J, 3) [m]; the inverse of `xyz_from_bones`."""
        return np.asarray(self._bone_differences @ np.asarray(joint_xyz, dtype=np.float64))

    @cached_property
    def mirror_index(self) -> npt.NDArray[np.int64]:
        """(J,) index of each joint's left-right counterpart; joints on the midline: themselves."""
        swap = {"left_": "right_", "right_": "left_"}
        names = [next((n.replace(a, b, 1) for a, b in swap.items() if n.startswith(a)), n) for n in self.names]
        return np.array([self.index[n] for n in names], dtype=np.int64)

    def mirror(self, joint_xyz: npt.NDArray[np.floating]) -> npt.NDArray[np.float64]:
        """Return the mirrored motion (..., J, 3) [m]: left and right swapped, y negated."""
        mirrored: npt.NDArray[np.float64] = np.asarray(joint_xyz)[..., self.mirror_index, :] * (1.0, -1.0, 1.0)
        return mirrored


def load_skeleton(reference: str | Path = "upper_body") -> Skeleton:
    """Return a skeleton read by name (config/skeletons) or path.

    Raises:
        ConfigError: If the file is missing or its content is not a valid skeleton.
    """
    path = resolve(reference, "config/skeletons")
    return from_mapping(Skeleton, load_yaml(path), str(path))
