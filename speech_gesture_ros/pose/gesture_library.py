r"""Gestures that have a name: keyframes about the instant that belongs on the word.

        wrist                  stroke                     t = 0 is that instant: the lowest point of a nod, the
          |            ______/¯¯¯¯¯¯¯¯¯\                  fastest point of a stroke
          |           /  first        last key
          |  base ___/                    \___ base
          +---------|-------|---|-------|-----|----► t [s]
                 prepare_s      0         retract_s

A gesture is written for the right hand, in `config/gestures.yaml`; the left one is its mirror image. Between keys the
body moves at minimum jerk (Flash & Hogan 1985), from rest to rest; before the first key it comes from, and after the
last it returns to, whatever else the stream does.

Axes of one arm are (forward, outward, up), outward away from the midline, so that both arms read alike.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from speech_gesture_ros.core.assets import resolve
from speech_gesture_ros.core.errors import ConfigError
from speech_gesture_ros.core.yaml_config import from_mapping, load_yaml

Triple = tuple[float, float, float]
SIDES = ("left", "right", "both")
MAX_REPETITIONS = 10


@dataclass(frozen=True)
class ArmKey:
    """One arm at one time.

    Attributes:
        t: Time after the instant on the word [s].
        wrist: Place from its own shoulder, (forward, outward, up) in arm lengths, in the frame of the chest.
        hand: Direction in which the hand points, same axes; need not be unit length.
        palm: Direction in which the palm looks, same axes.
        elbow: How far the elbow is lifted outwards from where it hangs [deg].
    """

    t: float
    wrist: Triple
    hand: Triple
    palm: Triple
    elbow: float = 0.0


@dataclass(frozen=True)
class TurnKey:
    """Head or torso at one time, from where the stream has it: (towards the leading side, down, sideways) [deg].

    Attributes:
        t: Time after the instant on the word [s].
        turn: Yaw towards the leading hand, pitch down or forward, roll towards the leading hand [deg].
    """

    t: float
    turn: Triple


@dataclass(frozen=True)
class LiftKey:
    """Both shoulders at one time: lifted by an angle at the breastbone [deg]."""

    t: float
    lift: float


@dataclass(frozen=True)
class NamedGesture:
    """One gesture.

    Attributes:
        meaning: What it says, and when one makes it.
        on_word: What falls on the word, in words.
        side: Hand that leads unless asked otherwise.
        sides: Hands that may be asked for.
        prepare_s: From the stream to the first key [s].
        retract_s: From the last key back [s].
        arm: Keys of the leading arm, or of both if `side` is "both".
        other: Keys of the other arm in a gesture of two unlike arms.
        head: Keys of the head; begin and end with no turn.
        torso: Keys of the torso; begin and end with no turn.
        shoulders: Keys of the shoulders; begin and end with no lift.
        hold: Time at which the pose is held [s]: a longer or shorter duration is put in there.
        cycle: Stretch of time that is repeated [s], where there is one: a longer duration is more of it. Every track
            has a key at both ends.
        repetitions: How often the stretch is done.
    """

    meaning: str
    on_word: str
    side: str = "right"
    sides: tuple[str, ...] = SIDES
    prepare_s: float = 0.45
    retract_s: float = 0.6
    arm: tuple[ArmKey, ...] = ()
    other: tuple[ArmKey, ...] = ()
    head: tuple[TurnKey, ...] = ()
    torso: tuple[TurnKey, ...] = ()
    shoulders: tuple[LiftKey, ...] = ()
    hold: float = 0.3
    cycle: tuple[float, float] | None = None
    repetitions: int = 1

    def __post_init__(self) -> None:
        if self.side not in self.sides or not set(self.sides) <= set(SIDES):
            raise ConfigError("side of a gesture", (self.side, self.sides), f"among {SIDES}", "Correct the gesture.")
        tracks = (self.arm, self.other, self.head, self.torso, self.shoulders)
        for keys in tracks:
            times = [key.t for key in keys]
            if times != sorted(set(times)):
                raise ConfigError("times of a gesture's keys", times, "rising", "Correct the gesture.")
            if keys and self.cycle and not set(self.cycle) <= set(times):
                raise ConfigError("times of a gesture's keys", times, f"to include its cycle, {self.cycle}",
                                  "Give every track a key at both ends.")
        for first, last in ((keys[0], keys[-1]) for keys in (self.head, self.torso) if keys):
            if any((*first.turn, *last.turn)):
                raise ConfigError("first and last turn", (first.turn, last.turn), "none",
                                  "Begin and end in the stream.")
        if not any(tracks):
            raise ConfigError("keys of a gesture", 0, "at least one", "Say what it does.")


@dataclass(frozen=True)
class GestureFile:
    """All gestures of a file, by name."""

    gestures: dict[str, NamedGesture]


@lru_cache(maxsize=4)
def load_gestures(reference: str | Path = "gestures.yaml") -> dict[str, NamedGesture]:
    """Gestures of a file, by path or by name in config/; read once.

    Raises:
        ConfigError: If the file is missing or a gesture is not well formed.
    """
    path = resolve(reference, "config")
    return from_mapping(GestureFile, load_yaml(path), str(path)).gestures
