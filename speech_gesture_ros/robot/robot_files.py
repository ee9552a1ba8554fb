"""Files that a robot has besides its URDF: joint limits, and an SRDF with pairs of links that may touch.

    joint limits   given by parameter, else by the profile's `joint_limits_file`; the profile's own have priority
    SRDF           given by parameter, else by the profile's `srdf`, else robot.srdf beside robot.urdf

A note names each file used.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from speech_gesture_ros.core.errors import ConfigError
from speech_gesture_ros.robot.limits import Sources
from speech_gesture_ros.robot.profile import Profile
from speech_gesture_ros.robot.robot_xml import is_xml_text
from speech_gesture_ros.robot.srdf import AllowedContacts, load_srdf
from speech_gesture_ros.robot.stated_limits import load_joint_limits, read_joint_limits
from speech_gesture_ros.robot.urdf import Urdf


@dataclass(frozen=True)
class RobotFiles:
    """Contents of the files.

    Attributes:
        limits: Joint limits, the source with the highest priority first.
        contacts: Links that may touch.
    """

    limits: Sources
    contacts: AllowedContacts


def read_robot_files(robot: Urdf, profile: Profile, joint_limits: str | Path | None,
                     srdf: str | Path | None, notes: list[str]) -> RobotFiles:
    """Read the files of a robot.

    Args:
        robot: The robot.
        profile: Its profile.
        joint_limits: File given by the user; None: the profile's, if any.
        srdf: File or text given by the user; None: the profile's, if any, or one beside the URDF.
        notes: Gets a line for each file used.

    Raises:
        ConfigError: If a file of limits cannot be read, or has no joint of this robot.
        RobotError: If the SRDF cannot be read.
    """
    sources = [read_joint_limits(profile.joint_limits, f"the profile of {profile.name}", is_strict=True)]
    reference = joint_limits or profile.joint_limits_file
    if reference:
        path = Path(reference).expanduser()
        sources.append(load_joint_limits(path))
        known = {joint.name for joint in robot.joints} & set(sources[-1])
        if not known:
            raise ConfigError(f"joints in {path}", sorted(sources[-1])[:8], f"joints of {robot.name}",
                              "Give the file of this robot.")
        notes.append(f"limits of {len(known)} joints read from {path.name}")
    beside = _beside(robot.file)
    contacts = AllowedContacts()
    if srdf or profile.srdf or beside:
        used = srdf or profile.srdf or beside or ""
        contacts = load_srdf(used)
        named = {link for pair in contacts.pairs for link in pair}
        name = "the given SRDF" if is_xml_text(used) else Path(used).name
        notes.append(f"{len(contacts.pairs)} pairs of links may touch according to {name}")
        unknown = named - set(robot.links)
        if unknown:
            notes.append(f"{len(unknown)} links in {name} are not in the URDF: {', '.join(sorted(unknown)[:4])}")
    return RobotFiles(tuple(sources), contacts)


def _beside(urdf: Path | None) -> Path | None:
    """Return robot.srdf beside robot.urdf, if there is one."""
    path = None if urdf is None else urdf.expanduser().with_suffix(".srdf")
    return path if path is not None and path.is_file() else None
