"""The server: files, hosts and origins, uploads, wrong messages, several pages, and one that does not read."""

from __future__ import annotations

import asyncio
import io
import json
import socket
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import soundfile
from counted_page import CountedPage

pytest.importorskip("aiohttp", reason="needs the page's packages: pip install '.[view]'")
pytest.importorskip("nicegui", reason="needs the page's packages: pip install '.[view]'")
from websockets.sync.client import connect

from speech_gesture_ros.core.errors import InputError
from speech_gesture_ros.live import server as server_module
from speech_gesture_ros.live.messages import text_message
from speech_gesture_ros.live.server import MAX_PAGES, PageServer

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CountedPage]:
    with CountedPage(tmp_path_factory.mktemp("page")) as made:
        made.serve()
        yield made


def get(page: CountedPage, path: str, data: bytes | None = None, **headers: str) -> tuple[int, bytes]:
    asked = urllib.request.Request(f"{page.server.url}{path}", data=data, headers=headers)
    try:
        with urllib.request.urlopen(asked, timeout=60) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


def stream(page: CountedPage, **options: Any) -> Any:
    return connect(f"ws{page.server.url[4:]}/stream", max_size=None, **options)


def message_of(page_socket: Any, kind: str) -> dict[str, Any]:
    """Return the next text message of a kind."""
    while True:
        message = page_socket.recv(timeout=60)
        if isinstance(message, str) and (data := json.loads(message))["kind"] == kind:
            return data


def test_the_files_of_the_page_are_served_and_no_others(page: CountedPage) -> None:
    status, content = get(page, "/")
    assert (status, b"main.js" in content) == (200, True)
    assert get(page, "/three.js")[0] == 200
    assert get(page, "/avatar.glb")[1] == page.cast.stage_set.avatar.path.read_bytes()
    assert get(page, "/robot.bin")[1] == page.cast.stage_set.geometry.triangles
    for path in ("/nothing.js", "/..%2fserver.py", "/%2e%2e/server.py", "//etc/passwd"):
        assert get(page, path)[0] == 404


def test_other_hosts_and_origins_are_refused(page: CountedPage) -> None:
    assert get(page, "/", Host="example.org")[0] == 403
    assert get(page, "/", Origin="https://example.org")[0] == 403
    assert get(page, "/", Origin=page.server.url)[0] == 200
    with pytest.raises(Exception, match="403"):
        stream(page, origin="https://example.org")


def test_a_page_gets_the_scene_first_and_sees_the_requests_of_another_one(page: CountedPage) -> None:
    with stream(page) as first, stream(page) as second:
        scene = message_of(first, "scene")
        assert scene["bodies"] == len(page.cast.stage_set.geometry.bodies)
        assert len(scene["blendshapes"]) == 52
        message_of(second, "state")
        first.send('{"kind": "control", "name": "activity", "value": 0.3}')
        while page.session.requests.empty():  # the server has a thread of its own
            pass
        page.advance(0.05)
        assert message_of(second, "state")["sliders"]["activity"] == 0.3


def test_wrong_messages_are_answered_and_the_page_goes_on(page: CountedPage) -> None:
    with stream(page) as opened:
        for wrong in ("nod", '{"kind": "gesture", "name": "rude"}', '{"kind": "control", "name": "jaw", "value": 1e9}'):
            opened.send(wrong)
            assert "must be" in message_of(opened, "error")["text"]
        opened.send(b"\x01\x02\x03")  # a block of a microphone that is off
        opened.send('{"kind": "stop"}')
        opened.send("x" * 5000)
        assert "length of a request" in message_of(opened, "error")["text"]
    assert len(page.session.blocks.take()) == 0


def test_one_page_has_the_microphone(page: CountedPage) -> None:
    with stream(page) as first, stream(page) as second:
        first.send('{"kind": "microphone", "value": 1}')
        while not any(r.kind == "microphone" for r in list(page.session.requests.queue)):
            pass
        second.send('{"kind": "microphone", "value": 1}')
        assert "Another page uses it" in message_of(second, "error")["text"]
        page.advance(0.02)
        assert page.session.is_live
        first.send(np.full(320, 1000, "<i2").tobytes())
        first.send('{"kind": "gesture", "name": "nothing"}')
        message_of(first, "error")  # messages are taken in their order
        assert np.allclose(page.session.blocks.take()[0], 1000 / 32768)
    while not any(r.kind == "microphone" and r.value == 0 for r in list(page.session.requests.queue)):
        pass  # a page that is closed gives it back
    page.advance(0.02)
    assert not page.session.is_live


def test_sound_files_are_taken_and_others_refused(page: CountedPage) -> None:
    sound = io.BytesIO()
    soundfile.write(sound, np.full(8000, 0.1), 8000, format="WAV")
    status, answer = get(page, "/sounds/my%20voice.wav", sound.getvalue())
    assert (status, json.loads(answer)) == (200, {"name": "my voice.wav"})
    assert len(page.sounds.get("my voice.wav")) == 16000
    status, answer = get(page, "/sounds/..%2f..%2fx.wav", b"no sound")
    assert status == 400
    assert "wav, flac, ogg or mp3" in json.loads(answer)["error"]


def test_more_pages_than_allowed_are_refused(page: CountedPage) -> None:
    while page.server.num_pages:  # those of other tests are closed by the server's thread
        pass
    opened = [stream(page) for _ in range(MAX_PAGES)]
    try:
        with pytest.raises(Exception, match="503"):
            stream(page)
    finally:
        for one in opened:
            one.close()


def test_a_page_that_does_not_read_gets_the_state_in_place_of_old_messages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_module, "MAX_WAITING_MESSAGES", 10)
    page = asyncio.run(_filled_page(25))
    assert len(page._messages) <= 11
    assert page._messages[0] == '"the state"'
    assert page._messages[-1] == text_message("status", number=24)


async def _filled_page(count: int) -> Any:
    page = server_module._Page(None, lambda: '"the state"')
    for number in range(count):
        page.put(text_message("status", number=number))
    return page


def test_a_port_in_use_is_an_error_in_one_line(page: CountedPage) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        server = PageServer(page.cast.stage_set, page.sounds, "127.0.0.1", port)
        with pytest.raises(InputError, match=f"--port is {port}") as refused:
            server.start(page.session)
    assert "\n" not in str(refused.value)
