"""Two simulated robots in conversation, each in its own namespace with its own voice.

`ros2 launch speech_gesture_ros two_agents.launch.py audio1:=ann.wav audio2:=bob.wav delay2_s:=6`
"""

from __future__ import annotations

from launch import LaunchContext, LaunchDescription
from launch_ros.actions import Node

from speech_gesture_ros.core.errors import ConfigError
from speech_gesture_ros.nodes import launch_parts as parts
from speech_gesture_ros.nodes.parameters import from_text
from speech_gesture_ros.nodes.settings import AudioFileSettings

AGENTS = (1, 2)
EACH = tuple(argument for k in AGENTS for argument in (
    parts.Argument(f"namespace{k}", f"robot{k}", f"Namespace of robot {k}"),
    parts.Argument(f"robot{k}", "demo_humanoid", f"Robot {k}: a name in config/robots, or the path of a URDF"),
    parts.Argument(f"profile{k}", "", f"Profile of robot {k}; empty for the one shipped under its name, if any"),
    parts.Argument(f"audio{k}", "", f"Sound file of robot {k}; empty: the demo speech"),
    parts.Argument(f"delay{k}_s", "0.5" if k == 1 else "6.0", f"Silence before the file of robot {k} begins [s]"),
))
LOOP = (parts.Argument("loop", "false", "Start again at the end of the files", is_flag=True),)
GROUPS = (EACH, LOOP, parts.GESTURES, parts.LOGGING)


def generate_launch_description() -> LaunchDescription:
    """Declare the arguments; start robot, gesture node and audio file twice."""
    return LaunchDescription([*parts.declare(*GROUPS), parts.on_start(start)])


def start(context: LaunchContext) -> list[Node]:
    """Return the nodes of both robots."""
    given = parts.Values(context, *GROUPS)
    if given["namespace1"].strip("/") == given["namespace2"].strip("/"):
        raise ConfigError("launch arguments namespace1 and namespace2", given["namespace1"], "different",
                          "Two robots in one namespace receive the same commands.")
    nodes = []
    for k in AGENTS:
        values = given.with_texts(**{name: given[f"{name}{k}"] for name in ("namespace", "robot", "profile", "audio")})
        nodes += [parts.simulated_robot(values),
                  parts.gesture_node(values, parameters={"commands.interface": "trajectory"}),
                  parts.audio_file(values, start_delay_s=float(
                      from_text(AudioFileSettings, "start_delay_s", given[f"delay{k}_s"])))]
    return nodes
