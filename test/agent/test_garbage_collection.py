from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from speech_gesture_ros.agent.garbage_collection import freeze_loaded_objects


@pytest.fixture(autouse=True)
def thaw() -> Iterator[None]:
    yield
    gc.unfreeze()


def test_loaded_objects_are_frozen_and_later_ones_are_collected() -> None:
    freeze_loaded_objects()
    assert gc.get_freeze_count() > 10_000
    loop: list[object] = []
    loop.append(loop)
    del loop
    assert gc.collect() > 0
