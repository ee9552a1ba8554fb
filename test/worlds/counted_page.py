"""The page's session in counted time: nothing depends on the speed of the machine."""

from __future__ import annotations

import socket
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

import numpy as np
from small_avatar import write_small_avatar

from speech_gesture_ros.core.timebase import NS
from speech_gesture_ros.live.cast import make_cast
from speech_gesture_ros.live.messages import HEADER, FrameKind
from speech_gesture_ros.live.page_requests import PageRequest
from speech_gesture_ros.live.robot_bodies import CountedBody
from speech_gesture_ros.live.server import PageServer
from speech_gesture_ros.live.session import LiveSession
from speech_gesture_ros.live.sounds import SoundShelf
from speech_gesture_ros.pipeline.pipeline_config import PipelineConfig

STEP_NS = NS // 100
START_NS = 1000 * NS
SPOKEN = Path(__file__).resolve().parents[1] / "live" / "spoken.flac"
SPOKEN_NAME = "spoken"


class CountedPage:
    """A session whose time is counted, and its messages; with `serve` also its server.

    Attributes:
        session: The session.
        messages: Every message so far, with the time at which it was sent [s].
        time_s: The time.
        sounds: The recordings.
    """

    def __init__(self, folder: Path, avatar: Path | None = None) -> None:
        self.sounds = SoundShelf()
        self.sounds.add_file(SPOKEN_NAME, SPOKEN)
        self.cast = make_cast(PipelineConfig(device="cpu"), avatar or write_small_avatar(folder / "avatar.glb"))
        self.messages: list[tuple[float, bytes | str]] = []
        self.time_s = 0.0
        self.server: PageServer | None = None
        body = CountedBody(self.cast.agent.description)
        self.session = LiveSession(self.cast, body, self.sounds, self._emit, START_NS)
        self._steps = 0

    def __enter__(self) -> CountedPage:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        self.session.close()
        if self.server is not None:
            self.server.close()

    def serve(self) -> str:
        """Serve the page; return its address."""
        with socket.socket() as probe:  # a port of its own: browsers that were left open ask old ones again and again
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.server = PageServer(self.cast.stage_set, self.sounds, "127.0.0.1", port)
        self.server.start(self.session)
        return self.server.url

    def ask(self, kind: str, name: str = "", value: float = 0.0) -> None:
        """Give the session a request."""
        self.session.requests.put(PageRequest(kind, name, value))

    def advance(self, seconds: float, after_each: Callable[[], None] = lambda: None) -> None:
        """Let time pass in steps of 10 ms; call something after every half second."""
        for step in range(round(seconds * 100)):
            self._steps += 1
            self.time_s = self._steps / 100
            self.session.step(START_NS + self._steps * STEP_NS)
            if step % 50 == 49:
                after_each()
        after_each()

    def frames(self, kind: FrameKind) -> list[tuple[float, float, np.ndarray]]:
        """Return the frames of a kind: time of sending, time of performance [s], values."""
        out = []
        for sent_s, message in self.messages:
            if isinstance(message, bytes):
                found, count, time_s = HEADER.unpack_from(message)
                if found == kind:
                    dtype = "<i2" if kind is FrameKind.SOUND else "<f4"
                    out.append((sent_s, time_s, np.frombuffer(message, dtype, count, HEADER.size)))
        return out

    def _emit(self, message: bytes | str) -> None:
        self.messages.append((self.time_s, message))
        if self.server is not None:
            self.server.emit(message)
