"""Shipped command interfaces, with their options; docs/controllers.md states what each needs on the robot's side."""

from __future__ import annotations

from dataclasses import dataclass

from speech_gesture_ros.core.errors import ConfigError
from speech_gesture_ros.robot.command_interfaces.registry import CommandInterface, register_interface

TRAJECTORY_INTERFACE = "trajectory"
FOLLOW_INTERFACE = "follow_joint_trajectory"
FORWARD_INTERFACE = "forward_position"
JOINT_STATE_INTERFACE = "joint_state"

MAX_KP, MAX_KD = 1000.0, 100.0  # [N m/rad], [N m s/rad]
MIN_RAMP_S, MAX_RAMP_S = 0.5, 60.0
OUTPUT_PACKAGE = "speech_gesture_ros.nodes.outputs"


@dataclass(frozen=True)
class FollowOptions:
    """Options of `follow_joint_trajectory`.

    Attributes:
        stamped: True if goals carry the time of their first point, as joint_trajectory_controller takes them; False
            for servers that begin every goal when it arrives.
    """

    stamped: bool = True


@dataclass(frozen=True)
class MotorOptions:
    """Options that both low-level interfaces have.

    Attributes:
        kp: Stiffness of joints that state none [N m/rad].
        kd: Damping of joints that state none [N m s/rad].
        ramp_s: Time in which the weight of the commands rises from 0 to 1, and falls again [s].
        state_topic: Topic on which the robot publishes its motor states.
    """

    kp: float = 60.0
    kd: float = 1.5
    ramp_s: float = 4.0
    state_topic: str = ""

    def __post_init__(self) -> None:
        _check_gains(self.kp, self.kd)
        if not MIN_RAMP_S <= self.ramp_s <= MAX_RAMP_S:
            raise ConfigError("commands: ramp_s", self.ramp_s, f"{MIN_RAMP_S:g} to {MAX_RAMP_S:g}",
                              "Correct the profile.")


@dataclass(frozen=True)
class UnitreeOptions(MotorOptions):
    """Options of `unitree_arm_sdk`.

    Attributes:
        weight_index: Motor whose position field carries the weight: the first that the robot does not have.
    """

    weight_index: int = 29
    state_topic: str = "lowstate"


@dataclass(frozen=True)
class BoosterOptions(MotorOptions):
    """Options of `booster_low_cmd`.

    Attributes:
        motors: Number of motors in a command; 0 for as many as the robot states.
    """

    motors: int = 0
    state_topic: str = "low_state"


@dataclass(frozen=True)
class MotorJoint:
    """Options of one joint of a low-level interface.

    Attributes:
        index: Number of its motor; -1 if none is given.
        kp: Stiffness [N m/rad]; None for that of `MotorOptions`.
        kd: Damping [N m s/rad]; None for that of `MotorOptions`.
    """

    index: int = -1
    kp: float | None = None
    kd: float | None = None

    def __post_init__(self) -> None:
        _check_gains(self.kp, self.kd)


def _check_gains(kp: float | None, kd: float | None) -> None:
    for name, value, highest in (("kp", kp, MAX_KP), ("kd", kd, MAX_KD)):
        if value is not None and not 0.0 <= value <= highest:
            raise ConfigError(f"commands: {name}", value, f"0 to {highest:g}", "Correct the profile.")


SHIPPED_INTERFACES = tuple(register_interface(interface) for interface in (
    CommandInterface(TRAJECTORY_INTERFACE, "{group}_controller/joint_trajectory",
                     f"{OUTPUT_PACKAGE}.trajectory_output:TrajectoryOutput", is_controller=True, takes_goals=True),
    CommandInterface(FOLLOW_INTERFACE, "{group}_controller/follow_joint_trajectory",
                     f"{OUTPUT_PACKAGE}.follow_output:FollowOutput", options=FollowOptions, is_controller=True,
                     takes_goals=True),
    CommandInterface(FORWARD_INTERFACE, "{group}_controller/commands",
                     f"{OUTPUT_PACKAGE}.forward_position:forward_position_output", is_controller=True),
    CommandInterface(JOINT_STATE_INTERFACE, "joint_states", f"{OUTPUT_PACKAGE}.joint_state:joint_state_output",
                     is_whole_robot=True),
    CommandInterface("joint_angles", "joint_angles", f"{OUTPUT_PACKAGE}.joint_angles:joint_angles_output"),
    CommandInterface("position_direct", "{group}/position_direct",
                     f"{OUTPUT_PACKAGE}.position_direct:position_direct_output"),
    CommandInterface("unitree_arm_sdk", "arm_sdk", f"{OUTPUT_PACKAGE}.unitree_arm_sdk:unitree_output",
                     options=UnitreeOptions, joint_options=MotorJoint, is_whole_robot=True, is_low_level=True),
    CommandInterface("booster_low_cmd", "joint_ctrl", f"{OUTPUT_PACKAGE}.booster_low_cmd:booster_output",
                     options=BoosterOptions, joint_options=MotorJoint, is_whole_robot=True, is_low_level=True),
))
