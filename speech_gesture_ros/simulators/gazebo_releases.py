"""Gazebo releases: the names of plugins, messages and ROS packages that differ between them, and the world."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass

from speech_gesture_ros.core.errors import ConfigError

AUTO_RELEASE = "auto"  # the release of the ROS distribution in the environment


@dataclass(frozen=True)
class GazeboRelease:
    """Names of one release.

    Attributes:
        name: Release, such as "harmonic".
        distributions: ROS 2 distributions that it belongs to (REP-2000).
        control_package: ROS package that connects it to ros2_control.
        hardware: ros2_control hardware plugin.
        control_library, control_class: Gazebo system plugin that runs the controller manager.
        system_library, system_class: Patterns of Gazebo's own system plugins.
        clock_message: Gazebo's message type of /clock.
    """

    name: str
    distributions: tuple[str, ...]
    control_package: str = "gz_ros2_control"
    hardware: str = "gz_ros2_control/GazeboSimSystem"
    control_library: str = "gz_ros2_control-system"
    control_class: str = "gz_ros2_control::GazeboSimROS2ControlPlugin"
    system_library: str = "gz-sim-{}-system"
    system_class: str = "gz::sim::systems::{}"
    clock_message: str = "gz.msgs.Clock"

    @property
    def mimic_is_parameter(self) -> bool:
        """True if ros2_control takes mimic joints from parameters of its own, not from the URDF."""
        return self.name == "fortress"


GAZEBO_RELEASES = {release.name: release for release in (
    GazeboRelease("fortress", ("humble",), "ign_ros2_control", "ign_ros2_control/IgnitionSystem",
                  "ign_ros2_control-system", "ign_ros2_control::IgnitionROS2ControlPlugin",
                  "ignition-gazebo-{}-system", "ignition::gazebo::systems::{}", "ignition.msgs.Clock"),
    GazeboRelease("harmonic", ("jazzy",)),
    GazeboRelease("ionic", ("kilted",)),
    GazeboRelease("jetty", ("lyrical", "rolling")),
)}
DEFAULT_RELEASE = "harmonic"  # its names hold for all later releases


def gazebo_release(name: str, has_package: Callable[[str], bool] | None = None) -> GazeboRelease:
    """Return a release by name; "auto" takes that of ROS_DISTRO, or of the installed ros2_control package.

    Args:
        name: A release, or "auto".
        has_package: Returns whether a ROS package is installed; None: only ROS_DISTRO counts.

    Raises:
        ConfigError: If there is no such release.
    """
    if name != AUTO_RELEASE:
        if name not in GAZEBO_RELEASES:
            raise ConfigError("Gazebo release", name, f"one of {', '.join((AUTO_RELEASE, *GAZEBO_RELEASES))}",
                              "Choose the one that is installed.")
        return GAZEBO_RELEASES[name]
    distribution = os.environ.get("ROS_DISTRO", "")
    found = next((r for r in GAZEBO_RELEASES.values() if distribution in r.distributions),
                 GAZEBO_RELEASES[DEFAULT_RELEASE])
    if has_package is None or has_package(found.control_package):
        return found
    # Humble with Harmonic, or another combination that is not the distribution's own.
    return next((r for r in GAZEBO_RELEASES.values() if has_package(r.control_package)), found)


def gazebo_world(release: GazeboRelease, name: str = "speech_gesture") -> str:
    """Return an SDF world: physics at 1 kHz in real time, ground that is seen but not touched, sun."""
    plugins = [(release.system_library.format(library), release.system_class.format(kind))
               for library, kind in (("physics", "Physics"), ("user-commands", "UserCommands"),
                                     ("scene-broadcaster", "SceneBroadcaster"))]
    systems = "".join(f'    <plugin filename="{library}" name="{kind}"/>\n' for library, kind in plugins)
    return f"""<?xml version="1.0"?>
<sdf version="1.9">
  <world name="{name}">
    <physics name="1kHz" type="ignored">
      <max_step_size>0.001</max_step_size>
      <real_time_factor>1.0</real_time_factor>
    </physics>
{systems}    <light type="directional" name="sun">
      <cast_shadows>true</cast_shadows>
      <pose>0 0 10 0 0 0</pose>
      <diffuse>0.8 0.8 0.8 1</diffuse>
      <specular>0.2 0.2 0.2 1</specular>
      <direction>-0.5 0.1 -0.9</direction>
    </light>
    <model name="ground">
      <static>true</static>
      <link name="link">
        <visual name="visual">
          <geometry><plane><normal>0 0 1</normal><size>20 20</size></plane></geometry>
          <material><ambient>0.8 0.8 0.8 1</ambient><diffuse>0.8 0.8 0.8 1</diffuse></material>
        </visual>
      </link>
    </model>
  </world>
</sdf>
"""
