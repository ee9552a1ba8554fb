"""Open the robot in a browser and let it gesture to a sound file or the microphone, without ROS.

    sound ──► Agent ──windows──► controllers ──► simulated robot ──► browser
                 ▲                                     │
                 └──────────── joint states ───────────┘        all in one loop

Time is the monotonic clock of this machine.
"""

from __future__ import annotations

import argparse
import queue
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.cli.pipeline_options import add_pipeline_options, mesh_folders, pipeline_config
from speech_gesture_ros.core.timebase import NS

HELP = "the same in a browser, moving while it speaks"
MESSAGE_S = 0.02
LOOP_S = 0.01
PICTURE_S = 0.04
CYCLE_NS = 4_000_000  # of the controllers
MAX_LATE_NS = NS // 4  # after a longer stall time is skipped
Samples = npt.NDArray[np.floating]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the browser view."""
    parser.add_argument("--audio", type=Path, help="wav, flac, ogg or mp3 (the microphone)")
    parser.add_argument("--input", help="input device: number, or part of its name (the system's choice)")
    parser.add_argument("--host", default="127.0.0.1", help="0.0.0.0 lets other machines look (%(default)s)")
    parser.add_argument("--port", type=int, default=8080, help="(%(default)s, or the next free one)")
    parser.add_argument("--loop", action="store_true", help="begin the file again at its end")
    parser.add_argument("--seconds", type=float, help="end after this long")
    parser.add_argument("--mute", action="store_true", help="do not play the voice here")
    add_pipeline_options(parser)


def run(args: argparse.Namespace) -> int:
    """Open the page and perform until interrupted."""
    from speech_gesture_ros.agent.agent import Agent
    from speech_gesture_ros.agent.agent_config import AgentConfig

    agent = Agent(AgentConfig(pipeline=pipeline_config(args)))
    with _source(args) as source:
        show = _Show(agent, args.host, args.port, mesh_folders(args.robot))
        print(f"open {show.scene.url}   (Ctrl-C ends)", flush=True)
        try:
            show.perform(source, args.seconds)
        except KeyboardInterrupt:
            print()
        finally:
            show.scene.close()
    return 0


class _Source(Protocol):
    """Sound as it comes: mono float at 16 kHz."""

    def due(self, now_s: float, latency_s: float) -> list[Samples]:
        """Messages since the last call."""
        ...


@contextmanager
def _source(args: argparse.Namespace) -> Iterator[_Source]:
    if args.audio:
        yield _File(args.audio, loop=args.loop, is_heard=not args.mute)
        return
    from speech_gesture_ros.audio.microphone import Microphone

    device = int(args.input) if args.input and args.input.isdigit() else args.input
    with Microphone(device) as microphone:
        yield _Room(microphone)


class _File:
    """A file at the pace of real time; its sound comes from the loudspeaker when its gestures are seen."""

    def __init__(self, path: Path, *, loop: bool, is_heard: bool) -> None:
        from speech_gesture_ros.audio.files import load_mono_16k
        from speech_gesture_ros.core.rates import SAMPLE_RATE

        self._samples, self._rate = load_mono_16k(path), SAMPLE_RATE
        self._loop, self._is_heard = loop, is_heard
        self._sent, self._begin_s, self._play_at_s = 0, float("nan"), float("inf")

    def due(self, now_s: float, latency_s: float) -> list[Samples]:
        """Messages whose last sample is due."""
        if np.isnan(self._begin_s):
            self._begin_s = now_s
            self._play_at_s = now_s + latency_s if self._is_heard else float("inf")
        if now_s >= self._play_at_s:
            self._play_at_s = float("inf")
            _play(self._samples, self._rate)
        length, messages = round(MESSAGE_S * self._rate), []
        while self._sent < len(self._samples) and (self._sent + length) / self._rate <= now_s - self._begin_s:
            messages.append(self._samples[self._sent : self._sent + length])
            self._sent += length
        if self._loop and self._sent >= len(self._samples):
            self._sent, self._begin_s = 0, float("nan")
        return messages


class _Room:
    """The microphone, read by a thread of its own."""

    def __init__(self, microphone: Any) -> None:
        self._blocks: queue.Queue[Samples] = queue.Queue()
        self._thread = threading.Thread(target=self._listen, args=(microphone,), daemon=True)
        self._thread.start()

    def _listen(self, microphone: Any) -> None:
        for block in microphone:
            self._blocks.put(block.mean(axis=1))

    def due(self, now_s: float, latency_s: float) -> list[Samples]:
        """Blocks recorded since the last call."""
        del now_s, latency_s
        return [self._blocks.get_nowait() for _ in range(self._blocks.qsize())]


def _play(samples: Samples, sample_rate: int) -> None:
    """Start playing; silent where there is no loudspeaker."""
    try:
        import sounddevice
    except (ImportError, OSError):
        print("no PortAudio: the voice is not played (sudo apt install libportaudio2)")
        return
    try:
        sounddevice.play(samples, sample_rate)
    except sounddevice.PortAudioError as error:
        print(f"the voice is not played: {error}")


class _Show:
    """Agent, controllers, robot and page."""

    def __init__(self, agent: Any, host: str, port: int, meshes: list[Path]) -> None:
        from speech_gesture_ros.rendering.live import LiveScene
        from speech_gesture_ros.rendering.staging import stage
        from speech_gesture_ros.simulators.controller_groups import ControllerGroups
        from speech_gesture_ros.simulators.mujoco_robot import MujocoRobot

        self._agent, self._skeleton = agent, agent.pipeline.skeleton
        self._description = description = agent.description
        self._robot = robot = MujocoRobot(description, mesh_folders=meshes)
        self._staging = stage(robot.model, robot.data, description.body, self._skeleton)
        self.scene = LiveScene(robot.model, robot.data, self._staging, f"speech_gesture_ros: {description.name}", host,
                               port)
        self._controllers = ControllerGroups(description)
        self._poses: deque[tuple[float, Any]] = deque()  # person's poses and when they are performed [s]
        self._levels: deque[tuple[float, float]] = deque()  # loudness and when it is heard [s]
        self._pose = self._skeleton.rest_xyz

    def perform(self, source: _Source, seconds: float | None) -> None:
        """Loop until interrupted, or for some seconds."""
        begin_s = time.monotonic()
        time_ns, picture_s = time.monotonic_ns(), 0.0
        while seconds is None or time.monotonic() - begin_s < seconds:
            now_ns = time.monotonic_ns()
            self._hear(source, now_ns)
            time_ns = self._move(time_ns, now_ns)
            if now_ns / NS - picture_s >= PICTURE_S:
                picture_s = now_ns / NS
                self._draw(picture_s)
            time.sleep(LOOP_S)

    def _hear(self, source: _Source, now_ns: int) -> None:
        from speech_gesture_ros.audio.pcm import PcmFormat
        from speech_gesture_ros.rendering.live import WAVE_RATE

        agent, now_s = self._agent, now_ns / NS
        for message in source.due(now_s, agent.latency_s):
            agent.push_audio(np.asarray(message, dtype=np.float32), PcmFormat(encoding="f32le"), now_ns)
            for part in np.array_split(message, max(1, round(MESSAGE_S * WAVE_RATE))):
                self._levels.append((now_s + agent.latency_s, float(np.abs(part).max(initial=0.0))))
        agent.observe_joints(self._robot.joint_positions, now_ns)
        before = agent.pose
        window = agent.update(now_ns)
        if agent.pose is not None and agent.pose is not before:
            self._poses.append((now_s + agent.latency_s - agent.pipeline.latency_s, agent.pose))
        if window is not None:
            self._controllers.perform(window.positions, window.velocities, window.stamp_ns, now_ns)

    def _move(self, time_ns: int, now_ns: int) -> int:
        """Let simulated time catch up with the clock; returns how far it got."""
        if now_ns - time_ns > MAX_LATE_NS:
            time_ns = now_ns - CYCLE_NS
        steps = round(CYCLE_NS / NS / self._robot.dt)
        while time_ns + CYCLE_NS <= now_ns:
            time_ns += CYCLE_NS
            q, dq = self._controllers.sample(time_ns, (self._robot.joint_positions, self._robot.joint_velocities))
            for step in range(steps):
                self._robot.step(q + step * self._robot.dt * dq, dq)
        return time_ns

    def _draw(self, now_s: float) -> None:
        from speech_gesture_ros.rendering.skeleton_view import person

        while self._poses and self._poses[0][0] <= now_s:
            self._pose = self._poses.popleft()[1]
        wave = []
        while self._levels and self._levels[0][0] <= now_s:
            wave.append(self._levels.popleft()[1])
        status = (f"**{self._agent.state.value}**\n\n{self._agent.latency_s:.2f} s from sound to gesture, "
                  f"robot `{self._description.name}`")
        self.scene.update(person(self._skeleton, self._pose, self._staging.person), np.array(wave), status)
