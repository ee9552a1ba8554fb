"""Open the page of the agent: avatar and simulated robot speak and gesture to a recording or a microphone, without ROS.

    page ──requests──► LiveSession ──messages──► PageServer ──► page

The robot is the one of the ROS simulation (`simulators.SimulatedRobot`); time is the monotonic clock of this machine.
"""

from __future__ import annotations

import argparse
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from speech_gesture_ros.cli.argument_types import port, positive
from speech_gesture_ros.cli.free_port import free_port
from speech_gesture_ros.cli.interrupts import held
from speech_gesture_ros.cli.pipeline_options import add_pipeline_options, mesh_folders, pipeline_config

HELP = "open the page of the agent: avatar and robot speak and gesture, with all controls"
LOOP_S = 0.01


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of the page."""
    parser.add_argument("--audio", type=Path, help="speech that is offered first: wav, flac, ogg or mp3")
    parser.add_argument("--input", help="microphone of this machine: number, or part of its name (the browser's)")
    parser.add_argument("--avatar", default="avatar/avatar.glb", help="GLB file, or a name in models (%(default)s)")
    parser.add_argument("--host", default="127.0.0.1", help="address; 0.0.0.0 for other machines (%(default)s)")
    parser.add_argument("--port", type=port, default=8080, help="port, or the next free one (%(default)s)")
    parser.add_argument("--loop", action="store_true", help="repeat recordings")
    parser.add_argument("--seconds", type=positive, help="end after this time [s] (no end)")
    add_pipeline_options(parser)


def run(args: argparse.Namespace) -> int:
    """Serve the page until interrupted."""
    from speech_gesture_ros.live.cast import make_cast
    from speech_gesture_ros.live.robot_bodies import PhysicalBody
    from speech_gesture_ros.live.server import PageServer
    from speech_gesture_ros.live.session import LiveSession
    from speech_gesture_ros.live.sounds import DEMO, SoundShelf

    args.port = free_port(args.host, args.port)
    sounds = SoundShelf()
    initial = sounds.add_file(args.audio.name, args.audio) if args.audio else DEMO
    cast = make_cast(pipeline_config(args), args.avatar, mesh_folders(args.robot))
    server = PageServer(cast.stage_set, sounds, args.host, args.port, initial)
    body = PhysicalBody(cast.agent.description, time.monotonic_ns)
    session = LiveSession(cast, body, sounds, server.emit, time.monotonic_ns(), is_looped=args.loop,
                          has_microphone=args.input is not None)
    try:
        with _microphone_of_this_machine(args.input, session):
            server.start(session)
            print(f"open {server.url}   (Ctrl-C ends)", flush=True)
            _run(session, args.seconds)
    finally:
        session.close()
        server.close()
    return 0


def _run(session: Any, seconds: float | None) -> None:
    """Step the session in real time until interrupted, or for some seconds."""
    begin_s = time.monotonic()
    with held() as is_interrupted:  # callbacks of libraries may ignore an exception
        while not is_interrupted() and (seconds is None or time.monotonic() - begin_s < seconds):
            session.step(time.monotonic_ns())
            time.sleep(LOOP_S)


@contextmanager
def _microphone_of_this_machine(name: str | None, session: Any) -> Iterator[None]:
    """Give the session the blocks of a device, if one is named."""
    if name is None:
        yield
        return
    from speech_gesture_ros.audio.microphone import Microphone

    def read() -> None:
        for block in microphone:
            session.blocks.push(block.mean(axis=1))

    with Microphone(int(name) if name.isdigit() else name) as microphone:
        threading.Thread(target=read, daemon=True).start()
        yield
