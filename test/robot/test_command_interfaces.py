"""The registry of command interfaces: look-up by name, options, and interfaces of other packages."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from speech_gesture_ros.core.errors import ConfigError
from speech_gesture_ros.robot.command_interfaces import CommandInterface, command_interface, register_interface
from speech_gesture_ros.robot.command_interfaces.shipped import SHIPPED_INTERFACES

PLUGIN = """
from dataclasses import dataclass
from speech_gesture_ros.robot.command_interfaces import CommandInterface

@dataclass(frozen=True)
class Options:
    port: str = "/dev/ttyUSB0"

INTERFACE = CommandInterface("serial", "{group}/serial", "plugin:output", options=Options)
"""
USE_OF_PLUGIN = """
from speech_gesture_ros.core.yaml_config import from_mapping
from speech_gesture_ros.robot.profile import Profile
profile = from_mapping(Profile, {"name": "x", "commands": {"interface": "serial", "port": "/dev/arm"}})
interface = profile.commands.interface_of("left_arm")
print(profile.controller_topic("left_arm"), interface.read_options(profile.commands.options).port)
"""


@pytest.mark.parametrize("interface", SHIPPED_INTERFACES, ids=lambda interface: interface.name)
def test_a_shipped_interface_is_found_by_its_name(interface: CommandInterface) -> None:
    assert command_interface(interface.name) is interface
    assert interface.options() == interface.read_options({"key of another interface": 1})


def test_an_unknown_name_is_refused_with_the_names_there_are() -> None:
    with pytest.raises(ConfigError, match=r"'telepathy', must be one of trajectory, .*booster_low_cmd"):
        command_interface("telepathy")


def test_a_name_belongs_to_one_interface() -> None:
    known = command_interface("trajectory")
    assert register_interface(known) is known, "the same again changes nothing"
    with pytest.raises(ConfigError, match="'trajectory', must be not registered yet"):
        register_interface(CommandInterface("trajectory", "elsewhere", "plugin:output"))


def test_an_option_of_the_wrong_type_names_interface_and_key() -> None:
    with pytest.raises(ConfigError, match="commands of interface booster_low_cmd: motors is 'many'"):
        command_interface("booster_low_cmd").read_options({"motors": "many"})


def test_another_package_adds_an_interface_by_an_entry_point(tmp_path: Path) -> None:
    (tmp_path / "plugin.py").write_text(PLUGIN)
    metadata = tmp_path / "plugin-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: plugin\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text(
        "[speech_gesture_ros.command_interfaces]\nserial = plugin:INTERFACE\nbroken = nowhere:INTERFACE\n")
    paths = os.pathsep.join([str(tmp_path), *sys.path])
    done = subprocess.run([sys.executable, "-c", USE_OF_PLUGIN], env=os.environ | {"PYTHONPATH": paths},
                          capture_output=True, text=True, timeout=120, check=False)
    assert done.stdout == "left_arm/serial /dev/arm\n", done.stderr
    assert "command interface broken (nowhere:INTERFACE) cannot be loaded" in done.stderr
