"""What every way of telling a robot where to be has in common."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Protocol

from speech_gesture_ros.core.window import Window


class Output(Protocol):
    """Tells some joints of a robot; `send` and `reason` belong to any thread, the rest to the executor's."""

    @property
    def reason(self) -> str:
        """Why the robot must stand still until further notice; "" if it may move."""
        ...

    def activate(self) -> None:
        """From now on the robot is ours."""
        ...

    def deactivate(self) -> None:
        """Take no more windows: the robot follows the last one to rest, and is given back."""
        ...

    def leave(self, controllers: Collection[str]) -> None:
        """From now on others move these controllers, by their full names: tell them nothing, not even to stop."""
        ...

    def send(self, window: Window) -> bool:
        """Have the robot follow a window from now on; False if it will not."""
        ...

    def close(self) -> None:
        """Take everything back; waits until the robot is given back."""
        ...


def nobody_listens(publisher: Any) -> str:
    """Says so while nobody would hear a publisher; "" if somebody does.

    Whoever begins to listen in the middle of a motion would jump into it.
    """
    if publisher.get_subscription_count():
        return ""
    return f"nobody listens on {publisher.topic_name}: start its controller, or correct the profile's topic"
