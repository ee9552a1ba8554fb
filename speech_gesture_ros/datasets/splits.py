"""Splits for training, validation and test: by speaker, as long as there are enough of them.

    three speakers or more     by speaker: no test speaker is in the training split
    else three recordings      by recording
    else                       by time: the end of the recordings, with a gap that is in no split

Each name gets a number from a hash of the seed and the name, so that added files do not change the split of others:
below 0.1 test, below 0.2 validation, above training. A split that would be empty gets the lowest names, in this order.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping

from speech_gesture_ros.core.errors import InputError
from speech_gesture_ros.datasets.clips import SPLITS

TEST_SHARE, VALIDATION_SHARE = 0.1, 0.1
MIN_NAMES = 3  # that can be divided into three splits
TIME_SHARES = {"train": (0.0, 0.7), "validation": (0.7, 0.85), "test": (0.85, 1.0)}
GUARD_S = 2.0  # on each side of a cut in time, in no split: longer than a gesture


def draw_splits(names: Iterable[str], seed: int, *, given: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return a split for each name; all three are used.

    Args:
        names: At least three different names; repetitions are ignored.
        seed: Seed of the draw.
        given: Requested splits by name. No other name is drawn into a requested split.

    Raises:
        InputError: If there are fewer than three names, or a request is for an unknown name or split.
    """
    unique = sorted(set(names), key=lambda name: draw(name, seed))
    given = dict(given or {})
    if len(unique) < MIN_NAMES:
        raise InputError("number of names to split", len(unique), f"at least {MIN_NAMES}",
                         "Split by recording or by time.")
    for name, split in given.items():
        if name not in unique or split not in SPLITS:
            raise InputError(f"split of {name!r}", split, f"one of {list(SPLITS)} for one of {sorted(unique)[:20]}",
                             "Check the spelling.")
    free = [name for name in unique if name not in given]
    splits = given | {name: _by_share(draw(name, seed)) for name in free}
    splits |= {name: "train" for name in free if splits[name] in given.values()}
    for split, order in (("test", free), ("validation", free), ("train", free[::-1])):
        if split not in splits.values():
            counts = {s: sum(v == s for v in splits.values()) for s in SPLITS}
            spare = next((n for n in order if counts[splits[n]] > 1), None)
            if spare is not None:
                splits[spare] = split
    return splits


def draw(name: str, seed: int) -> float:
    """Return a number in [0, 1) that depends on a name and a seed, the same on every machine."""
    key = f"{seed}/{name}".encode("utf-8", "surrogateescape")
    return int.from_bytes(hashlib.sha256(key).digest()[:8], "big") / 2**64


def time_blocks(seconds: float, shortest_s: float) -> dict[str, tuple[float, float]]:
    """Return (start, stop) [s] of each split in a recording; `GUARD_S` around each cut is in no split.

    A recording in which some block would be shorter than `shortest_s` is in the training split as a whole.
    """
    blocks = {}
    for split, (begin, end) in TIME_SHARES.items():
        start = begin * seconds + (GUARD_S if begin > 0 else 0.0)
        blocks[split] = (start, end * seconds - (GUARD_S if end < 1 else 0.0))
    if min(stop - start for start, stop in blocks.values()) < shortest_s:
        return {"train": (0.0, seconds)}
    return blocks


def _by_share(value: float) -> str:
    return "test" if value < TEST_SHARE else "validation" if value < TEST_SHARE + VALIDATION_SHARE else "train"
