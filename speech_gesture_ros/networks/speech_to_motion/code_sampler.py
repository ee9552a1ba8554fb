"""Which gesture comes when: a seeded sequence of code segments with jittered lengths, addressed by pose frame.

    code       |  7   |     20     |   3   | ...      segment s is a function of (seed, s) and the segment before it,
    next_code  | 7 20 | 20       3 | 3  12 |          so the sequence never depends on how it is asked for;
    phase      0 .... 0 .......... 0 ..... 0          the next code is announced shortly before it comes
    remaining  1.6 .. 2.8 ........ 1.3 ... .          time until the next segment [s]
    variation  [.3 -.7 ...] [-.1 .8 ...] ...          how this segment differs from others of its code

What a speaker gestures is not in the sound of the voice; asked to guess it, a network answers with the average of all
gestures. So the choice is an input, made here. Only the segment at hand is kept: memory is constant.

A user's wishes enter as weights of the codes and as activity. Weights count from the first code on that has not been
announced; activity from the next frame on. Both are part of the history: same seed and same wishes, same sequence.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.controls import GestureControls
from speech_gesture_ros.core.errors import ConfigError
from speech_gesture_ros.core.rates import POSE_RATE

BOTH_LESS = 0.75  # share by which two-handed codes become rarer for someone who uses one hand only
POSTURE_SEGMENTS = 8
_NO_VARIATION = np.zeros((0, 0), np.float32)
_FULL = np.ones(0, np.float32)


@dataclass(frozen=True)
class CodeProcess:
    """The process that codes are drawn from; belongs to a bundle, because the network was trained under it.

    Codes come in mirror pairs (2 n, 2 n + 1) if `mirrored`: a code is then never followed by its own mirror image.

    Attributes:
        names: What each code looks like.
        segment_s: Shortest and longest segment [s].
        mirrored: Whether codes 2 n and 2 n + 1 are mirror images: the even one is led by the right hand.
        families: Family of each code, for the user to choose by; empty if there are none.
        one_handed: Codes in which one hand does nearly everything.
        variations: Names of the columns of the variation, each in [-1, 1] and drawn anew for each segment.
        postures: How many of the last of them change only about every `POSTURE_SEGMENTS` segments.
        announce_s: How long before it comes the next code is known [s]; the whole segment if it is shorter.
        frequencies: How often each code is drawn, relative to the others; empty if all alike.
    """

    names: tuple[str, ...]
    segment_s: tuple[float, float] = (1.2, 3.0)
    mirrored: bool = True
    families: tuple[str, ...] = ()
    one_handed: tuple[int, ...] = ()
    variations: tuple[str, ...] = ()
    postures: int = 0
    announce_s: float = 1e9
    frequencies: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        if len(self.names) < (4 if self.mirrored else 2):
            raise ConfigError("number of codes", len(self.names), "at least 4 (2 if not mirrored)", "Add codes.")
        if self.mirrored and len(self.names) % 2:
            raise ConfigError("number of mirrored codes", len(self.names), "even", "Add the missing mirror image.")
        low, high = self.segment_s
        if not 1.0 / POSE_RATE <= low <= high:
            raise ConfigError("segment_s", self.segment_s, "0 < shortest <= longest", "Swap or widen the bounds.")
        if self.families and len(self.families) != len(self.names):
            raise ConfigError("families", len(self.families), f"one for each of {len(self.names)} codes, or none",
                              "Name the family of every code.")
        if any(not 0 <= code < len(self.names) for code in self.one_handed):
            raise ConfigError("one_handed", self.one_handed, f"codes 0 to {len(self.names) - 1}", "Correct them.")
        if not 0 <= self.postures <= len(self.variations):
            raise ConfigError("postures", self.postures, f"0 to {len(self.variations)}, the number of variations",
                              "Correct it.")
        if self.frequencies and (len(self.frequencies) != len(self.names) or min(self.frequencies) < 0
                                 or sum(self.frequencies) <= 0):
            raise ConfigError("frequencies", self.frequencies, f"{len(self.names)} values >= 0, not all 0, or none",
                              "Give one for every code.")
        if not self.announce_s > 0:
            raise ConfigError("announce_s", self.announce_s, "above 0 s", "Announce codes before they come.")

    def length_bounds(self) -> tuple[int, int]:
        """Shortest and longest segment [pose frames]."""
        return round(self.segment_s[0] * POSE_RATE), round(self.segment_s[1] * POSE_RATE)

    def weights(self, controls: GestureControls) -> npt.NDArray[np.float64]:
        """(codes,) relative frequency of each code under a user's wishes.

        Raises:
            ConfigError: If a style is no family of this process, or the wishes leave no code.
        """
        unknown = sorted({name for name, _ in controls.styles} - set(self.families))
        if unknown:
            raise ConfigError("styles", unknown, f"families of the model: {sorted(set(self.families))}",
                              "Use one of these names.")
        styles = dict(controls.styles)
        weights = np.array([styles.get(family, 1.0) for family in self.families or [""] * len(self.names)])
        weights *= self.frequencies or 1.0
        if self.mirrored and controls.handedness:
            side = controls.handedness
            weights[0::2] *= 1.0 + side
            weights[1::2] *= 1.0 - side
            both = np.ones(len(weights), dtype=bool)
            both[list(self.one_handed)] = False
            weights[both] *= 1.0 - BOTH_LESS * abs(side)
        if weights.sum() <= 0:
            raise ConfigError("styles and handedness", controls, "wishes that leave a code", "Raise a weight.")
        return np.asarray(weights)


@dataclass(frozen=True)
class CodeFrames:
    """Codes of T consecutive pose frames.

    Attributes:
        code: (T,) active code.
        next_code: (T,) code of the segment after it once it is announced, until then the active one.
        phase: (T,) [0, 1) through the active segment.
        remaining: (T,) time until the next segment [s].
        variation: (T, V) of the active segment, in [-1, 1]; without columns if not given.
        activity: (T,) how lively, 0 rests; 1 if not given.
    """

    code: npt.NDArray[np.int64]
    next_code: npt.NDArray[np.int64]
    phase: npt.NDArray[np.float32]
    remaining: npt.NDArray[np.float32]
    variation: npt.NDArray[np.float32] = field(default_factory=lambda: _NO_VARIATION)
    activity: npt.NDArray[np.float32] = field(default_factory=lambda: _FULL)

    def __post_init__(self) -> None:
        if len(self.variation) != len(self.code):
            object.__setattr__(self, "variation", np.zeros((len(self.code), 0), np.float32))
        if len(self.activity) != len(self.code):
            object.__setattr__(self, "activity", np.ones(len(self.code), np.float32))

    def __len__(self) -> int:
        return len(self.code)


@dataclass
class _Segment:
    index: int
    start: int
    length: int
    code: int
    next_code: int
    variation: npt.NDArray[np.float32]


class CodeSampler:
    """Draws codes for consecutive pose frames.

    Args:
        process: What is drawn from.
        seed: Same seed, same sequence.
        weights: Relative frequency of each code, None for the process's own; 0 never chooses it.

    Raises:
        ConfigError: If the weights do not fit the codes or leave nothing to choose from.
    """

    def __init__(self, process: CodeProcess, seed: int, weights: npt.NDArray[np.floating] | None = None) -> None:
        self.process, self.seed = process, seed
        self._weights = self._checked(process.weights(GestureControls()) if weights is None else weights)
        self.activity = 1.0
        self.reset()

    def reset(self) -> None:
        """Go back to frame 0; the user's wishes stay."""
        first = int(self._random(-1).choice(len(self._weights), p=self._weights / self._weights.sum()))
        # The stream starts somewhere inside a segment, like any cut from a longer one.
        self._segment = self._draw(0, 0, first, None)
        self._segment.start = -int(self._random(-2).integers(0, self._segment.length))
        self._frame = 0

    def set_controls(self, controls: GestureControls) -> None:
        """Choose by a user's wishes from now on: activity at once, codes from the first that is not announced."""
        self.set_weights(self.process.weights(controls))
        self.activity = controls.activity

    def set_weights(self, weights: npt.NDArray[np.floating]) -> None:
        """Change the relative frequency of the codes from the first one on that has not been announced."""
        self._weights = self._checked(weights)
        segment = self._segment
        if segment.start + segment.length - self._frame > self._announce_frames():
            segment.next_code = self._choose(self._random(segment.index), segment.code)

    def take(self, count: int) -> CodeFrames:
        """The codes of the next `count` pose frames."""
        frames = CodeFrames(np.empty(count, np.int64), np.empty(count, np.int64),
                            np.empty(count, np.float32), np.empty(count, np.float32),
                            np.empty((count, len(self.process.variations)), np.float32),
                            np.full(count, self.activity, np.float32))
        done = 0
        while done < count:
            segment = self._segment
            passed = self._frame - segment.start
            part = slice(done, min(count, done + segment.length - passed))
            within = passed + np.arange(part.stop - part.start)
            left = segment.length - within
            frames.code[part] = segment.code
            frames.next_code[part] = np.where(left <= self._announce_frames(), segment.next_code, segment.code)
            frames.phase[part] = within / segment.length
            frames.remaining[part] = left / POSE_RATE
            frames.variation[part] = segment.variation
            self._frame += len(within)
            done = part.stop
            if self._frame == segment.start + segment.length:
                self._segment = self._draw(segment.index + 1, self._frame, segment.next_code, segment.variation)
        return frames

    def _checked(self, weights: npt.NDArray[np.floating]) -> npt.NDArray[np.float64]:
        chosen, count = np.asarray(weights, dtype=np.float64), len(self.process.names)
        if chosen.shape != (count,) or not np.all(np.isfinite(chosen)) or chosen.min() < 0 or chosen.sum() <= 0:
            raise ConfigError("code weights", chosen.tolist(), f"{count} values >= 0, not all 0", "Correct them.")
        return chosen

    def _announce_frames(self) -> float:
        return self.process.announce_s * POSE_RATE

    def _random(self, index: int) -> np.random.Generator:
        return np.random.Generator(np.random.Philox(key=[self.seed % 2**63, index % 2**63]))

    def _choose(self, random: np.random.Generator, code: int) -> int:
        weights = self._weights.copy()
        same = code // 2 * 2 if self.process.mirrored else code
        weights[same:same + (2 if self.process.mirrored else 1)] = 0.0
        if weights.sum() == 0:  # the user left one gesture only
            weights = self._weights
        return int(random.choice(len(weights), p=weights / weights.sum()))

    def _draw(self, index: int, start: int, code: int, before: npt.NDArray[np.float32] | None) -> _Segment:
        low, high = self.process.length_bounds()
        random = self._random(index)
        following, length = self._choose(random, code), int(random.integers(low, high + 1))
        variation = random.uniform(-1.0, 1.0, len(self.process.variations)).astype(np.float32)
        if before is not None and random.random() > 1.0 / POSTURE_SEGMENTS:
            kept = len(variation) - self.process.postures
            variation[kept:] = before[kept:]
        return _Segment(index, start, length, code, following, variation)
