from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from speech_gesture_ros.agent.memory import settle_memory


@pytest.fixture(autouse=True)
def thaw() -> Iterator[None]:
    yield
    gc.unfreeze()


def test_what_was_loaded_is_not_looked_through_again_and_what_comes_after_is_collected() -> None:
    settle_memory()
    assert gc.get_freeze_count() > 10_000
    loop: list[object] = []
    loop.append(loop)
    del loop
    assert gc.collect() > 0
