"""Gesture codes for each pose frame: a seeded sequence of segments with random lengths.

    code       |  7   |     20     |   3   | ...      segment s is a function of (seed, s) and the segment before it,
    next_code  | 7 20 | 20       3 | 3  12 |          so the sequence does not depend on the chunks it is read in;
    phase      0 .... 0 .......... 0 ..... 0          the next code is announced shortly before its segment begins
    remaining  1.6 .. 2.8 ........ 1.3 ... .          time until the next segment [s]
    variation  [.3 -.7 ...] [-.1 .8 ...] ...          difference of this segment from others of its code

The sound of a voice does not determine the gesture; a network that has to predict it gives the average of all gestures.
So the choice is an input, drawn here. Only the current segment is kept: memory is constant.

Controls enter as weights of the codes and as activity. Weights apply from the first code on that is not announced yet;
activity from the next frame on. Both are part of the history: same seed and same controls, same sequence.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.controls import GestureControls
from speech_gesture_ros.core.errors import ConfigError
from speech_gesture_ros.core.rates import POSE_RATE

TWO_HANDED_REDUCTION = 0.75  # share by which two-handed codes become rarer at handedness -1 or 1
SLOW_VARIATION_SEGMENTS = 8  # mean number of segments between two changes of a slow variation
_NO_VARIATION = np.zeros((0, 0), np.float32)
_USUAL_ACTIVITY = np.ones(0, np.float32)


@dataclass(frozen=True)
class CodeProcess:
    """Random process that codes are drawn from; part of a bundle, because the network was trained with it.

    Codes come in mirror pairs (2 n, 2 n + 1) if `mirrored`: a code is then never followed by its own mirror image.

    Attributes:
        names: Name of the gesture of each code.
        segment_s: Shortest and longest segment [s].
        mirrored: True if codes 2 n and 2 n + 1 are mirror images; in the even one the right hand leads.
        families: Family of each code, which `styles` of the controls weight; empty if there are none.
        one_handed: Codes in which nearly all motion is of one hand.
        variations: Names of the columns of the variation, each in [-1, 1] and drawn for each segment.
        slow_variations: Number of the last of them that change every `SLOW_VARIATION_SEGMENTS` segments on average.
        announce_s: Time before a segment at which its code is announced [s]; the whole segment before if it is
            shorter.
        frequencies: Relative frequency of each code; empty if all are equal.
    """

    names: tuple[str, ...]
    segment_s: tuple[float, float] = (1.2, 3.0)
    mirrored: bool = True
    families: tuple[str, ...] = ()
    one_handed: tuple[int, ...] = ()
    variations: tuple[str, ...] = ()
    slow_variations: int = 0
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
        if not 0 <= self.slow_variations <= len(self.variations):
            raise ConfigError("slow_variations", self.slow_variations,
                              f"0 to {len(self.variations)}, the number of variations", "Correct it.")
        if self.frequencies and (len(self.frequencies) != len(self.names) or min(self.frequencies) < 0
                                 or sum(self.frequencies) <= 0):
            raise ConfigError("frequencies", self.frequencies, f"{len(self.names)} values >= 0, not all 0, or none",
                              "Give one for every code.")
        if not self.announce_s > 0:
            raise ConfigError("announce_s", self.announce_s, "above 0 s", "Announce codes before their segment.")

    def length_bounds(self) -> tuple[int, int]:
        """Shortest and longest segment [pose frames]."""
        return round(self.segment_s[0] * POSE_RATE), round(self.segment_s[1] * POSE_RATE)

    def weights(self, controls: GestureControls) -> npt.NDArray[np.float64]:
        """Compute the relative frequency of each code under the controls, (codes,).

        Raises:
            ConfigError: If a style is no family of this process, or no code has a weight above 0.
        """
        unknown = sorted({name for name, _ in controls.styles} - set(self.families))
        if unknown:
            raise ConfigError("styles", unknown, f"families of the model: {sorted(set(self.families))}",
                              "Use one of these names.")
        styles = dict(controls.styles)
        weights = np.array([styles.get(family, 1.0) for family in self.families or [""] * len(self.names)])
        weights *= self.frequencies or 1.0
        if self.mirrored and controls.handedness:
            handedness = controls.handedness
            weights[0::2] *= 1.0 + handedness
            weights[1::2] *= 1.0 - handedness
            two_handed = np.ones(len(weights), dtype=bool)
            two_handed[list(self.one_handed)] = False
            weights[two_handed] *= 1.0 - TWO_HANDED_REDUCTION * abs(handedness)
        if weights.sum() <= 0:
            raise ConfigError("styles and handedness", controls, "such that a code has a weight above 0",
                              "Raise a weight.")
        return np.asarray(weights)


@dataclass(frozen=True)
class CodeFrames:
    """Codes of T consecutive pose frames.

    Attributes:
        code: (T,) active code.
        next_code: (T,) code of the segment after it once that is announced, before that the active one.
        phase: (T,) [0, 1) through the active segment.
        remaining: (T,) time until the next segment [s].
        variation: (T, V) of the active segment, in [-1, 1]; without columns if not given.
        activity: (T,) 0 rests, 1 usual; 1 if not given.
    """

    code: npt.NDArray[np.int64]
    next_code: npt.NDArray[np.int64]
    phase: npt.NDArray[np.float32]
    remaining: npt.NDArray[np.float32]
    variation: npt.NDArray[np.float32] = field(default_factory=lambda: _NO_VARIATION)
    activity: npt.NDArray[np.float32] = field(default_factory=lambda: _USUAL_ACTIVITY)

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
    """Source of codes for consecutive pose frames.

    Args:
        process: Process that they are drawn from.
        seed: Same seed, same sequence.

    Attributes:
        activity: Of the next frames, 0 rests, 1 usual.
    """

    def __init__(self, process: CodeProcess, seed: int) -> None:
        self.process, self.seed = process, seed
        self._weights = process.weights(GestureControls())
        self.activity = 1.0
        self.reset()

    def reset(self) -> None:
        """Go back to frame 0; the controls stay."""
        first = int(self._random(-1).choice(len(self._weights), p=self._weights / self._weights.sum()))
        # The stream starts inside a segment, as a cut from a longer stream would.
        self._segment = self._draw(0, 0, first, None)
        self._segment.start = -int(self._random(-2).integers(0, self._segment.length))
        self._frame = 0

    def set_controls(self, controls: GestureControls) -> None:
        """Apply controls: activity at once, weights of the codes from the first that is not announced.

        Raises:
            ConfigError: If a style is unknown, or the controls leave no code.
        """
        self._weights = self.process.weights(controls)
        self.activity = controls.activity
        segment = self._segment
        if segment.start + segment.length - self._frame > self._announce_frames():
            segment.next_code = self._choose(self._random(segment.index), segment.code)

    def take(self, count: int) -> CodeFrames:
        """Return the codes of the next `count` pose frames."""
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

    def _announce_frames(self) -> float:
        return self.process.announce_s * POSE_RATE

    def _random(self, index: int) -> np.random.Generator:
        return np.random.Generator(np.random.Philox(key=[self.seed % 2**63, index % 2**63]))

    def _choose(self, random: np.random.Generator, code: int) -> int:
        weights = self._weights.copy()
        same = code // 2 * 2 if self.process.mirrored else code
        weights[same:same + (2 if self.process.mirrored else 1)] = 0.0
        if weights.sum() == 0:  # the controls leave one gesture only
            weights = self._weights
        return int(random.choice(len(weights), p=weights / weights.sum()))

    def _draw(self, index: int, start: int, code: int, before: npt.NDArray[np.float32] | None) -> _Segment:
        low, high = self.process.length_bounds()
        random = self._random(index)
        following, length = self._choose(random, code), int(random.integers(low, high + 1))
        variation = random.uniform(-1.0, 1.0, len(self.process.variations)).astype(np.float32)
        if before is not None and random.random() > 1.0 / SLOW_VARIATION_SEGMENTS:
            kept = len(variation) - self.process.slow_variations
            variation[kept:] = before[kept:]
        return _Segment(index, start, length, code, following, variation)
