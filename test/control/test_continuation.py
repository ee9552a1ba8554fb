"""When a robot that is told by goals needs the next one."""

from __future__ import annotations

import numpy as np
import pytest

from speech_gesture_ros.control.command_stream import sample
from speech_gesture_ros.control.continuation import agreement_ns, is_due
from speech_gesture_ros.control.stopping import stop_window
from speech_gesture_ros.core.timebase import NS
from speech_gesture_ros.core.window import Window

MARGIN_NS = NS // 10


def test_until_they_part_both_windows_say_the_same_and_after_it_they_do_not(published):
    for k in range(20, 60, 7):
        sent, newest = published[k][1], published[k + 3][1]
        part_ns = agreement_ns(sent, newest)
        assert part_ns is not None
        for t in range(newest.stamp_ns, part_ns + 1, NS // 200):
            np.testing.assert_allclose(sample(sent, t)[0], sample(newest, t)[0], atol=1e-9)
        later = [np.abs(sample(sent, part_ns + d)[0] - sample(newest, part_ns + d)[0]).max()
                 for d in range(0, NS, NS // 50)]
        assert max(later) > 1e-6


def test_a_window_never_parts_from_itself_nor_from_its_rest(published):
    window = published[30][1]
    assert agreement_ns(window, window) is None
    longer = Window(window.start_index, window.stamp_ns, np.vstack([window.positions, window.positions[-1:]]),
                    np.vstack([window.velocities, 0 * window.velocities[-1:]]))
    assert agreement_ns(window, longer) is None
    assert agreement_ns(longer, window) is None


def test_windows_of_another_stream_part_at_once(published):
    window = published[30][1]
    other = Window(window.start_index, window.stamp_ns + 9_000_000, window.positions, window.velocities)
    assert agreement_ns(window, other) == other.stamp_ns


def test_goals_that_are_sent_when_due_leave_no_gap_and_are_few(published):
    sent, goals, followed, wanted = None, 0, [], []
    for k, (now_ns, window) in enumerate(published):
        if is_due(sent, window, now_ns, MARGIN_NS):
            sent, goals = window, goals + 1
        until_ns = published[k + 1][0] if k + 1 < len(published) else now_ns
        for t in range(now_ns, until_ns, NS // 200):
            followed.append(sample(sent, t)[0])
            wanted.append(sample(window, t)[0])
    np.testing.assert_allclose(followed, wanted, atol=1e-9)
    seconds = (published[-1][0] - published[0][0]) / NS
    assert goals / seconds < 4, "half a second ahead is two or three goals a second"


def test_a_stop_is_due_at_once(published):
    now_ns, window = published[40]
    assert not is_due(window, window, now_ns, MARGIN_NS)
    stop = stop_window(window, now_ns)
    assert stop is not None
    assert is_due(window, stop, now_ns, MARGIN_NS)


@pytest.mark.parametrize("k", [0, 40])
def test_the_first_goal_is_always_due(published, k):
    now_ns, window = published[k]
    assert is_due(None, window, now_ns, MARGIN_NS)
