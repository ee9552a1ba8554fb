from __future__ import annotations

import re
import time

import numpy as np
import pytest

from speech_gesture_ros.core.chunks import PoseChunk
from speech_gesture_ros.core.errors import ConfigError, RobotError
from speech_gesture_ros.retargeting import Profile, RetargetStage, describe_robot, load_profile

TWO_ARMED = {  # robot file, arm joints, neck joints, waist joints
    "g1/g1_29dof_rev_1_0.urdf": (7, 0, 3),
    "h1_2/h1_2_handless.urdf": (7, 0, 1),
    "unitree_h2/h2.urdf": (7, 2, 3),
    "ergocub/ergocub_sn001.urdf": (7, 3, 3),
    "reachy2/reachy2_original.urdf": (7, 3, 0),
    "robotis_ai_worker/ffw_bg2_rev4_follower.urdf": (7, 2, 0),
    "baxter/baxter.urdf": (7, 1, 0),
    "tiago_pro/tiago_pro.urdf": (7, 2, 0),
    "rby1/rby1a.urdf": (7, 2, 4),
    "eve_r3/eve_r3_upper_body.urdf": (7, 1, 1),
    "nao_qibullet/nao.urdf": (5, 2, 0),
    "ari/ari_v2_expanded.urdf": (5, 2, 0),
}


def renamed(urdf: str) -> str:
    """The same robot with names without meaning."""
    names = sorted(set(re.findall(r'(?:link|joint) name="([^"]+)"', urdf)), key=len, reverse=True)
    for i, name in enumerate(names):
        urdf = urdf.replace(f'"{name}"', f'"n{i}"')
    return urdf


def test_names_are_not_needed(demo) -> None:
    found = describe_robot(renamed(demo.model.urdf.text))
    assert {g: len(n) for g, n in found.groups.items()} == {g: len(n) for g, n in demo.groups.items()}
    np.testing.assert_allclose(found.limits.lower, demo.limits.lower)
    np.testing.assert_allclose(found.rest_q, demo.rest_q, atol=0.2)  # another thumb direction turns the wrist
    assert any("REP-103" in note for note in found.notes)


def test_describing_twice_gives_the_same(demo) -> None:
    again = describe_robot(demo.model.urdf.text, load_profile("demo_humanoid"))
    np.testing.assert_array_equal(again.rest_q, demo.rest_q)
    assert again.collision_pairs == demo.collision_pairs
    assert again.joint_names == demo.joint_names


def test_a_profile_overrides_the_urdf(demo) -> None:
    profile = Profile("mine", rest_pose={"left_elbow": -1.0}, locked_joints=("waist_roll", "waist_pitch"))
    found = describe_robot(demo.model.urdf.text, profile)
    assert found.name == "mine"
    assert found.groups["torso"] == ("waist_yaw",)
    assert found.rest_q[found.joint_names.index("left_elbow")] == -1.0


@pytest.mark.parametrize(("profile", "message"), [
    (Profile("p", locked_joints=("tail",)), "tail"),
    (Profile("p", rest_pose={"wing": 0.0}), "wing"),
    (Profile("p", rest_pose={"left_elbow": 2.0}), "rest_pose of left_elbow"),
])
def test_a_profile_that_does_not_fit_the_robot_is_refused(demo, profile, message) -> None:
    with pytest.raises(ConfigError, match=message):
        describe_robot(demo.model.urdf.text, profile)


def test_unknown_keys_of_a_profile_are_errors(tmp_path) -> None:
    path = tmp_path / "p.yaml"
    path.write_text("name: p\ncolour: red\n")
    with pytest.raises(ConfigError, match="colour"):
        load_profile(path)


def test_groups_have_the_topic_of_the_profile_or_the_default() -> None:
    assert load_profile("demo_humanoid").controller_topic("head") == "head_controller/joint_trajectory"
    profile = Profile("p", controllers={"head": "neck/command"})
    assert profile.controller_topic("head") == "neck/command"
    assert profile.controller_topic("left_arm") == "left_arm_controller/joint_trajectory"


def test_a_robot_without_two_arms_is_refused_with_a_reason() -> None:
    with pytest.raises(RobotError, match="two-armed robot"):
        describe_robot('<robot name="box"><link name="base"/></robot>')


def test_arms_that_grow_from_one_place_are_refused_by_name(demo) -> None:
    urdf = re.sub(r'(<joint name="(?:left|right)_shoulder_pitch".*?<origin xyz=")[^"]*', r"\g<1>0 0 0.3",
                  demo.model.urdf.text, flags=re.DOTALL)
    with pytest.raises(RobotError, match=r"distance of the shoulders|no pair of like chains"):
        describe_robot(urdf)


def test_many_equal_limbs_are_refused_quickly() -> None:
    """Three hundred arms in one place."""
    links, joints = ['<link name="b"/>'], []
    for i in range(150):
        parent = "b"
        for k in range(6):
            name = f"l{i}_{k}"
            links.append(f'<link name="{name}"/>')
            joints.append(f'<joint name="j{name}" type="revolute"><parent link="{parent}"/><child link="{name}"/>'
                          '<origin xyz="0 0 0.1"/><limit lower="-1" upper="1" velocity="1" effort="1"/></joint>')
            parent = name
    begin = time.process_time()
    with pytest.raises(RobotError, match="150 like chains on link b"):
        describe_robot(f'<robot name="r">{"".join(links + joints)}</robot>')
    assert time.process_time() - begin < 2.0


@pytest.mark.slow
@pytest.mark.data
@pytest.mark.parametrize("name", TWO_ARMED)
def test_real_robots_are_described_without_a_profile(data_folder, skeleton, talking, name) -> None:
    description = describe_robot(data_folder / "robots" / name)
    joints = tuple(len(description.groups.get(g, ())) for g in ("left_arm", "head", "torso"))
    assert joints == TWO_ARMED[name]
    assert len(description.groups["left_arm"]) == len(description.groups["right_arm"])
    stage = RetargetStage(description, skeleton)
    q = stage.push(PoseChunk(0, talking(frames=50))).values
    assert np.all((q >= description.limits.lower) & (q <= description.limits.upper))
    assert stage.report.failed_steps == 0
    assert np.ptp(q, axis=0).max() > 0.2
