"""Rounded frame times stand for the usual rate, if sound and motion agree better then."""

import numpy as np
import pytest

from speech_gesture_ros.datasets.frame_rate import with_usual_rate
from speech_gesture_ros.datasets.source_motion import SourceMotion


def motion(text: str, seconds: float, rate: float) -> SourceMotion:
    """A motion of a length at a true rate, whose file states a frame time."""
    step = 10.0 ** -len(text.partition(".")[2])
    count = round(seconds * rate)
    return SourceMotion(("a",), np.array([-1]), np.zeros((count, 1, 3)), 1 / float(text), frame_time_step_s=step)


@pytest.mark.parametrize(("text", "rate"), [
    ("0.033", 30.0), ("0.0333", 30.0), ("0.03", 30.0), ("0.04", 24.0), ("0.042", 24.0), ("0.0417", 24.0),
    ("0.041", 24.0), ("0.017", 60.0), ("0.016", 60.0), ("0.008", 120.0), ("0.0083", 120.0), ("0.067", 15.0),
    ("0.033", 30 / 1.001), ("0.0167", 60 / 1.001)])
def test_ten_minutes_with_a_rounded_frame_time_are_in_time_with_the_sound(text: str, rate: float) -> None:
    found = with_usual_rate(motion(text, 600.0, rate), 600.1)
    assert abs(found.seconds - 600.0) < 0.1
    assert "stands for" in found.notes[-1]


@pytest.mark.parametrize(("text", "rate", "sound_s"), [
    ("0.033", 1 / 0.033, 600.0),  # exact
    ("0.033", 30.0, 590.0),  # no rate agrees with the sound
    ("0.04", 25.0, 600.3),
    ("0.0333333", 30.0, 600.2),  # the same to the last frame
    ("0.021", 1 / 0.021, 600.0),  # no usual rate
])
def test_other_frame_times_are_taken_as_they_are(text: str, rate: float, sound_s: float) -> None:
    given = motion(text, 600.0, rate)
    assert with_usual_rate(given, sound_s) is given


def test_an_exact_rate_of_another_reader_is_never_changed() -> None:
    exact = SourceMotion(("a",), np.array([-1]), np.zeros((18182, 1, 3)), 1 / 0.033)
    assert with_usual_rate(exact, 606.07) is exact
