"""In which form a robot takes its commands: what a profile may say about it.

    commands:                      # every key is optional
      interface: forward_position  # how all groups are told; one of INTERFACES
      groups: {torso: trajectory}  # groups that are told otherwise; none: not at all
      order: {left_arm: [...]}     # exactly the joints of a controller, in its order, ours or not
      joints: {l_elbow: {index: 18}}

docs/controllers.md says what each interface needs on the robot's side.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from speech_gesture_ros.core.errors import ConfigError

TRAJECTORY = "trajectory"
FOLLOW = "follow_joint_trajectory"
FORWARD = "forward_position"
JOINT_STATE = "joint_state"
JOINT_ANGLES = "joint_angles"
POSITION_DIRECT = "position_direct"
UNITREE = "unitree_arm_sdk"
BOOSTER = "booster_low_cmd"
NONE = "none"

# Interface to the topic, or action, of a group that the profile gives none for.
TOPICS = {
    TRAJECTORY: "{group}_controller/joint_trajectory",
    FOLLOW: "{group}_controller/follow_joint_trajectory",
    FORWARD: "{group}_controller/commands",
    JOINT_STATE: "joint_states",
    JOINT_ANGLES: "joint_angles",
    POSITION_DIRECT: "{group}/position_direct",
    UNITREE: "arm_sdk",
    BOOSTER: "joint_ctrl",
    NONE: "",
}
INTERFACES = tuple(TOPICS)
LOW_LEVEL = (UNITREE, BOOSTER)  # past the robot's own safety: only when asked for by name
MAX_OFFSET, MAX_KP, MAX_KD = 6.3, 1000.0, 100.0
WHOLE_ROBOT = (JOINT_STATE, *LOW_LEVEL)  # one message for all groups


@dataclass(frozen=True)
class JointCommand:
    """How one joint is told: the value in the message is ``sign * position + offset``.

    Attributes:
        name: Name in messages; empty for the URDF's.
        index: Place among the motors of a low-level command; -1 for interfaces that go by name or order.
        sign: 1, or -1 where the robot counts the other way round.
        offset: What the robot reads where the URDF has zero [rad].
        kp: Stiffness of a low-level command [N m/rad]; None for that of all joints.
        kd: Damping of a low-level command [N m s/rad]; None for that of all joints.
    """

    name: str = ""
    index: int = -1
    sign: float = 1.0
    offset: float = 0.0
    kp: float | None = None
    kd: float | None = None

    def __post_init__(self) -> None:
        if self.sign not in (1.0, -1.0):
            raise ConfigError("sign of a joint command", self.sign, "1 or -1", "Correct the profile.")
        for name, value, highest in (("offset", self.offset, MAX_OFFSET), ("kp", self.kp, MAX_KP),
                                     ("kd", self.kd, MAX_KD)):
            lowest = -highest if name == "offset" else 0.0
            if value is not None and not lowest <= value <= highest:
                raise ConfigError(f"{name} of a joint command", value, f"{lowest:g} to {highest:g}",
                                  "Correct the profile.")


@dataclass(frozen=True)
class Commands:
    """In which form a robot takes its commands.

    Attributes:
        interface: How the groups are told.
        groups: Group to an interface of its own.
        rate_hz: How often interfaces without a trajectory are told where to be [Hz].
        order: Group to all joints of its controller, in its order, where they are not exactly those of the group;
            joints that gestures do not move are held where they were measured.
        joints: URDF joint name to how it is told.
        stamped: Whether goals of the action carry the time of their first point, as joint_trajectory_controller
            understands it; false for servers that begin every goal when it arrives.
        motors: Motors in a Booster command; 0 for as many as the robot states.
        weight_index: The motor of a Unitree command that stands for our weight: the first that the robot does not have.
        state_topic: Where a low-level robot states its motors; empty for the usual topic.
        kp: Stiffness of low-level commands [N m/rad].
        kd: Damping of low-level commands [N m s/rad].
        ramp_s: Time in which a low-level command gains and loses its weight [s].
    """

    interface: str = TRAJECTORY
    groups: dict[str, str] = field(default_factory=dict)
    rate_hz: float = 100.0
    order: dict[str, tuple[str, ...]] = field(default_factory=dict)
    joints: dict[str, JointCommand] = field(default_factory=dict)
    stamped: bool = True
    motors: int = 0
    weight_index: int = 29
    state_topic: str = ""
    kp: float = 60.0
    kd: float = 1.5
    ramp_s: float = 4.0

    def __post_init__(self) -> None:
        for name in (self.interface, *self.groups.values()):
            if name not in INTERFACES:
                raise ConfigError("command interface", name, f"one of {', '.join(INTERFACES)}", "Correct the profile.")
        for name, low, high in (("rate_hz", 5.0, 1000.0), ("ramp_s", 0.5, 60.0), ("kp", 0.0, MAX_KP),
                                ("kd", 0.0, MAX_KD)):
            if not low <= getattr(self, name) <= high:
                raise ConfigError(f"commands: {name}", getattr(self, name), f"{low:g} to {high:g}",
                                  "Correct the profile.")

    def of_group(self, group: str) -> str:
        """The interface of a group."""
        return self.groups.get(group, self.interface)

    def topic(self, group: str) -> str:
        """Where a group that no topic is given for is told."""
        return TOPICS[self.of_group(group)].format(group=group)

    def joint(self, name: str) -> JointCommand:
        """How a joint is told."""
        return self.joints.get(name, JointCommand())
