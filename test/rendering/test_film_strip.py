"""Film strips are drawn for one motion and for two beside each other."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from speech_gesture_ros.core.skeleton import load_skeleton

pytest.importorskip("matplotlib")

from speech_gesture_ros.rendering.film_strip import draw_film_strip


def size_of(path: Path) -> tuple[int, int]:
    data = path.read_bytes()
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    return int.from_bytes(data[16:20], "big"), int.from_bytes(data[20:24], "big")


def test_a_second_motion_gets_lines_of_its_own(tmp_path: Path) -> None:
    still = np.repeat(load_skeleton().rest_xyz[None], 60, axis=0)
    draw_film_strip(tmp_path / "a" / "one.png", {"model": still}, load_skeleton(), seconds=2.0)
    draw_film_strip(tmp_path / "two.png", {"model": still, "person": still}, load_skeleton(), seconds=2.0)
    one, two = size_of(tmp_path / "a" / "one.png"), size_of(tmp_path / "two.png")
    assert one[0] == two[0]
    assert two[1] == pytest.approx(2 * one[1], abs=2)
