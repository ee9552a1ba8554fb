"""Messages and bundles of Open Sound Control 1.0 (Wright, 2002; opensoundcontrol.org/spec-1_0), as far as VMC needs it.

A message is its address, the types of its arguments and the arguments; texts end with zero bytes up to a multiple of
four, numbers are big-endian. A bundle is "#bundle", a time tag and messages, each after its size.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence

Argument = str | float | int

IMMEDIATELY = struct.pack(">Q", 1)  # time tag


def osc_message(address: str, arguments: Sequence[Argument] = ()) -> bytes:
    """Return a message: texts, integers (32 bits) and floats (32 bits)."""
    types, data = ",", b""
    for argument in arguments:
        if isinstance(argument, str):
            types, data = types + "s", data + _padded(argument)
        elif isinstance(argument, int):
            types, data = types + "i", data + struct.pack(">i", argument)
        else:
            types, data = types + "f", data + struct.pack(">f", argument)
    return _padded(address) + _padded(types) + data


def osc_bundle(messages: Iterable[bytes]) -> bytes:
    """Return messages in one bundle that is to be applied immediately."""
    return _padded("#bundle") + IMMEDIATELY + b"".join(struct.pack(">i", len(m)) + m for m in messages)


def _padded(text: str) -> bytes:
    data = text.encode("utf-8").replace(b"\0", b"")
    return data + b"\0" * (4 - len(data) % 4)
