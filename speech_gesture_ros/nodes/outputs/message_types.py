"""Message types of optional packages: imported when a robot needs them; if missing, the error names the source."""

from __future__ import annotations

import importlib
from typing import Any

from speech_gesture_ros.core.errors import MissingDependencyError

INSTALL_HINTS = {
    "controller_manager_msgs": "On a ROS 2 installation: apt-get install ros-$ROS_DISTRO-controller-manager-msgs",
    "control_msgs": "On a ROS 2 installation: apt-get install ros-$ROS_DISTRO-control-msgs",
    "hri_msgs": "On a ROS 2 installation: apt-get install ros-$ROS_DISTRO-hri-msgs",
    "naoqi_bridge_msgs": "On a ROS 2 installation: apt-get install ros-$ROS_DISTRO-naoqi-bridge-msgs",
    "yarp_control_msgs": "Build it in your workspace: github.com/robotology/yarp-devices-ros2",
    "unitree_hg": "Build it in your workspace: github.com/unitreerobotics/unitree_ros2",
    "booster_interface": "Build it in your workspace: github.com/BoosterRobotics/booster_robotics_sdk_ros2",
}


def message_type(name: str) -> Any:
    """Return the class of a message, service or action, named package/kind/Name.

    Raises:
        MissingDependencyError: If its package is not installed.
    """
    package, kind, type_name = name.split("/")
    try:
        return getattr(importlib.import_module(f"{package}.{kind}"), type_name)
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] != package:
            raise  # the package is installed, but one of its own dependencies is not
        raise MissingDependencyError(package, f"The command interface with {name}", INSTALL_HINTS.get(
            package, "Install it, or build it in your workspace.")) from None
