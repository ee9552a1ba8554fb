"""Ports for servers: the first free one; addresses that cannot be used are errors in one line."""

from __future__ import annotations

import socket

import pytest

from speech_gesture_ros.cli.free_port import free_port
from speech_gesture_ros.cli.main import USER_ERROR, main
from speech_gesture_ros.core.errors import InputError


def test_a_port_that_is_in_use_is_skipped() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert free_port("127.0.0.1", port) > port


@pytest.mark.parametrize("host", ["192.0.2.1", "no such host", "300.1.1.1", "a" * 300, ""])
def test_an_address_that_is_not_of_this_machine_is_refused(host: str) -> None:
    with pytest.raises(InputError, match=r"--host is .* must be an address of this machine"):
        free_port(host, 18100)


def test_the_browser_view_refuses_it_at_once(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["live", "--host", "192.0.2.1"]) == USER_ERROR
    error = capsys.readouterr().err
    assert error.startswith("speech-gesture: --host is '192.0.2.1', must be an address of this machine")
    assert len(error.splitlines()) == 1
