"""Gesture requests and live controls on real rclpy: on the word, with a status, rejected with a reason."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

pytestmark = pytest.mark.ros
pytest.importorskip("rclpy", reason="needs ROS 2: pip install '.[ros]'")

from rclpy.parameter import Parameter
from std_msgs.msg import String

from speech_gesture_ros.core.errors import ConfigError
from speech_gesture_ros.core.hand_shapes import HandShape
from speech_gesture_ros.core.skeleton import load_skeleton
from speech_gesture_ros.core.timebase import NS
from speech_gesture_ros.nodes.gesture_node import SUCCESS
from speech_gesture_ros.nodes.performed_body import hand_shapes_from_message
from speech_gesture_ros.nodes.qos import LATCHED_QOS

WRISTS = [load_skeleton().index[f"{side}_wrist"] for side in ("left", "right")]
ENTRY_S = 3.0  # a robot that is engaged approaches its motion slowly
SETTLED = 75  # poses after which a control has taken effect: the ramp takes 1 s, and the pose waits for the latency


def statuses(world, label: str) -> list[str]:
    return [status["status"] for status in world.request_statuses if status["id"] == label]


def pitch(world, since_s: float) -> tuple[np.ndarray, np.ndarray]:
    """Return ROS times [s] and commanded pitch of the head [rad] since a time."""
    times = np.array(world.robot.times_ns) / NS
    column = world.description.joint_names.index("neck_pitch")
    return times[times > since_s], np.array(world.robot.commanded)[times > since_s, column]


def wrists(world) -> np.ndarray:
    """Return the (T, 2, 3) wrists of all skeletons received [m]."""
    points = [next(marker.points for marker in m.markers if marker.ns == "joints") for m in world.skeletons]
    return np.array([[[p[i].x, p[i].y, p[i].z] for i in WRISTS] for p in points])


@pytest.fixture
def quiet_world(world, speech):
    """A world with silence, for the head must not move by itself."""
    world.speech = np.zeros(16_000)
    return world


def test_a_nod_is_on_its_word_and_its_status_is_published(quiet_world):
    world = quiet_world
    agent = world.perform().session.runner.agent
    world.run(ENTRY_S)
    word_s = world.now_ns / NS + 0.6
    world.request({"gesture": "nod", "at": word_s, "id": "yes"})
    world.until(lambda: "done" in statuses(world, "yes"), "the end of the nod")
    assert statuses(world, "yes") == ["accepted", "started", "done"]
    performed_s = word_s + agent.latency_s
    times, angles = pitch(world, word_s)
    assert np.ptp(angles) > 0.1, "no nod"
    assert times[angles.argmax()] == pytest.approx(performed_s, abs=0.05)
    stated = [status["performed_at"] for status in world.request_statuses]
    assert stated == pytest.approx([performed_s] * 3, abs=0.01)


def test_the_shapes_of_the_hands_are_published_when_they_change_and_for_late_subscribers(quiet_world):
    world, shapes = quiet_world, []
    world.perform()
    world.run(ENTRY_S)
    world.node.create_subscription(String, "gesture_node/hand_shapes",
                                   lambda m: shapes.append(hand_shapes_from_message(m)), LATCHED_QOS)
    world.until(lambda: shapes, "the shapes that were published before")
    world.request({"gesture": "point_left", "id": "a"})
    world.until(lambda: "done" in statuses(world, "a"), "the end of the gesture")
    world.run(1.0)
    assert (HandShape.POINT, HandShape.REST) in shapes, shapes
    assert all(one != other for one, other in pairwise(shapes))


def test_the_gestures_of_a_sentence_arrive_in_one_message(quiet_world):
    world = quiet_world
    world.perform()
    world.request(["nod", {"gesture": "offer", "delay": 0.8, "id": "b"}, {"gesture": "dance", "id": "c"}])
    world.until(lambda: len(world.request_statuses) >= 3, "three statuses")
    found = {status["id"]: status["status"] for status in world.request_statuses[:3]}
    assert found == {"1": "accepted", "b": "accepted", "c": "rejected"}


def test_an_unknown_gesture_is_rejected_with_the_known_ones_and_nothing_moves(quiet_world):
    world = quiet_world
    world.perform()
    world.run(ENTRY_S)
    since_s = world.now_ns / NS
    world.request({"gesture": "dance", "id": "x"})
    world.until(lambda: statuses(world, "x"), "a status")
    status = world.request_statuses[0]
    assert status["status"] == "rejected"
    assert "open_palm" in status["reason"]
    world.run(2.0)
    assert np.ptp(pitch(world, since_s)[1]) < 0.1


def test_a_node_that_is_not_active_rejects_requests(world):
    node = world.make_node()
    assert node.trigger_configure() == SUCCESS
    world.request("nod")
    world.until(lambda: world.request_statuses, "a status")
    assert world.request_statuses[0]["status"] == "rejected"
    assert "not active" in world.request_statuses[0]["reason"]


def test_controls_are_live_and_wrong_ones_refused_with_a_reason(world):
    node = world.perform()
    agent, received = node.session.runner.agent, []
    agent.set_controls = received.append
    wanted = [Parameter("amplitude", value=0.5), Parameter("activity", value=0.0),
              Parameter("handedness", value=-0.5), Parameter("styles", value="beat:2")]
    assert all(result.successful for result in node.set_parameters(wanted))
    world.until(lambda: received, "the controls")
    assert received[-1] == type(received[-1])(0.0, 0.5, -0.5, (("beat", 2.0),))
    for name, value in (("amplitude", 7.0), ("styles", "beat=2"), ("handedness", float("nan"))):
        (result,) = node.set_parameters([Parameter(name, value=value)])
        assert not result.successful
        assert name in result.reason


def test_half_the_amplitude_halves_the_excursion_and_without_activity_the_hands_rest(world, speech):
    """The untrained model holds the arms somewhere during speech; without activity they are at rest."""
    world.speech = speech
    node = world.perform()
    agent, received = node.session.runner.agent, []
    set_controls = agent.set_controls
    agent.set_controls = lambda controls: received.append(controls) or set_controls(controls)

    def place(**controls: float) -> np.ndarray:
        """Return the median places of both wrists after the controls have taken effect."""
        count = len(received) + bool(controls)
        node.set_parameters([Parameter(name, value=value) for name, value in controls.items()])
        world.graph.until(lambda: len(received) >= count, what="the controls")
        settled = len(world.skeletons) + SETTLED
        world.until(lambda: len(world.skeletons) > settled + 25, "poses")
        return np.median(wrists(world)[settled:], axis=0)

    full, half, none = place(), place(amplitude=0.5), place(activity=0.0)
    excursion = np.linalg.norm(full - none)
    assert excursion > 0.05
    assert np.linalg.norm(half - none) == pytest.approx(0.5 * excursion, rel=0.35)
    count = len(world.skeletons)
    world.until(lambda: len(world.skeletons) > count + 25, "poses")
    assert np.ptp(wrists(world)[count:], axis=0).max() < 0.03, "at rest, except for breathing"


def test_wrong_styles_are_refused_at_start_up(world):
    with pytest.raises(ConfigError, match="styles"):
        world.make_node(styles="beat")
