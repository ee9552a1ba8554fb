"""Timed phones of a speech synthesis as JSON text, for a topic.

{"phones": [["HH", 0.0, 0.08], ["AH0", 0.08, 0.15]], "notation": "arpabet", "start": 12.5}

    phones    name, start and end of each [s], from the first sample of the sound on
    notation  "arpabet" (usual; digits of stress may follow), "ipa", or "viseme" (the 15 of OpenXR)
    start     ROS time [s] at which the first sample is published; without it, the sound is the next audio message
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from speech_gesture_ros.core.errors import InputError
from speech_gesture_ros.core.face_channels import VISEMES
from speech_gesture_ros.face.dominance import TimedPhone, check_phones
from speech_gesture_ros.face.ipa import phones_from_ipa
from speech_gesture_ros.face.phones import SHAPES, SILENCE
from speech_gesture_ros.face.rigs.mouth_shapes import TYPICAL_PHONES

MAX_TEXT, MAX_PHONES, MAX_SECONDS = 256 * 1024, 2000, 120.0
NOTATIONS = ("arpabet", "ipa", "viseme")
PAUSES = ("", "sil", "sp", "spn", "_", "#", SILENCE)
FORM = "a list [name, start_s, end_s]"


@dataclass(frozen=True)
class PhoneMessage:
    """Phones of one sound.

    Attributes:
        phones: In the order of time; pauses are left out.
        start_s: ROS time of the first sample [s]; None: that of the next audio message.
    """

    phones: tuple[TimedPhone, ...]
    start_s: float | None


def parse_phone_message(text: str) -> PhoneMessage:
    """Read a message.

    Raises:
        InputError: If it is too long, no JSON of this form, or has phones that are unknown or out of order.
    """
    if len(text) > MAX_TEXT:
        raise InputError("length of a phone message", len(text), f"at most {MAX_TEXT} characters", "Send a sentence.")
    try:
        data = json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise InputError("phone message", text[:80], "a JSON object", str(error)) from error
    if not isinstance(data, dict) or not isinstance(data.get("phones"), list):
        raise InputError("phone message", text[:80], 'an object with a list "phones"', "See docs/guides/face.md.")
    if unknown := sorted(set(data) - {"phones", "notation", "start"}):
        raise InputError("key of a phone message", unknown[0], "phones, notation or start", "Remove it.")
    notation = data.get("notation", NOTATIONS[0])
    if notation not in NOTATIONS:
        raise InputError("notation of a phone message", notation, f"one of {', '.join(NOTATIONS)}", "Correct it.")
    rows = data["phones"]
    if len(rows) > MAX_PHONES:
        raise InputError("number of phones in a message", len(rows), f"at most {MAX_PHONES}", "Send a sentence.")
    phones = [phone for i, row in enumerate(rows) for phone in _phones_of(i, row, notation)]
    return PhoneMessage(tuple(check_phones(phones)), _start_of(data))


def _phones_of(number: int, row: Any, notation: str) -> Sequence[TimedPhone]:
    if not (isinstance(row, list) and len(row) == 3 and isinstance(row[0], str)
            and _is_number(row[1]) and _is_number(row[2])):
        raise InputError(f"phone {number}", row, FORM, "Correct it.")
    name, start, end = row[0].strip(), float(row[1]), float(row[2])
    if not 0.0 <= start < end <= MAX_SECONDS:
        raise InputError(f"start and end of phone {number} ({name}) [s]", (start, end),
                         f"in order, 0 to {MAX_SECONDS:g} s", "Correct the times.")
    names = [] if name.lower() in PAUSES else _names_of(number, name, notation)
    step = (end - start) / max(len(names), 1)
    return [TimedPhone(phone, start + i * step, start + (i + 1) * step) for i, phone in enumerate(names)]


def _names_of(number: int, name: str, notation: str) -> list[str]:
    if notation == "ipa":
        names = list(phones_from_ipa(name))
    elif notation == "viseme":
        names = [TYPICAL_PHONES[name]] if name in VISEMES else []
    else:
        plain = name.lower().rstrip("012")
        plain = "ax" if name.lower() == "ah0" else plain
        names = [plain] if plain in SHAPES else []
    if not names:
        allowed = {"ipa": "a letter of the IPA", "viseme": ", ".join(VISEMES), "arpabet": ", ".join(SHAPES)}[notation]
        raise InputError(f"phone {number}", name, allowed, 'Correct it, or the "notation".')
    return names


def _start_of(data: dict[str, Any]) -> float | None:
    start = data.get("start")
    if start is None:
        return None
    if not _is_number(start) or not 0.0 <= start < 1e11:
        raise InputError("start of a phone message", start, "a ROS time in seconds", "Correct it, or leave it out.")
    return float(start)


def _is_number(value: Any) -> bool:
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return is_number and abs(value) < 1e300 and math.isfinite(value)


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is no number")
