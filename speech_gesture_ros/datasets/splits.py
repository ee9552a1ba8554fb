"""Who is learnt from and who is kept for judging: whole speakers apart, as long as there are enough of them.

    three speakers or more     by speaker: no voice of the test is ever heard in training
    else three recordings      by recording
    else                       by time: the end of the recordings, with a gap that belongs to nobody

Each name is drawn by a hash of the seed and the name itself, so that added files move nobody: a name under 0.1 tests,
under 0.2 validates, above trains. Where that leaves a split empty, the lowest names fill it in this order.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping

from speech_gesture_ros.core.errors import InputError
from speech_gesture_ros.datasets.clips import SPLITS

TEST_SHARE, VALIDATION_SHARE = 0.1, 0.1
FEWEST = 3  # names that can be told apart into three splits
TIME_SHARES = {"train": (0.0, 0.7), "validation": (0.7, 0.85), "test": (0.85, 1.0)}
GUARD_S = 2.0  # on each side of a cut in time: longer than a gesture


def draw_splits(names: Iterable[str], seed: int, *, given: Mapping[str, str] | None = None) -> dict[str, str]:
    """Give each name a split; all three are used.

    Args:
        names: At least three, repeated or not.
        seed: Another one draws others.
        given: Splits that are wished, by name. Nobody else is drawn into a wished split.

    Raises:
        InputError: If there are fewer than three names, or a wish is not one of the names.
    """
    unique = sorted(set(names), key=lambda name: draw(name, seed))
    given = dict(given or {})
    if len(unique) < FEWEST:
        raise InputError("number of names to split", len(unique), f"at least {FEWEST}", "Split by something finer.")
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
    """A number in [0, 1) that belongs to a name and a seed, on every machine."""
    return int.from_bytes(hashlib.sha256(f"{seed}/{name}".encode()).digest()[:8], "big") / 2**64


def time_blocks(seconds: float, shortest_s: float) -> dict[str, tuple[float, float]]:
    """(start, stop) [s] of each split in a recording; `GUARD_S` around each cut belongs to none.

    A recording in which some block would be shorter than `shortest_s` trains as a whole.
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
