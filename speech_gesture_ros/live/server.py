"""Server of the page: its files, the avatar, the robot's triangles, and one WebSocket for each open page.

    session ──emit──► queue of each page (bounded) ──► WebSocket
    WebSocket ──► checked request ──► session.requests

It listens to this machine alone unless another address is asked for. Other websites cannot use it: requests that name
another host or come from another origin are refused.
"""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import queue
import threading
from collections import deque
from pathlib import Path
from typing import Any

import numpy as np

from speech_gesture_ros.core.errors import InputError, MissingDependencyError, SpeechGestureError
from speech_gesture_ros.live.messages import text_message
from speech_gesture_ros.live.page_requests import MAX_REQUEST_CHARACTERS, parse_request
from speech_gesture_ros.live.session import LiveSession
from speech_gesture_ros.live.sounds import MAX_UPLOAD_BYTES, SoundShelf
from speech_gesture_ros.live.sources import MESSAGE_SAMPLES
from speech_gesture_ros.live.stage_set import StageSet
from speech_gesture_ros.live.three_bundle import REMEDY, three_bundle

try:
    from aiohttp import WSMsgType, web
except ImportError as error:
    raise MissingDependencyError("aiohttp", "The page", REMEDY) from error

PAGE = Path(__file__).with_name("page")
MAX_PAGES = 4  # open at the same time
MAX_WAITING_MESSAGES = 1000  # of one page, about five seconds
MAX_BLOCK_BYTES = 16 * 2 * MESSAGE_SAMPLES
START_TIMEOUT_S = 20.0
POLICY = ("default-src 'self'; img-src 'self' blob: data:; connect-src 'self' blob: data:; worker-src 'self' blob:; "
          "frame-ancestors 'none'")


