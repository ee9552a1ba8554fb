"""Stand-in for `launch` and `launch_ros` where they are not installed: it records what a launch file would start."""

from __future__ import annotations

import sys
import types
from typing import Any


class Recorded:
    """An action or substitution, with its arguments."""

    def __init__(self, *given: Any, **named: Any) -> None:
        self.given, self.named = given, named


class LaunchDescription(Recorded):
    """A list of entities."""

    @property
    def entities(self) -> list[Any]:
        return list(self.given[0])


class DeclareLaunchArgument(Recorded):
    """A declared argument; a default that is not one of its choices is refused, as by the real one."""

    def __init__(self, name: str, *, default_value: str, description: str, choices: list[str] | None = None) -> None:
        super().__init__(name)
        assert choices is None or default_value in choices
        self.name, self.default, self.description = name, default_value, description


class LaunchContext:
    """Values of the arguments."""

    def __init__(self) -> None:
        self.launch_configurations: dict[str, str] = {}


class LaunchConfiguration(Recorded):
    """The value of a declared argument."""

    def perform(self, context: LaunchContext) -> str:
        return context.launch_configurations[self.given[0]]


MODULES = {
    "launch": ("LaunchContext", "LaunchDescription"),
    "launch.actions": ("DeclareLaunchArgument", "IncludeLaunchDescription", "OpaqueFunction", "RegisterEventHandler",
                       "Shutdown"),
    "launch.event_handlers": ("OnProcessExit",),
    "launch.launch_description_sources": ("PythonLaunchDescriptionSource",),
    "launch.substitutions": ("EnvironmentVariable", "LaunchConfiguration"),
    "launch_ros": (),
    "launch_ros.actions": ("Node",),
    "launch_ros.parameter_descriptions": ("ParameterFile", "ParameterValue"),
}


def install(monkeypatch: Any) -> None:
    """Put the stand-ins into sys.modules for one test."""
    for name, members in MODULES.items():
        module = types.ModuleType(name)
        for member in members:
            setattr(module, member, globals().get(member, type(member, (Recorded,), {})))
        monkeypatch.setitem(sys.modules, name, module)
    import speech_gesture_ros.nodes

    for name in [name for name in sys.modules if name.startswith("speech_gesture_ros.nodes.launch_parts")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.delattr(speech_gesture_ros.nodes, "launch_parts", raising=False)
