"""Contract of outputs: an output sends commands to some joints of a robot through one command interface."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import partial
from typing import Any

from speech_gesture_ros.core.window import Window
from speech_gesture_ros.nodes.outputs.measured_joints import MeasuredJoints
from speech_gesture_ros.robot.command_interfaces import CommandInterface
from speech_gesture_ros.robot.description import RobotDescription


@dataclass(frozen=True)
class OutputContext:
    """Everything that an output is made from.

    Attributes:
        node: The lifecycle node.
        description: The robot.
        interface: The command interface.
        groups: Groups to command: one, or all of the interface if it `is_whole_robot`.
        topic: Topic, or action, of the first group.
        measured: Measured joint positions, also of joints that gestures do not move.
        now_ns: Returns the ROS time [ns].
    """

    node: Any
    description: RobotDescription
    interface: CommandInterface
    groups: tuple[str, ...]
    topic: str
    measured: MeasuredJoints
    now_ns: Callable[[], int]

    @property
    def options(self) -> Any:
        """The options of the interface that the profile states, an instance of `CommandInterface.options`."""
        return self.interface.read_options(self.description.commands.options)

    def joint_options(self, joint: str) -> Any:
        """Return the options of one joint, an instance of `CommandInterface.joint_options`."""
        return self.interface.read_joint_options(joint, self.description.commands.joint(joint).options)

    @property
    def joints(self) -> tuple[str, ...]:
        """URDF names of the joints of all `groups`."""
        return tuple(name for group in self.groups for name in self.description.groups[group])

    @property
    def controller_joints(self) -> tuple[str, ...]:
        """All joints of the controller of a single group, in its order."""
        (group,) = self.groups
        return self.description.commands.controller_joints(group, self.description.groups[group])


class Output(ABC):
    """One output. `reason` and `send` may be called from any thread, all else from the executor's thread.

    Attributes:
        name: Group or topic, for diagnostics.
        sent: Number of windows or goals sent.
    """

    name: str
    sent: int = 0

    @property
    @abstractmethod
    def reason(self) -> str:
        """Reason for which the robot must not move now; "" if it may."""

    @abstractmethod
    def activate(self) -> None:
        """Begin to command the robot."""

    @abstractmethod
    def deactivate(self) -> None:
        """Accept no more windows: the robot follows the last one to rest and is released."""

    @abstractmethod
    def send(self, window: Window) -> bool:
        """Make the robot follow a window from now on; return False if it will not."""

    def prepare(self, window: Window) -> Callable[[], bool]:
        """Return the function that does what `send` does; where it takes long, all but the last step is done here."""
        return partial(self.send, window)

    @abstractmethod
    def close(self) -> None:
        """Release the robot, wait until that is done, and destroy topics and threads."""

    def yield_controllers(self, controllers: Collection[str]) -> None:
        """Send nothing to these controllers, by full name, until the next call: they execute external goals."""
        del controllers

    def has_sent_goal(self, goal_id: bytes) -> bool:
        """Return whether this output sent the action goal with an id of 16 bytes."""
        del goal_id
        return False


def no_subscriber(publisher: Any) -> str:
    """Return an error while a publisher has no subscriber, else "".

    A controller that subscribes in the middle of a motion would jump to it.
    """
    if publisher.get_subscription_count():
        return ""
    return f"no subscriber on {publisher.topic_name}: start its controller, or correct the topic in the profile"