class PageServer:
    """The server, in a thread of its own.

    Args:
        stage_set: What is drawn.
        sounds: Recordings.
        host: Address to listen on.
        port: Port, which is free.
        initial: Recording that a page plays when it is started; empty for none.

    Attributes:
        url: Of the page.
    """

    def __init__(self, stage_set: StageSet, sounds: SoundShelf, host: str, port: int, initial: str = "") -> None:
        self._set, self._sounds, self._host, self._port, self._initial = stage_set, sounds, host, port, initial
        self._files = {"three.js": three_bundle(), "avatar.glb": stage_set.avatar.path}
        self._session: LiveSession | None = None
        self._pages: dict[int, _Page] = {}
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="page server", daemon=True)
        name = "localhost" if host in ("127.0.0.1", "0.0.0.0") else f"[{host}]" if ":" in host else host
        self.url = f"http://{name}:{port}"

    def start(self, session: LiveSession) -> None:
        """Serve a session.

        Raises:
            InputError: If the address cannot be used.
        """
        self._session = session
        self._thread.start()
        try:
            asyncio.run_coroutine_threadsafe(self._serve(), self._loop).result(START_TIMEOUT_S)
        except OSError as error:
            self.close()
            raise InputError("--port", self._port, f"a free one of {self._host} ({error.strerror or error})",
                             "Choose another one.") from error

    def close(self) -> None:
        """End the server."""
        if self._thread.is_alive():
            with contextlib.suppress(Exception):
                asyncio.run_coroutine_threadsafe(self._end(), self._loop).result(5.0)
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(5.0)

    def emit(self, message: bytes | str) -> None:
        """Send a message to all pages; from any thread, without waiting."""
        with contextlib.suppress(RuntimeError):  # the loop has ended
            self._loop.call_soon_threadsafe(self._distribute, message)

    @property
    def num_pages(self) -> int:
        """Number of open pages."""
        return len(self._pages)

    def _distribute(self, message: bytes | str) -> None:
        for page in self._pages.values():
            page.put(message)

    async def _serve(self) -> None:
        app = web.Application(client_max_size=MAX_UPLOAD_BYTES + 1024, middlewares=[self._guard])
        app.add_routes([web.get("/", self._page_file), web.get("/stream", self._stream),
                        web.post("/sounds/{name}", self._upload), web.get("/robot.bin", self._triangles),
                        web.get("/{name}", self._page_file)])
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        await web.TCPSite(self._runner, self._host, self._port).start()

    async def _end(self) -> None:
        for page in list(self._pages.values()):
            await page.socket.close()
        await self._runner.cleanup()

    @web.middleware
    async def _guard(self, request: web.Request, handler: Any) -> web.StreamResponse:
        """Refuse other hosts and origins; state to the browser what a page may load."""
        host = request.host.rsplit(":", 1)[0].strip("[]")
        if _is_loopback(self._host) and not _is_loopback(host):
            raise web.HTTPForbidden(text="This server answers to localhost alone.")
        origin = request.headers.get("Origin")
        if origin is not None and origin.split("://")[-1] != request.host:
            raise web.HTTPForbidden(text="Requests of other websites are refused.")
        response: web.StreamResponse = await handler(request)
        if not response.prepared:
            response.headers.update({"Content-Security-Policy": POLICY, "X-Content-Type-Options": "nosniff",
                                     "Cache-Control": "no-cache"})
        return response

    async def _page_file(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info.get("name") or "index.html"
        path = self._files.get(name) or PAGE / Path(name).name
        if not path.is_file():
            raise web.HTTPNotFound(text=f"There is no {Path(name).name[:40]!r} here.")
        return web.FileResponse(path)

    async def _triangles(self, _request: web.Request) -> web.StreamResponse:
        return web.Response(body=self._set.geometry.triangles, content_type="application/octet-stream")

    async def _upload(self, request: web.Request) -> web.StreamResponse:
        """Take a sound file that a user has chosen; it is read in another thread."""
        content = await request.read()
        try:
            name = await asyncio.to_thread(self._sounds.add_upload, request.match_info["name"], content)
        except SpeechGestureError as error:
            return web.json_response({"error": str(error)}, status=400)
        if self._session is not None:
            self._distribute(self._session.state())
        return web.json_response({"name": name})

    async def _stream(self, request: web.Request) -> web.StreamResponse:
        session = self._session
        if session is None or len(self._pages) >= MAX_PAGES:
            raise web.HTTPServiceUnavailable(text=f"{MAX_PAGES} pages are open already: close one.")
        socket = web.WebSocketResponse(max_msg_size=MAX_BLOCK_BYTES, heartbeat=20.0)
        await socket.prepare(request)
        page = _Page(socket, session.state)
        page.put(text_message("scene", **self._set.description, initial=self._initial))
        page.put(session.state())
        self._pages[id(page)] = page
        sender = asyncio.ensure_future(page.send_all())
        try:
            async for message in socket:
                if message.type is WSMsgType.TEXT:
                    self._take_text(page, session, message.data)
                elif message.type is WSMsgType.BINARY and page.has_microphone and session.takes_blocks:
                    session.blocks.push(_samples(message.data))
        finally:
            del self._pages[id(page)]
            sender.cancel()
            if page.has_microphone:
                self._put(session, '{"kind": "microphone", "value": 0}')
        return socket

    def _take_text(self, page: _Page, session: LiveSession, text: str) -> None:
        try:
            request = parse_request(text[:MAX_REQUEST_CHARACTERS + 1], {**self._set.names, "play": self._sounds.names})
            if request.kind == "microphone":
                owner = next((p for p in self._pages.values() if p.has_microphone and p is not page), None)
                if owner is not None and request.value:
                    raise InputError("microphone", "in use", "free", "Another page uses it: turn it off there.")
                page.has_microphone = bool(request.value)
            elif request.kind in ("play", "stop"):
                for other in self._pages.values():
                    other.has_microphone = False
            session.requests.put_nowait(request)
        except InputError as error:
            page.put(text_message("error", text=str(error)))
        except queue.Full:
            page.put(text_message("error", text="Too many requests wait: one was left out."))

    def _put(self, session: LiveSession, text: str) -> None:
        with contextlib.suppress(queue.Full):
            session.requests.put_nowait(parse_request(text, {}))


class _Page:
    """One open page: messages wait in a bounded queue; where too many wait, they are dropped and the state is sent."""

    def __init__(self, socket: web.WebSocketResponse, state: Any) -> None:
        self.socket, self.has_microphone = socket, False
        self._state = state
        self._messages: deque[bytes | str] = deque()
        self._has_some = asyncio.Event()

    def put(self, message: bytes | str) -> None:
        if len(self._messages) >= MAX_WAITING_MESSAGES:
            self._messages.clear()
            self._messages.append(self._state())
        self._messages.append(message)
        self._has_some.set()

    async def send_all(self) -> None:
        with contextlib.suppress(ConnectionError):
            while True:
                await self._has_some.wait()
                while self._messages:
                    message = self._messages.popleft()
                    if isinstance(message, str):
                        await self.socket.send_str(message)
                    else:
                        await self.socket.send_bytes(message)
                self._has_some.clear()


def _samples(data: bytes) -> Any:
    return np.frombuffer(data[:len(data) // 2 * 2], "<i2").astype(np.float32) / 32768.0


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
