"""Source of audio and gesture node in one process, for small computers.

    ros2 run speech_gesture_ros all_in_one file --ros-args -p audio_file_node:path:=talk.wav
    ros2 run speech_gesture_ros all_in_one microphone --ros-args -p gesture_node:robot:=my.urdf

One interpreter, one copy of the libraries, one participant in DDS. Both nodes have one executor with one thread, which
computes nothing: the model has its own thread, and so has the microphone. The source is made first, because in one
process a topic has one type, and the gesture node takes that of the publisher that it finds. The process goes on at the
end of the file; it ends if the microphone is disconnected.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from typing import Any

from rclpy.utilities import remove_ros_args

from speech_gesture_ros.nodes.audio_file_node import AudioFileNode
from speech_gesture_ros.nodes.gesture_node import GestureNode
from speech_gesture_ros.nodes.microphone_node import MicrophoneNode
from speech_gesture_ros.nodes.running import run_together


def endless_audio_file_node() -> AudioFileNode:
    """Return a node that stays at the end of its file."""
    return AudioFileNode(on_end=lambda: None)


SOURCES: dict[str, Callable[[], Any]] = {"file": endless_audio_file_node, "microphone": MicrophoneNode}


def main(args: list[str] | None = None) -> None:
    """Run both nodes."""
    parser = argparse.ArgumentParser(prog="all_in_one", description="Source of audio and gesture node in one process.")
    parser.add_argument("source", choices=SOURCES, help="audio_file_node or microphone_node")
    source = parser.parse_args(remove_ros_args(args or sys.argv)[1:]).source
    run_together([SOURCES[source], GestureNode], args)


if __name__ == "__main__":
    main()
