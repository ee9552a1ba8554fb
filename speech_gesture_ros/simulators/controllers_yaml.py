"""Controllers of a robot for ros2_control: one joint_trajectory_controller for each group (docs/controllers.md)."""

from __future__ import annotations

from speech_gesture_ros.robot.description import RobotDescription

BROADCASTER = "joint_state_broadcaster"
TRAJECTORY_TOPIC = "/joint_trajectory"
STATE_RATE_HZ = 100  # of joint_states


def controller_names(description: RobotDescription) -> dict[str, str]:
    """Return group to the name of its controller: that in the profile, or the default where it is not one name.

    Args:
        description: The robot, with the command interface `trajectory`.
    """
    names = {}
    for group, topic in description.topics.items():
        if not topic:
            continue
        name = topic.strip("/").removesuffix(TRAJECTORY_TOPIC)
        names[group] = name if name and not set(name) & set("/~") else f"{group}_controller"
    return names


def controllers_yaml(description: RobotDescription, rate_hz: int, *, use_sim_time: bool, namespace: str = "") -> str:
    """Return the parameters of the controller manager and its controllers.

    Args:
        description: The robot, with the command interface `trajectory`.
        rate_hz: Update rate of the controller manager [Hz].
        use_sim_time: True in a simulation with a topic /clock. The controller manager needs it in its own section:
            otherwise controllers compare stamps in simulated time with wall time.
        namespace: Namespace of the controller manager; "" for none.
    """
    prefix = f"/{namespace.strip('/')}/" if namespace.strip("/") else ""
    sim_time = "true" if use_sim_time else "false"
    names = controller_names(description)
    lines = [
        f"# Controllers of {description.name}, written by `speech-gesture robot ros2_control`.",
        f"{prefix}controller_manager:", "  ros__parameters:", f"    update_rate: {rate_hz}  # [Hz]",
        f"    use_sim_time: {sim_time}",
        f"    {BROADCASTER}:", "      type: joint_state_broadcaster/JointStateBroadcaster"]
    for name in names.values():
        lines += [f"    {name}:", "      type: joint_trajectory_controller/JointTrajectoryController"]
    lines += ["", f"{prefix}{BROADCASTER}:", "  ros__parameters:",
              f"    update_rate: {min(STATE_RATE_HZ, rate_hz)}  # [Hz]", f"    use_sim_time: {sim_time}"]
    for group, name in names.items():
        joints = description.commands.controller_joints(group, description.groups[group])
        lines += ["", f"{prefix}{name}:", "  ros__parameters:", "    joints:",
                  *(f"      - {joint}" for joint in joints), "    command_interfaces: [position]",
                  "    state_interfaces: [position, velocity]",
                  "    allow_partial_joints_goal: false",
                  "    allow_nonzero_velocity_at_trajectory_end: false  # windows end at rest",
                  "    allow_trajectory_replacement: false  # only after ros2_controllers 6.9.0",
                  "    constraints: {goal_time: 0.0}",
                  f"    use_sim_time: {sim_time}"]
    return "\n".join(lines) + "\n"
