"""The gesture node under a lifecycle manager, which knows it by its services and gives up what does not answer."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
import pytest

pytestmark = [pytest.mark.ros, pytest.mark.slow]
pytest.importorskip("rclpy", reason="needs ROS 2: pip install '.[ros]'")
pytest.importorskip("lifecycle_msgs", reason="needs lifecycle_msgs: pip install ros-lifecycle-msgs")

import rclpy
from lifecycle_msgs.msg import State, Transition, TransitionEvent
from lifecycle_msgs.srv import ChangeState, GetAvailableTransitions, GetState
from rclpy.parameter import Parameter

STARTUP = (Transition.TRANSITION_CONFIGURE, Transition.TRANSITION_ACTIVATE)
RESET = (Transition.TRANSITION_DEACTIVATE, Transition.TRANSITION_CLEANUP)
SHUTDOWN = {State.PRIMARY_STATE_UNCONFIGURED: Transition.TRANSITION_UNCONFIGURED_SHUTDOWN,
            State.PRIMARY_STATE_INACTIVE: Transition.TRANSITION_INACTIVE_SHUTDOWN,
            State.PRIMARY_STATE_ACTIVE: Transition.TRANSITION_ACTIVE_SHUTDOWN}
HEARTBEATS = 5  # in a row that a node must answer


class Manager:
    """Lifecycle manager with the steps of nav2's: startup, pause, reset, shutdown, and a heartbeat of every node.

    Attributes:
        events: Goal state of each transition that the node has published.
    """

    def __init__(self, graph: Any, name: str) -> None:
        self._graph, self._node = graph, graph.add(rclpy.create_node("lifecycle_manager"))
        self._change = self._node.create_client(ChangeState, f"{name}/change_state")
        self._state = self._node.create_client(GetState, f"{name}/get_state")
        self._transitions = self._node.create_client(GetAvailableTransitions, f"{name}/get_available_transitions")
        self.events: list[str] = []
        self._node.create_subscription(TransitionEvent, f"{name}/transition_event",
                                       lambda event: self.events.append(event.goal_state.label), 10)
        graph.until(lambda: self._node.count_publishers(f"{name}/transition_event"), what="transition_event")

    @property
    def state(self) -> int:
        """Primary state that the node answers, which is also its heartbeat."""
        return int(self._graph.call(self._state, GetState.Request()).current_state.id)

    def do(self, *transitions: int) -> list[bool]:
        """Ask for transitions, one after the other; return which the node has made."""
        return [self._graph.call(self._change, ChangeState.Request(transition=Transition(id=number))).success
                for number in transitions]

    def offered(self) -> set[int]:
        """Transitions that the node says are possible now."""
        answer = self._graph.call(self._transitions, GetAvailableTransitions.Request())
        return {int(description.transition.id) for description in answer.available_transitions}


@pytest.fixture
def managed(world):
    """A world with a gesture node that does nothing by itself, and its manager."""
    node = world.make_node(autostart=False)
    return world, node, Manager(world.graph, "gesture_node")


def test_startup_pause_resume_reset_and_shutdown_by_services(managed):
    world, _, manager = managed
    assert manager.state == State.PRIMARY_STATE_UNCONFIGURED
    assert Transition.TRANSITION_ACTIVATE not in manager.offered()
    assert manager.do(*STARTUP) == [True, True]
    assert manager.state == State.PRIMARY_STATE_ACTIVE
    world.until(lambda: len(world.trajectories) > 20, "trajectories")
    assert manager.do(Transition.TRANSITION_DEACTIVATE) == [True]  # a pause
    world.run(1.0)
    count = len(world.trajectories)
    world.run(0.5)
    assert len(world.trajectories) == count
    assert np.abs(world.robot.speeds[-1]).max() < 1e-6
    assert manager.do(Transition.TRANSITION_ACTIVATE) == [True]  # resumed
    world.until(lambda: len(world.trajectories) > count + 5, "trajectories again")
    assert manager.do(*RESET) == [True, True]
    assert manager.do(*STARTUP) == [True, True]
    assert manager.do(SHUTDOWN[manager.state]) == [True]
    assert manager.state == State.PRIMARY_STATE_FINALIZED
    world.graph.until(lambda: manager.events[-1:] == ["finalized"], what="the last event")
    assert [event for event in manager.events if event in ("inactive", "active", "unconfigured", "finalized")] == [
        "inactive", "active", "inactive", "active", "inactive", "unconfigured", "inactive", "active", "finalized"]


@pytest.mark.parametrize("before", [(), STARTUP[:1], STARTUP], ids=["unconfigured", "inactive", "active"])
def test_it_can_be_shut_down_from_every_state_and_leaves_the_robot_at_rest(managed, before):
    world, node, manager = managed
    manager.do(*before)
    if before == STARTUP:
        world.until(lambda: len(world.trajectories) > 20, "trajectories")
    assert manager.do(SHUTDOWN[manager.state]) == [True]
    assert manager.state == State.PRIMARY_STATE_FINALIZED
    assert node.session is None
    world.run(1.0)
    assert np.abs(world.robot.speeds[-1]).max() < 1e-6


def test_a_transition_that_is_not_possible_or_fails_is_answered_and_startup_can_be_tried_again(managed, tiny_bundle):
    _, node, manager = managed
    assert manager.do(Transition.TRANSITION_ACTIVATE) == [False]
    (result,) = node.set_parameters([Parameter("model", value="nowhere")])
    assert result.successful
    assert manager.do(Transition.TRANSITION_CONFIGURE) == [False]
    assert manager.state == State.PRIMARY_STATE_UNCONFIGURED
    node.set_parameters([Parameter("model", value=str(tiny_bundle))])
    assert manager.do(*STARTUP) == [True, True]
    assert manager.state == State.PRIMARY_STATE_ACTIVE


def test_it_answers_its_heartbeat_and_can_be_paused_while_the_model_hangs(managed):
    world, node, manager = managed
    manager.do(*STARTUP)
    world.until(lambda: len(world.trajectories) > 20, "trajectories")
    agent, is_hanging, may_continue = node.session.runner.agent, threading.Event(), threading.Event()
    update = agent.update

    def hang(now_ns):
        is_hanging.set()
        assert may_continue.wait(60.0)
        return update(now_ns)

    agent.update = hang
    try:
        world.graph.until(is_hanging.is_set, what="the model to hang")
        assert [manager.state for _ in range(HEARTBEATS)] == [State.PRIMARY_STATE_ACTIVE] * HEARTBEATS
        assert manager.do(Transition.TRANSITION_DEACTIVATE) == [True]
        assert manager.state == State.PRIMARY_STATE_INACTIVE
    finally:
        may_continue.set()
