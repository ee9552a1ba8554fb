"""Show the simulated robot in a browser while it gestures to a sound file or the microphone, without ROS.

    sound ──► Agent ──windows──► simulated robot ──joint states──► browser
                 ▲                                     │
                 └─────────────────────────────────────┘

The robot is the one of the ROS simulation (`simulators.SimulatedRobot`); time is the monotonic clock of this machine.
"""

from __future__ import annotations

import argparse
import queue
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.cli.argument_types import port, positive
from speech_gesture_ros.cli.free_port import free_port
from speech_gesture_ros.cli.interrupts import held
from speech_gesture_ros.cli.pipeline_options import add_pipeline_options, mesh_folders, pipeline_config
from speech_gesture_ros.core.timebase import NS
from speech_gesture_ros.pipeline.pipeline_config import PipelineConfig

HELP = "show the simulated robot in a browser while it gestures"
MESSAGE_S = 0.02  # of sound per message
LOOP_S = 0.01
PICTURE_NS = NS // 25
STATE_RATE = 100.0  # joint states per second [Hz]
Samples = npt.NDArray[np.floating]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of the browser view."""
    parser.add_argument("--audio", type=Path, help="speech: wav, flac, ogg or mp3 (the microphone)")
    parser.add_argument("--input", help="input device: number, or part of its name (the system's default)")
    parser.add_argument("--host", default="127.0.0.1", help="address; 0.0.0.0 for other machines (%(default)s)")
    parser.add_argument("--port", type=port, default=8080, help="port, or the next free one (%(default)s)")
    parser.add_argument("--loop", action="store_true", help="repeat the file")
    parser.add_argument("--seconds", type=positive, help="end after this time [s] (no end)")
    parser.add_argument("--mute", action="store_true", help="do not play the sound on this machine")
    add_pipeline_options(parser)
    parser.set_defaults(look_ahead=None)


def run(args: argparse.Namespace) -> int:
    """Open the page and run until interrupted."""
    from speech_gesture_ros.agent.agent import Agent
    from speech_gesture_ros.agent.agent_config import AgentConfig, live_speaker_config

    args.port = free_port(args.host, args.port)
    is_live = args.audio is None and args.look_ahead is None
    args.look_ahead = PipelineConfig.look_ahead_s if args.look_ahead is None else args.look_ahead
    config = pipeline_config(args)
    agent = Agent(live_speaker_config(config) if is_live else AgentConfig(pipeline=config))
    with _open_source(args) as source:
        view = _LiveView(agent, args.host, args.port, mesh_folders(args.robot))
        print(f"open {view.url}   (Ctrl-C ends)", flush=True)
        try:
            view.run(source, args.seconds)
        finally:
            view.close()
    return 0


class SoundSource(Protocol):
    """Sound in real time: mono float at 16 kHz."""

    def due(self, now_s: float, latency_s: float) -> list[Samples]:
        """Return the messages since the last call."""
        ...


@contextmanager
def _open_source(args: argparse.Namespace) -> Iterator[SoundSource]:
    if args.audio:
        yield FileSource(args.audio, is_looped=args.loop, is_played=not args.mute)
        return
    from speech_gesture_ros.audio.microphone import Microphone

    device = int(args.input) if args.input and args.input.isdigit() else args.input
    with Microphone(device) as microphone:
        yield MicrophoneSource(microphone)


class FileSource:
    """A file in real time, played on the loudspeaker when its gestures are performed.

    Args:
        path: Sound file.
        is_looped: Begin again at the end.
        is_played: Play it on this machine.
    """

    def __init__(self, path: Path, *, is_looped: bool, is_played: bool) -> None:
        from speech_gesture_ros.audio.files import load_mono_16k
        from speech_gesture_ros.core.rates import SAMPLE_RATE

        self._samples, self._rate = load_mono_16k(path), SAMPLE_RATE
        self._is_looped, self._is_played = is_looped, is_played
        self._sent, self._begin_s, self._play_at_s = 0, float("nan"), float("inf")

    def due(self, now_s: float, latency_s: float) -> list[Samples]:
        """Return the messages whose last sample is due."""
        if np.isnan(self._begin_s):
            self._begin_s = now_s
            self._play_at_s = now_s + latency_s if self._is_played else float("inf")
        if now_s >= self._play_at_s:
            self._play_at_s = float("inf")
            _play(self._samples, self._rate)
        length, messages = round(MESSAGE_S * self._rate), []
        while self._sent < len(self._samples) and (self._sent + length) / self._rate <= now_s - self._begin_s:
            messages.append(self._samples[self._sent: self._sent + length])
            self._sent += length
        if self._is_looped and self._sent >= len(self._samples):
            self._sent, self._begin_s = 0, float("nan")
        return messages


class MicrophoneSource:
    """The microphone, read in its own thread.

    Args:
        microphone: Iterable of (N, channels) blocks.
    """

    def __init__(self, microphone: Any) -> None:
        self._blocks: queue.Queue[Samples] = queue.Queue()
        self._thread = threading.Thread(target=self._read, args=(microphone,), daemon=True)
        self._thread.start()

    def _read(self, microphone: Any) -> None:
        for block in microphone:
            self._blocks.put(block.mean(axis=1))

    def due(self, now_s: float, latency_s: float) -> list[Samples]:
        """Return the blocks recorded since the last call."""
        del now_s, latency_s
        return [self._blocks.get_nowait() for _ in range(self._blocks.qsize())]


def _play(samples: Samples, sample_rate: int) -> None:
    """Start playing; print a line where there is no loudspeaker."""
    from speech_gesture_ros.audio.loudspeaker import play
    from speech_gesture_ros.core.errors import SpeechGestureError

    try:
        play(samples, sample_rate)
    except SpeechGestureError as error:
        print(f"the sound is not played: {error}")


class _LiveView:
    """Agent, simulated robot and page."""

    def __init__(self, agent: Any, host: str, port: int, meshes: list[Path]) -> None:
        from speech_gesture_ros.agent.timed_queue import TimedQueue
        from speech_gesture_ros.rendering.live import LiveScene
        from speech_gesture_ros.rendering.staging import stage
        from speech_gesture_ros.simulators.mujoco_robot import MujocoRobot
        from speech_gesture_ros.simulators.simulated_robot import SimulatedRobot

        self._agent, self._skeleton = agent, agent.pipeline.skeleton
        self._description = description = agent.description
        self._state = np.array(description.rest_q), time.monotonic_ns()  # latest joint state and its time
        self._simulation = SimulatedRobot(description, time.monotonic_ns, self._observe, STATE_RATE)
        self._drawn = drawn = MujocoRobot(description, mesh_folders=meshes)
        drawn.show(description.rest_q)
        self._staging = stage(drawn.model, drawn.data, description.body, self._skeleton)
        self._scene = LiveScene(drawn.model, drawn.data, self._staging, f"speech_gesture_ros: {description.name}", host,
                                port)
        self.url = self._scene.url
        self._poses: TimedQueue[Any] = TimedQueue()  # human poses until they are performed
        self._levels: TimedQueue[float] = TimedQueue()  # loudness until it is played
        self._pose = self._skeleton.rest_xyz

    def run(self, source: SoundSource, seconds: float | None) -> None:
        """Run until interrupted, or for some seconds."""
        self._simulation.start()
        begin_s, picture_ns = time.monotonic(), 0
        with held() as is_interrupted:  # callbacks of libraries may ignore an exception
            while not is_interrupted() and (seconds is None or time.monotonic() - begin_s < seconds):
                now_ns = time.monotonic_ns()
                self._update_agent(source, now_ns)
                if now_ns - picture_ns >= PICTURE_NS:
                    picture_ns = now_ns
                    self._draw(now_ns)
                time.sleep(LOOP_S)

    def close(self) -> None:
        """End the simulation and the page."""
        self._simulation.stop()
        self._scene.close()

    def _observe(self, q: Any, dq: Any, time_ns: int) -> None:
        del dq
        self._state = np.array(q), time_ns

    def _update_agent(self, source: SoundSource, now_ns: int) -> None:
        from speech_gesture_ros.audio.pcm import PcmFormat
        from speech_gesture_ros.rendering.live import WAVE_RATE

        agent = self._agent
        for message in source.due(now_ns / NS, agent.latency_s):
            agent.push_audio(np.asarray(message, dtype=np.float32), PcmFormat(encoding="f32le"), now_ns)
            for part in np.array_split(message, max(1, round(MESSAGE_S * WAVE_RATE))):
                self._levels.push(float(np.abs(part).max(initial=0.0)), now_ns + round(agent.latency_s * NS))
        agent.observe_joints(*self._state)
        output = agent.update(now_ns)
        for pose in output.poses:
            self._poses.push(pose, pose.stamp_ns)
        if (window := output.window) is not None:
            self._simulation.perform(window.positions, window.velocities, window.stamp_ns)

    def _draw(self, now_ns: int) -> None:
        from speech_gesture_ros.rendering.skeleton_view import human_shapes

        for pose in self._poses.take(now_ns):
            self._pose = pose.joint_xyz
        wave = self._levels.take(now_ns)
        self._drawn.show(self._state[0])
        status = (f"**{self._agent.state.value}**\n\n{self._agent.latency_s:.2f} s from sound to gesture, "
                  f"robot `{self._description.name}`")
        self._scene.update(human_shapes(self._skeleton, self._pose, self._staging.human), np.array(wave), status)
