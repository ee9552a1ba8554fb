"""Random lifecycle transitions while someone speaks: no crash, no motion outside `active`, nothing is left behind."""

from __future__ import annotations

import gc
import threading

import numpy as np
import pytest

pytestmark = [pytest.mark.ros, pytest.mark.slow]
pytest.importorskip("rclpy", reason="needs ROS 2: pip install '.[ros]'")

from rclpy.lifecycle import TransitionCallbackReturn

from speech_gesture_ros.core.timebase import NS
from speech_gesture_ros.nodes.gesture_session import GestureSession

TRANSITIONS = 200
ALLOWED = {"unconfigured": ["configure"], "inactive": ["activate", "activate", "cleanup"], "active": ["deactivate"]}
AFTER = {"configure": "inactive", "activate": "active", "deactivate": "inactive", "cleanup": "unconfigured"}
REST_S = 1.0  # longest way to rest after `active`
IN_TRANSIT_NS = NS // 5  # after `active`: the stop window, and one that was sent before


def sessions() -> int:
    gc.collect()
    return sum(isinstance(found, GestureSession) for found in gc.get_objects())


def resources(node) -> dict[str, int]:
    """Return the number of objects of a node, and of threads of this process."""
    return {"publishers": len(list(node.publishers)), "subscriptions": len(list(node.subscriptions)),
            "services": len(list(node.services)), "timers": len(list(node.timers)), "threads": threading.active_count(),
            "sessions": sessions()}


def test_after_200_random_transitions_nothing_is_left_and_the_robot_moved_only_while_active(world) -> None:
    rng = np.random.default_rng(12)
    node, state, windows, since_ns = world.make_node(), "unconfigured", 0, world.now_ns
    assert node.trigger_configure() == TransitionCallbackReturn.SUCCESS
    assert node.trigger_cleanup() == TransitionCallbackReturn.SUCCESS
    world.run(REST_S)
    before = resources(node)
    for _ in range(TRANSITIONS):
        transition = str(rng.choice(ALLOWED[state]))
        assert getattr(node, f"trigger_{transition}")() == TransitionCallbackReturn.SUCCESS, transition
        state, since_ns = AFTER[transition], world.now_ns if transition != "cleanup" else since_ns
        for _ in range(rng.integers(0, 50 if state == "active" else 30)):
            count = len(world.trajectories)
            world.step()
            if state == "active":
                windows += len(world.trajectories) - count
            elif world.now_ns - since_ns > IN_TRANSIT_NS:
                assert len(world.trajectories) == count, f"a window while {state}"
            if state != "active" and world.now_ns - since_ns > REST_S * NS:
                assert np.abs(world.robot.speeds[-1]).max() < 1e-6, f"motion while {state}"
    assert windows > 100
    if state == "active":
        node.trigger_deactivate()
    if state != "unconfigured":
        node.trigger_cleanup()
    world.run(REST_S)
    assert resources(node) == before
    assert np.abs(world.robot.speeds[-1]).max() < 1e-6
