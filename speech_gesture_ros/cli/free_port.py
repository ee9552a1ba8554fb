"""Search for a port that a server can use, before the server is made: a wrong address is an error in one line."""

from __future__ import annotations

import errno
import socket

from speech_gesture_ros.core.errors import InputError

TRIED_PORTS = 100
MAX_PORT = 65535


def free_port(host: str, port: int) -> int:
    """Return the first free port from `port` on.

    Args:
        host: Address of this machine, or a name of one.
        port: First port to try.

    Raises:
        InputError: If no server can be bound to the address, or to any of `TRIED_PORTS`.
    """
    last = min(port + TRIED_PORTS - 1, MAX_PORT)
    for tried in range(port, last + 1):
        try:
            found = socket.getaddrinfo(host, tried, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
            for family, _, _, _, address in found:
                with socket.socket(family, socket.SOCK_STREAM) as server:
                    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                    server.bind(address)
            return tried
        except (socket.gaierror, UnicodeError) as error:
            raise _unusable(host, str(error)) from error
        except OSError as error:
            if error.errno == errno.EACCES:
                raise InputError("--port", tried, "a port that this user may use, 1024 or more", "Choose another one."
                                 ) from error
            if error.errno != errno.EADDRINUSE:
                raise _unusable(host, error.strerror or str(error)) from error
    raise InputError("--port", port, f"the beginning of a range with a free one: {port} to {last} are in use",
                     "Choose another one.")


def _unusable(host: str, reason: str) -> InputError:
    return InputError("--host", host, f"an address of this machine ({reason})",
                      "127.0.0.1 serves this machine alone, 0.0.0.0 other machines as well.")
