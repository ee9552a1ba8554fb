"""Splits: all three are used, added files change no other split, cuts in time leave a gap."""

import pytest

from speech_gesture_ros.core.errors import InputError
from speech_gesture_ros.datasets.splits import GUARD_S, draw_splits, time_blocks


@pytest.mark.parametrize("count", [3, 4, 10, 200])
@pytest.mark.parametrize("seed", range(5))
def test_every_split_is_used(count, seed):
    splits = draw_splits([f"speaker {i}" for i in range(count)], seed)
    assert set(splits.values()) == {"train", "validation", "test"}
    if count == 200:
        counts = [sum(v == s for v in splits.values()) for s in ("train", "validation", "test")]
        assert 130 <= counts[0] <= 185
        assert min(counts[1:]) >= 8


def test_added_speakers_change_no_other_split():
    before = draw_splits([f"speaker {i}" for i in range(60)], seed=1)
    after = draw_splits([f"speaker {i}" for i in range(90)][::-1], seed=1)
    assert all(after[name] == split for name, split in before.items())
    assert draw_splits([f"speaker {i}" for i in range(60)], seed=2) != before


def test_requested_splits_are_used():
    names = ["ada", "ben", "cleo", "dan"]
    assert draw_splits(names, 0, given={"ada": "test", "ben": "test"})["ada"] == "test"
    with pytest.raises(InputError, match="zoe"):
        draw_splits(names, 0, given={"zoe": "test"})
    with pytest.raises(InputError, match="at least 3"):
        draw_splits(["ada", "ada", "ben"], 0)


def test_time_blocks_leave_a_gap():
    blocks = time_blocks(100.0, 4.0)
    assert blocks["train"][0] == 0.0
    assert blocks["test"][1] == 100.0
    assert blocks["validation"][0] - blocks["train"][1] == pytest.approx(2 * GUARD_S)
    assert time_blocks(20.0, 4.0) == {"train": (0.0, 20.0)}
    assert blocks["test"][0] - blocks["validation"][1] == pytest.approx(2 * GUARD_S)
