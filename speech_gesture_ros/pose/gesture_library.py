r"""Named gestures: keyframes about the instant that is timed to the word.

        wrist                  stroke                     t = 0 is that instant: the lowest point of a nod, the
          |            ______/¯¯¯¯¯¯¯¯¯\                  fastest point of a stroke
          |           /  first        last key
          |  base ___/                    \___ base
          +---------|-------|---|-------|-----|----► t [s]
                 prepare_s      0         retract_s

A gesture is defined for the right hand, in `config/gestures.yaml`; the left one is its mirror image. Between keys the
body moves at minimum jerk (Flash & Hogan 1985), from rest to rest; before the first key it is blended in from the
stream, and after the last one it is blended out to the stream.

Axes of an arm are (forward, outward, up), with outward away from the midline, so that both arms have the same values.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from speech_gesture_ros.core.assets import resolve
from speech_gesture_ros.core.errors import ConfigError
from speech_gesture_ros.core.hand_shapes import HandShape
from speech_gesture_ros.core.yaml_config import from_mapping, load_yaml

Triple = tuple[float, float, float]
SIDES = ("left", "right", "both")
MAX_REPETITIONS = 10
SHAPES = {shape.name.lower(): shape for shape in HandShape}


@dataclass(frozen=True)
class ArmKey:
    """Key of one arm.

    Attributes:
        t: Time after the stroke instant [s].
        wrist: Position from the shoulder of the arm, (forward, outward, up) in arm lengths, in the frame of the chest.
        hand: Direction in which the hand points, same axes, any length.
        palm: Direction that the palm faces, same axes.
        elbow: Lift of the elbow outwards from its hanging position [deg].
    """

    t: float
    wrist: Triple
    hand: Triple
    palm: Triple
    elbow: float = 0.0


@dataclass(frozen=True)
class TurnKey:
    """Key of head or torso: rotation relative to the stream.

    Attributes:
        t: Time after the stroke instant [s].
        turn: Yaw towards the leading hand, pitch down or forward, roll towards the leading hand [deg].
    """

    t: float
    turn: Triple


@dataclass(frozen=True)
class LiftKey:
    """Key of both shoulders.

    Attributes:
        t: Time after the stroke instant [s].
        lift: Angle by which the clavicles are raised at the sternum [deg].
    """

    t: float
    lift: float


@dataclass(frozen=True)
class NamedGesture:
    """One gesture.

    Attributes:
        meaning: Meaning and use, for people and language models.
        on_word: Description of the instant that is timed to the word.
        side: Leading hand by default.
        sides: Hands that may be requested.
        prepare_s: Duration of the blend from the stream to the first key [s].
        retract_s: Duration of the blend from the last key back to the stream [s].
        arm: Keys of the leading arm, or of both if `side` is "both".
        other: Keys of the other arm in a gesture with two different arms.
        head: Keys of the head; begin and end with no turn.
        torso: Keys of the torso; begin and end with no turn.
        shoulders: Keys of the shoulders; begin and end with no lift.
        hold: Time at which the pose is held [s]: a longer or shorter duration is realised there.
        cycle: Beginning and end of the part that is repeated [s], if there is one: a longer duration repeats it more
            often. Every track has a key at both ends.
        repetitions: Number of cycles by default.
        fingers: Shape of the hands that make it, a name of `HandShape` in lower case; None: that of the stream.
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
    fingers: str | None = None

    def __post_init__(self) -> None:
        if self.fingers is not None and self.fingers not in SHAPES:
            raise ConfigError("fingers of a gesture", self.fingers, f"among {list(SHAPES)}", "Correct the gesture.")
        if self.side not in self.sides or not set(self.sides) <= set(SIDES):
            raise ConfigError("side of a gesture", (self.side, self.sides), f"among {SIDES}", "Correct the gesture.")
        tracks = (self.arm, self.other, self.head, self.torso, self.shoulders)
        for keys in tracks:
            times = [key.t for key in keys]
            if times != sorted(set(times)):
                raise ConfigError("times of a gesture's keys", times, "increasing", "Correct the gesture.")
            if keys and self.cycle and not set(self.cycle) <= set(times):
                raise ConfigError("times of a gesture's keys", times, f"to include its cycle, {self.cycle}",
                                  "Give every track a key at both ends.")
        for first, last in ((keys[0], keys[-1]) for keys in (self.head, self.torso) if keys):
            if any((*first.turn, *last.turn)):
                raise ConfigError("first and last turn", (first.turn, last.turn), "zero",
                                  "Begin and end without rotation.")
        if not any(tracks):
            raise ConfigError("keys of a gesture", 0, "at least one", "Add a track.")


@dataclass(frozen=True)
class GestureFile:
    """Content of a gesture file: gestures by name."""

    gestures: dict[str, NamedGesture]


@cache
def load_gestures() -> dict[str, NamedGesture]:
    """Load the named gestures of config/gestures.yaml, once.

    Raises:
        ConfigError: If the file is missing or a gesture is invalid.
    """
    path = resolve("gestures.yaml", "config")
    return from_mapping(GestureFile, load_yaml(path), str(path)).gestures
