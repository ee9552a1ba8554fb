"""Time at which a robot with an action interface needs the next goal."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from speech_gesture_ros.control.command_stream import sample
from speech_gesture_ros.control.continuation import GRID_TOLERANCE_NS, agreement_ns, is_due, latest_arrival_ns
from speech_gesture_ros.control.stopping import stop_window
from speech_gesture_ros.core.rates import KNOT_RATE
from speech_gesture_ros.core.timebase import NS
from speech_gesture_ros.core.window import Window

MARGIN_NS = NS // 10


def rest_window(stamp_ns: int, length: int, q: float = 0.0) -> Window:
    return Window(0, stamp_ns, np.full((length, 1), q), np.zeros((length, 1)))


def test_up_to_the_agreement_both_windows_are_equal_and_after_it_they_differ(published):
    for k in range(20, 60, 7):
        sent, newest = published[k][1], published[k + 3][1]
        agree_until_ns = agreement_ns(sent, newest)
        assert agree_until_ns is not None
        for t in range(newest.stamp_ns, agree_until_ns + 1, NS // 200):
            np.testing.assert_allclose(sample(sent, t)[0], sample(newest, t)[0], atol=1e-9)
        later = [np.abs(sample(sent, agree_until_ns + d)[0] - sample(newest, agree_until_ns + d)[0]).max()
                 for d in range(0, NS, NS // 50)]
        assert max(later) > 1e-6


def test_a_window_agrees_with_itself_and_with_a_longer_rest_to_the_end(published):
    window = published[30][1]
    assert agreement_ns(window, window) is None
    longer = Window(window.start_index, window.stamp_ns, np.vstack([window.positions, window.positions[-1:]]),
                    np.vstack([window.velocities, 0 * window.velocities[-1:]]))
    assert agreement_ns(window, longer) is None
    assert agreement_ns(longer, window) is None


def test_windows_of_different_streams_agree_up_to_the_begin_of_the_newer(published):
    window = published[30][1]
    other = Window(window.start_index, window.stamp_ns + 9_000_000, window.positions, window.velocities)
    assert agreement_ns(window, other) == other.stamp_ns


def test_goals_sent_when_due_follow_the_windows_exactly_and_are_few(published):
    sent, goals, followed, expected = None, 0, [], []
    for k, (now_ns, window) in enumerate(published):
        if is_due(sent, window, now_ns, MARGIN_NS):
            sent, goals = window, goals + 1
        until_ns = published[k + 1][0] if k + 1 < len(published) else now_ns
        for t in range(now_ns, until_ns, NS // 200):
            followed.append(sample(sent, t)[0])
            expected.append(sample(window, t)[0])
    np.testing.assert_allclose(followed, expected, atol=1e-9)
    seconds = (published[-1][0] - published[0][0]) / NS
    assert goals / seconds < 4, "with windows half a second ahead, two or three goals a second are enough"


def test_a_stop_window_is_due_at_once(published):
    now_ns, window = published[40]
    assert not is_due(window, window, now_ns, MARGIN_NS)
    stop = stop_window(window, now_ns)
    assert stop is not None
    assert is_due(window, stop, now_ns, MARGIN_NS)


@pytest.mark.parametrize("k", [0, 40])
def test_the_first_goal_is_always_due(published, k):
    now_ns, window = published[k]
    assert is_due(None, window, now_ns, MARGIN_NS)


@pytest.mark.parametrize("changed", ["sent", "newest"])
@pytest.mark.parametrize("extra_rows", [0, 3])
@pytest.mark.parametrize("later_rows", [-4, 0, 4])
def test_a_difference_in_the_last_row_alone_ends_the_agreement_one_knot_before(published, changed, extra_rows,
                                                                               later_rows):
    """The changed window is longer by rows at rest, the last of them elsewhere; the newest begins later or earlier."""
    same = published[30][1]
    positions = np.vstack([same.positions, np.repeat(same.positions[-1:], extra_rows, axis=0)])
    velocities = np.vstack([same.velocities, np.zeros((extra_rows, 2))])
    positions[-1, 1] += 0.01
    other = Window(same.start_index, same.stamp_ns, positions, velocities)
    before_last_ns = same.stamp_ns + (len(other) - 2) * NS // KNOT_RATE
    sent, newest = (other, same) if changed == "sent" else (same, other)
    sent, newest = from_row(sent, max(0, -later_rows)), from_row(newest, max(0, later_rows))
    assert agreement_ns(sent, newest) == before_last_ns


def from_row(window: Window, row: int) -> Window:
    return Window(window.start_index + row, window.stamp_ns + row * NS // KNOT_RATE, window.positions[row:],
                  window.velocities[row:])


def test_windows_that_differ_in_the_first_common_row_agree_until_the_knot_before_it(published):
    sent = published[30][1]
    newest = Window(sent.start_index, sent.stamp_ns, sent.positions + np.eye(1, 2) * 0.01, sent.velocities)
    assert agreement_ns(sent, newest) == newest.stamp_ns - NS // KNOT_RATE


@pytest.mark.parametrize(("offset_ns", "agrees"), [(GRID_TOLERANCE_NS, True), (GRID_TOLERANCE_NS + 1, False)])
def test_stamps_a_quarter_knot_apart_at_most_are_on_the_same_grid(published, offset_ns, agrees):
    window = published[30][1]
    shifted = Window(window.start_index, window.stamp_ns + offset_ns, window.positions, window.velocities)
    assert (agreement_ns(window, shifted) is None) == agrees


def test_a_window_may_arrive_until_its_last_common_knot_or_its_end():
    window = rest_window(begin_ns := 100 * NS, 40)
    other = replace(window, positions=window.positions.copy())
    other.positions[20:] = 0.1
    assert latest_arrival_ns(window, other, begin_ns) == begin_ns + 19 * NS // KNOT_RATE
    assert latest_arrival_ns(window, window, begin_ns) == begin_ns + 39 * NS // KNOT_RATE


def test_a_robot_that_stands_may_be_late_by_the_rest_at_the_begin_of_a_window():
    window = rest_window(begin_ns := 100 * NS, 40)
    window.positions[5:] = 0.1
    over = rest_window(begin_ns - NS, 20, 0.7)
    expected_ns = begin_ns + 4 * NS // KNOT_RATE
    assert latest_arrival_ns(None, window, begin_ns) == expected_ns
    assert latest_arrival_ns(over, window, begin_ns) == expected_ns, "a window that is over counts as rest"
