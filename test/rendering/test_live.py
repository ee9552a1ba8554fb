"""The page is served and accepts updates of robot, human and waveform."""

from __future__ import annotations

import urllib.request

import numpy as np

from speech_gesture_ros.core.skeleton import Skeleton
from speech_gesture_ros.rendering.live import WAVE_RATE, WAVE_S, LiveScene
from speech_gesture_ros.rendering.skeleton_view import human_shapes
from speech_gesture_ros.rendering.staging import stage
from speech_gesture_ros.simulators.mujoco_robot import MujocoRobot


def test_the_page_is_served_and_updated(robot: MujocoRobot, skeleton: Skeleton) -> None:
    staging = stage(robot.model, robot.data, robot.description.body, skeleton)
    scene = LiveScene(robot.model, robot.data, staging, "test", port=18080)
    try:
        with urllib.request.urlopen(scene.url, timeout=10) as page:
            assert page.status == 200
        robot.show(robot.description.rest_q + 0.1)
        scene.update(human_shapes(skeleton, skeleton.rest_xyz, staging.human), np.full(5, 0.5), "**performing**")
        hand = robot.model.body("left_hand").id
        assert np.allclose(scene.bodies[hand].position, robot.data.xpos[hand], atol=1e-5)
        assert np.allclose(scene.wave[-5:], 0.5)
        assert len(scene.wave) == round(WAVE_S * WAVE_RATE)
    finally:
        scene.close()
