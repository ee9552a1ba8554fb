"""Phones of an engine that prints the name and the end of each, pauses included."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from speech_gesture_ros.core.errors import ConfigError
from speech_gesture_ros.face.dominance import TimedPhone
from speech_gesture_ros.face.phones import SHAPES


def phones_from_ends(engine: str, ends: Iterable[tuple[str, str]], pauses: Collection[str],
                     other_names: Mapping[str, str] | None = None) -> list[TimedPhone]:
    """Return the phones; pauses, and phones without a duration, are left out.

    Args:
        engine: For the message.
        ends: Name and end [s] of each phone, in the order of time.
        pauses: Names that are pauses.
        other_names: Names of the engine to those of this package, where they differ.

    Raises:
        ConfigError: If a phone is unknown.
    """
    out, start = [], 0.0
    for name, end in ends:
        phone = (other_names or {}).get(name, name)
        if phone not in SHAPES and phone not in pauses:
            raise ConfigError(f"phone of {engine}", name, f"one of {', '.join(SHAPES)}", "Use an English voice.")
        if phone not in pauses and float(end) > start:
            out.append(TimedPhone(phone, start, float(end)))
        start = float(end)
    return out
