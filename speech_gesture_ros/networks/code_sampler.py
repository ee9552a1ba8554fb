"""Which gesture comes when: a seeded sequence of code segments with jittered lengths, addressed by pose frame.

    code       |  7   |     20     |   3   | ...      segment s is a function of (seed, s) and the code before it,
    next_code  | 20   |      3     |  12   |          so the sequence never depends on how it is asked for
    phase      0 .... 0 .......... 0 ..... 0          rises to 1 through the segment
    remaining  1.6 .. 2.8 ........ 1.3 ... .          time until the next segment [s]

What a speaker gestures is not in the sound of the voice; asked to guess it, a network answers with the average of all
gestures. So the choice is an input, made here. Only the segment at hand is kept: memory is constant.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.errors import ConfigError
from speech_gesture_ros.core.rates import POSE_RATE


@dataclass(frozen=True)
class CodeProcess:
    """The process that codes are drawn from; belongs to a bundle, because the network was trained under it.

    Codes come in mirror pairs (2 n, 2 n + 1) if `mirrored`: a code is then never followed by its own mirror image.

    Attributes:
        names: What each code looks like.
        segment_s: Shortest and longest segment [s].
        mirrored: Whether codes 2 n and 2 n + 1 are mirror images.
    """

    names: tuple[str, ...]
    segment_s: tuple[float, float] = (1.2, 3.0)
    mirrored: bool = True

    def __post_init__(self) -> None:
        if len(self.names) < (4 if self.mirrored else 2):
            raise ConfigError("number of codes", len(self.names), "at least 4 (2 if not mirrored)", "Add codes.")
        if self.mirrored and len(self.names) % 2:
            raise ConfigError("number of mirrored codes", len(self.names), "even", "Add the missing mirror image.")
        low, high = self.segment_s
        if not 1.0 / POSE_RATE <= low <= high:
            raise ConfigError("segment_s", self.segment_s, "0 < shortest <= longest", "Swap or widen the bounds.")

    def length_bounds(self) -> tuple[int, int]:
        """Shortest and longest segment [pose frames]."""
        return round(self.segment_s[0] * POSE_RATE), round(self.segment_s[1] * POSE_RATE)


@dataclass(frozen=True)
class CodeFrames:
    """Codes of T consecutive pose frames.

    Attributes:
        code: (T,) active code.
        next_code: (T,) code of the segment after it.
        phase: (T,) [0, 1) through the active segment.
        remaining: (T,) time until the next segment [s].
    """

    code: npt.NDArray[np.int64]
    next_code: npt.NDArray[np.int64]
    phase: npt.NDArray[np.float32]
    remaining: npt.NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.code)


@dataclass
class _Segment:
    index: int
    start: int
    length: int
    code: int
    next_code: int


class CodeSampler:
    """Draws codes for consecutive pose frames.

    Args:
        process: What is drawn from.
        seed: Same seed, same sequence.
        weights: Relative frequency of each code, None for equal; 0 never chooses it.

    Raises:
        ConfigError: If the weights do not fit the codes or leave nothing to choose from.
    """

    def __init__(self, process: CodeProcess, seed: int, weights: npt.NDArray[np.floating] | None = None) -> None:
        count = len(process.names)
        chosen = np.ones(count) if weights is None else np.asarray(weights, dtype=np.float64)
        if chosen.shape != (count,) or not np.all(np.isfinite(chosen)) or chosen.min() < 0 or chosen.sum() <= 0:
            raise ConfigError("code weights", chosen.tolist(), f"{count} values >= 0, not all 0", "Correct them.")
        self.process, self.seed = process, seed
        self._weights = chosen
        self.reset()

    def reset(self) -> None:
        """Go back to frame 0."""
        first = int(self._random(-1).choice(len(self._weights), p=self._weights / self._weights.sum()))
        # The stream starts somewhere inside a segment, like any cut from a longer one.
        self._segment = self._draw(0, 0, first)
        self._segment.start = -int(self._random(-2).integers(0, self._segment.length))
        self._frame = 0

    def take(self, count: int) -> CodeFrames:
        """The codes of the next `count` pose frames."""
        frames = CodeFrames(np.empty(count, np.int64), np.empty(count, np.int64),
                            np.empty(count, np.float32), np.empty(count, np.float32))
        done = 0
        while done < count:
            segment = self._segment
            passed = self._frame - segment.start
            part = slice(done, min(count, done + segment.length - passed))
            within = passed + np.arange(part.stop - part.start)
            frames.code[part], frames.next_code[part] = segment.code, segment.next_code
            frames.phase[part] = within / segment.length
            frames.remaining[part] = (segment.length - within) / POSE_RATE
            self._frame += len(within)
            done = part.stop
            if self._frame == segment.start + segment.length:
                self._segment = self._draw(segment.index + 1, self._frame, segment.next_code)
        return frames

    def _random(self, index: int) -> np.random.Generator:
        return np.random.Generator(np.random.Philox(key=[self.seed % 2**63, index % 2**63]))

    def _draw(self, index: int, start: int, code: int) -> _Segment:
        random = self._random(index)
        low, high = self.process.length_bounds()
        weights = self._weights.copy()
        same = code // 2 * 2 if self.process.mirrored else code
        weights[same:same + (2 if self.process.mirrored else 1)] = 0.0
        if weights.sum() == 0:  # the user left one gesture only
            weights = self._weights
        following = int(random.choice(len(weights), p=weights / weights.sum()))
        return _Segment(index, start, int(random.integers(low, high + 1)), code, following)
