#!/bin/bash
# Runs a command with ROS 2 and, once it is built, the workspace.
set -e
# shellcheck disable=SC1090,SC1091
source "/opt/ros/$ROS_DISTRO/setup.bash"
if [ -f /ros2_ws/install/setup.bash ]; then
  # shellcheck disable=SC1091
  source /ros2_ws/install/setup.bash
fi
exec "$@"
