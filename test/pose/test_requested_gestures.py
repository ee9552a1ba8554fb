"""Requested gestures on the stream: times, conflicts, and valid motion for any sequence of requests."""

from __future__ import annotations

import contextlib
import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from speech_gesture_ros.core.errors import InputError
from speech_gesture_ros.core.hand_shapes import HandShape
from speech_gesture_ros.core.skeleton import load_skeleton
from speech_gesture_ros.pose.gesture_library import load_gestures
from speech_gesture_ros.pose.gesture_requests import GestureRequest
from speech_gesture_ros.pose.idle import IdleMotion
from speech_gesture_ros.pose.requested_gestures import MAX_LATE_S, NO_SHAPE, RequestedGestures

SKELETON = load_skeleton()
IDLE = IdleMotion(SKELETON, seed=6).frames(0, 250)
MAX_WRIST_SPEED = 4.0  # [m/s] of people who talk (ZeroEGGS, BEAT2, TED: 2.4 to 4.8)


@pytest.fixture
def gestures() -> RequestedGestures:
    return RequestedGestures(SKELETON)


requests = st.lists(st.tuples(
    st.builds(GestureRequest, st.sampled_from(sorted(load_gestures())), amplitude=st.floats(0.2, 1.5),
              side=st.sampled_from([None, "left", "right", "both"]),
              duration=st.none() | st.floats(0.1, 4.0), repetitions=st.none() | st.integers(1, 5)),
    st.none() | st.floats(-20.0, 240.0)), max_size=25)


def plan_all(gestures: RequestedGestures, requested: list) -> None:
    """Plan those that are accepted."""
    for request, stroke in requested:
        with contextlib.suppress(InputError):
            gestures.plan(request, stroke, 0)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(requests, st.lists(st.integers(0, 250), max_size=12))
def test_any_sequence_of_requests_gives_a_valid_motion(requested, cuts):
    gestures = RequestedGestures(SKELETON)
    plan_all(gestures, requested)
    whole = gestures.push(0, IDLE)
    assert np.isfinite(whole).all()
    lengths = np.linalg.norm(SKELETON.bones_from_xyz(whole), axis=-1)[:, 1:]
    np.testing.assert_allclose(lengths, np.tile(SKELETON.bone_lengths[1:], (250, 1)), atol=1e-9)
    assert np.linalg.norm(np.diff(whole, axis=0), axis=-1).max() * 25 < MAX_WRIST_SPEED
    gestures.reset()
    plan_all(gestures, requested)
    edges = [0, *sorted(cuts), 250]
    parts = [gestures.push(a, IDLE[a:b]) for a, b in itertools.pairwise(edges)]
    np.testing.assert_allclose(np.concatenate(parts), whole, atol=1e-12)


def test_without_requests_the_stream_is_unchanged(gestures):
    assert gestures.push(0, IDLE) is IDLE


def test_the_time_of_a_request_makes_no_difference_if_it_is_early_enough(gestures):
    gestures.plan(GestureRequest("stop"), 120.0, 0)
    early = gestures.push(0, IDLE)
    gestures.reset()
    gestures.push(0, IDLE[:90])
    gestures.plan(GestureRequest("stop"), 120.0, 90)
    np.testing.assert_array_equal(gestures.push(90, IDLE[90:]), early[90:])


def test_a_slightly_late_gesture_begins_at_once_and_reports_its_lateness(gestures):
    lead = 120.0 - gestures.plan(GestureRequest("stop"), 120.0, 0).start
    gestures.reset()
    timing = gestures.plan(GestureRequest("stop"), 120.0, 110)
    assert timing.start == pytest.approx(110.0)
    assert timing.late_s == pytest.approx((110 + lead - 120) / 25)


def test_a_much_too_late_gesture_is_rejected(gestures):
    with pytest.raises(InputError, match="lateness of nod"):
        gestures.plan(GestureRequest("nod"), 100.0, round(100 + 25 * (MAX_LATE_S + 0.1)))


def test_as_soon_as_possible_begins_at_the_horizon_or_after_the_gesture_before(gestures):
    first = gestures.plan(GestureRequest("stop"), None, 40)
    assert first.start == pytest.approx(40.0)
    nod = gestures.plan(GestureRequest("nod"), None, 40)
    assert nod.start == pytest.approx(40.0), "another part of the body is free"
    second = gestures.plan(GestureRequest("offer"), None, 40)
    assert second.start >= first.stroke + 0.9 * 25 - 1e-6, "the first gesture is completed"


def test_two_at_once_on_one_arm_are_rejected_and_on_two_arms_are_not(gestures):
    gestures.plan(GestureRequest("stop", side="right"), 100.0, 0)
    gestures.plan(GestureRequest("stop", side="left"), 100.0, 0)
    with pytest.raises(InputError, match="right for wave is 'in use by another gesture'"):
        gestures.plan(GestureRequest("wave"), 102.0, 0)


def test_the_later_gesture_takes_the_arm_over_and_the_earlier_one_does_not_return(gestures):
    gestures.plan(GestureRequest("stop", duration=6.0), 50.0, 0)
    timing = gestures.plan(GestureRequest("beat"), 90.0, 0)
    xyz = gestures.push(0, IDLE)
    after = int(timing.stop) + 2
    np.testing.assert_allclose(xyz[after:], IDLE[after:], atol=1e-12)


def test_a_side_that_a_gesture_does_not_have_is_rejected(gestures):
    with pytest.raises(InputError, match="side of shrug is 'left', must be one of both"):
        gestures.plan(GestureRequest("shrug", side="left"), 100.0, 0)


def test_a_nod_is_added_to_other_motion_of_the_head(gestures):
    gestures.plan(GestureRequest("point_left"), 100.0, 0)
    alone = gestures.push(0, IDLE)
    gestures.reset()
    gestures.plan(GestureRequest("point_left"), 100.0, 0)
    gestures.plan(GestureRequest("nod"), 112.0, 0)
    both = gestures.push(0, IDLE)
    nose = SKELETON.index["nose"]
    assert both[112, nose, 2] < alone[112, nose, 2] - 0.015, "lower"
    assert both[112, nose, 1] > 0.8 * alone[112, nose, 1] > 0.02, "and still turned to the left"


def test_a_gesture_shapes_the_hand_that_makes_it_while_it_is_made_whatever_the_chunks(gestures):
    for start, stop in ((0, 250), *((k, k + 25) for k in range(0, 250, 25))):
        if start == 0:
            gestures.reset()
            timing = gestures.plan(GestureRequest("point_up", side="left"), 100.0, 0)
            gestures.plan(GestureRequest("nod"), 100.0, 0)
            shapes = []
        gestures.push(start, IDLE[start:stop])
        shapes.append(gestures.shapes)
        if stop == 250:
            shaped = np.concatenate(shapes)
            assert (shaped[:, 1] == NO_SHAPE).all()
            left = np.flatnonzero(shaped[:, 0] == HandShape.POINT)
            assert timing.start < left[0] < 100 < left[-1] < timing.stop
            assert set(shaped[:, 0].tolist()) == {NO_SHAPE, HandShape.POINT}
