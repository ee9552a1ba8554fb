"""Capsules contain their mesh, and are not much larger than necessary."""

from __future__ import annotations

import re
import struct
from pathlib import Path

import numpy as np
import pytest
from triangles import box, hidden, letter_t, tube

from speech_gesture_ros.retargeting import describe_robot
from speech_gesture_ros.robot.mesh_capsules import _cut, enclosing_capsules
from speech_gesture_ros.robot.mesh_files import load_triangles
from speech_gesture_ros.robot.mesh_files import write_stl as stl_bytes
from speech_gesture_ros.robot.notes import is_doubtful


def inside(points: np.ndarray, capsules: list) -> np.ndarray:
    """Return whether each of (P, 3) points lies in some capsule."""
    found = np.zeros(len(points), dtype=bool)
    for start, stop, radius in capsules:
        along = stop - start
        share = np.clip((points - start) @ along / max(along @ along, 1e-12), 0, 1)
        found |= np.linalg.norm(points - start - share[:, None] * along, axis=1) <= radius * (1 + 1e-6) + 1e-9
    return found


def samples(triangles: np.ndarray, rng: np.random.Generator, count: int = 4000) -> np.ndarray:
    """(count, 3) points of the surface."""
    chosen = triangles[rng.integers(len(triangles), size=count)]
    return np.einsum("pk,pkc->pc", rng.dirichlet(np.ones(3), count), chosen)


def room(capsules: list) -> float:
    return sum(np.pi * r**2 * (np.linalg.norm(stop - start) + 4 / 3 * r) for start, stop, r in capsules)


SHAPES = {"box": box((0.3, 0.12, 0.2)), "plate": box((0.4, 0.3, 0.01)), "tube": tube(0.05, 0.3), "T": letter_t(),
          "turned": hidden(letter_t()), "flat": box((0.2, 0.1, 0.0)), "point": np.zeros((1, 3, 3))}


@pytest.mark.parametrize("name", SHAPES)
def test_every_point_of_the_surface_lies_inside(name: str) -> None:
    capsules = enclosing_capsules(SHAPES[name])
    assert 1 <= len(capsules) <= 4
    assert inside(samples(SHAPES[name], np.random.default_rng(0)), capsules).all()


@pytest.mark.slow
def test_any_cloud_of_triangles_lies_inside() -> None:
    rng = np.random.default_rng(1)
    for _ in range(30):
        triangles = rng.normal(size=(rng.integers(1, 30), 3, 3)) * 10.0 ** rng.uniform(-2, 1, 3)
        assert inside(samples(triangles, rng, 500), enclosing_capsules(triangles)).all()


def test_a_tube_becomes_one_capsule_as_thick_as_it_is() -> None:
    (start, stop, radius), = enclosing_capsules(tube(0.05, 0.3))
    assert 0.05 <= radius < 0.056
    assert abs((stop - start)[0]) == pytest.approx(np.linalg.norm(stop - start), rel=0.01)


def test_shoulders_and_waist_become_separate_pieces() -> None:
    capsules = enclosing_capsules(letter_t())
    assert len(capsules) > 1
    beside_the_waist = np.array([[0.0, 0.25, -0.1], [0.0, -0.25, -0.1]])  # where arms hang
    assert not inside(beside_the_waist, capsules).any()


def test_a_fine_mesh_is_contained_although_cuts_are_compared_on_a_sketch() -> None:
    rng = np.random.default_rng(3)
    arm, hand = tube(0.04, 0.3, 60), tube(0.09, 0.1, 60) @ np.eye(3)[[2, 1, 0]] + np.array([0.18, 0.0, 0.0])
    shape = hidden(np.concatenate([arm, hand]))
    capsules = enclosing_capsules(shape)
    assert len(capsules) == 2, "arm and hand"
    assert inside(samples(shape, rng), capsules).all()
    assert room(capsules) < 1.25 * (room(enclosing_capsules(arm)) + room(enclosing_capsules(hand)))


def test_a_cut_loses_nothing() -> None:
    shape = tube(0.05, 0.3, 12)
    low, high = _cut(shape, np.array([1.0, 0.0, 0.0]), 0.011)
    area = sum(float(np.linalg.norm(np.cross(t[:, 1] - t[:, 0], t[:, 2] - t[:, 0]), axis=1).sum()) for t in (low, high))
    whole = float(np.linalg.norm(np.cross(shape[:, 1] - shape[:, 0], shape[:, 2] - shape[:, 0]), axis=1).sum())
    assert area == pytest.approx(whole)
    assert low[..., 0].max() <= 0.011 + 1e-12
    assert high[..., 0].min() >= 0.011 - 1e-12


# --- files ---------------------------------------------------------------------------------------------------------


def write_stl(path: Path, triangles: np.ndarray) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(stl_bytes(triangles))


def write_obj(path: Path, triangles: np.ndarray) -> None:
    corners = "".join(f"v {x} {y} {z}\n" for x, y, z in triangles.reshape(-1, 3))
    path.write_text(corners + "".join(f"f {3 * i + 1} {3 * i + 2} {3 * i + 3}\n" for i in range(len(triangles))))


@pytest.mark.parametrize(("write", "name"), [(write_stl, "a.stl"), (write_stl, "A.STL"), (write_obj, "a.obj")])
def test_files_are_read_and_scaled(tmp_path, write, name: str) -> None:
    shape = box((100.0, 200.0, 300.0))
    write(tmp_path / name, shape)
    found = load_triangles(tmp_path / name, (1e-3, 1e-3, 2e-3))
    np.testing.assert_allclose(np.ptp(found.reshape(-1, 3), axis=0), [0.1, 0.2, 0.6], rtol=1e-5)


def test_ascii_and_binary_stl_are_the_same(tmp_path) -> None:
    shape = box((0.1, 0.2, 0.3))
    write_stl(tmp_path / "binary.stl", shape)
    corners = ["\n".join(f"vertex {x:.9g} {y:.9g} {z:.9g}" for x, y, z in t) for t in shape]
    facets = "".join(f"facet normal 0 0 0\nouter loop\n{c}\nendloop\nendfacet\n" for c in corners)
    (tmp_path / "ascii.stl").write_text(f"solid box\n{facets}endsolid box\n")
    found = [load_triangles(tmp_path / f"{kind}.stl", (2.0, 1.0, 1.0)) for kind in ("binary", "ascii")]
    np.testing.assert_allclose(found[0], shape * [2.0, 1.0, 1.0], rtol=1e-6)
    np.testing.assert_allclose(np.unique(found[1].reshape(-1, 3), axis=0),
                               np.unique(found[0].reshape(-1, 3), axis=0), rtol=1e-6)


@pytest.mark.parametrize("content", [b"", b"garbage" * 100, b"\0" * 80 + struct.pack("<I", 2**31)])
def test_a_file_that_is_not_a_mesh_is_a_value_error(tmp_path, content: bytes) -> None:
    (tmp_path / "a.stl").write_bytes(content)
    with pytest.raises(ValueError, match=r"."):
        load_triangles(tmp_path / "a.stl", (1, 1, 1))


def with_meshes(urdf: str, link: str, reference: str) -> str:
    """The robot with a mesh as the only collision shape of one link."""
    begin = urdf.index(f'<link name="{link}">')
    end = urdf.index("</link>", begin)
    body = urdf[begin:end]
    while "<collision" in body:
        first = body.index("<collision")
        body = body[:first] + body[body.index("</collision>") + len("</collision>"):]
    mesh = f'<collision><geometry><mesh filename="{reference}"/></geometry></collision>'
    return urdf[:begin] + body + mesh + urdf[end:]


def links_of(description) -> list[str]:
    return [c.link for c in description.capsules]


def capsules_around(description, link: str) -> list:
    """Capsules of the body that a link is part of, in the link's frame."""
    kinematics = description.kinematics()
    body, pose = kinematics.model.link_pose[link]
    found = []
    for c in description.capsules:
        if kinematics.model.body(c.link) == body:
            way = np.linalg.inv(pose) @ kinematics.model.link_pose[c.link][1]
            found.append((*(way[:3, :3] @ end + way[:3, 3] for end in (c.start, c.stop)), c.radius))
    return found


def test_meshes_of_a_package_are_found_above_the_urdf(demo, tmp_path) -> None:
    link = demo.body.left_arm.elbow
    write_stl(tmp_path / "my_robot" / "meshes" / "forearm.stl", tube(0.04, 0.2))
    path = tmp_path / "my_robot" / "urdf" / "robot.urdf"
    path.parent.mkdir()
    path.write_text(with_meshes(demo.model.urdf.text, link, "package://my_robot/meshes/forearm.stl"))
    found = describe_robot(path)
    (capsule,) = [c for c in found.capsules if c.link == link]
    assert 0.04 <= capsule.radius < 0.045
    assert any("collision meshes read" in note for note in found.notes)


def test_a_hand_of_many_meshes_has_few_capsules_around_all_of_them(demo, tmp_path) -> None:
    """They also represent all its links when an SRDF allows contacts."""
    write_stl(tmp_path / "finger.stl", tube(0.01, 0.08, 8))
    hand, fingers = demo.body.left_arm.hand, ""
    for i in range(6):
        fingers += (f'<link name="finger_{i}"><collision><geometry><mesh filename="finger.stl"/></geometry></collision>'
                    f'</link><joint name="finger_{i}_joint" type="fixed"><parent link="{hand}"/>'
                    f'<child link="finger_{i}"/><origin xyz="0 {0.02 * i - 0.05} -0.1" rpy="0 1.5708 0"/></joint>')
    path = tmp_path / "robot.urdf"
    path.write_text(demo.model.urdf.text.replace("</robot>", fingers + "</robot>"))
    found = describe_robot(path)
    made = capsules_around(found, "finger_0")
    assert 1 <= len(made) <= 4
    finger = samples(tube(0.01, 0.08, 8), np.random.default_rng(0), 300)
    points = np.concatenate([finger + np.array([0, 0.02 * i, 0]) for i in range(6)])  # as finger_0 sees them
    assert inside(points, made).all()


def test_a_hand_of_many_boxes_has_few_capsules_around_all_of_them(demo, tmp_path) -> None:
    hand, shapes = demo.body.left_arm.hand, ""
    kinds = ('<box size="0.02 0.03 0.08"/>', '<cylinder radius="0.012" length="0.07"/>', '<sphere radius="0.015"/>',
             '<capsule radius="0.01" length="0.06"/>')
    for i in range(8):
        shapes += f'<collision><origin xyz="0 {0.02 * i - 0.07} -0.12"/><geometry>{kinds[i % 4]}</geometry></collision>'
    fist = (f'<link name="fist">{shapes}</link><joint name="fist_joint" type="fixed"><parent link="{hand}"/>'
            '<child link="fist"/></joint>')
    path = tmp_path / "robot.urdf"
    path.write_text(demo.model.urdf.text.replace("</robot>", fist + "</robot>"))
    made = capsules_around(describe_robot(path), "fist")
    assert 1 <= len(made) <= 4
    corners = np.array([[x, 0.02 * i - 0.07 + y, -0.12 + z] for i in (0, 4) for x in (-0.01, 0.01)
                        for y in (-0.015, 0.015) for z in (-0.04, 0.04)])
    poles = np.array([[0.0, 0.02 * i - 0.07, -0.12 + z] for i, z in ((1, 0.035), (2, 0.015), (3, 0.04), (5, -0.035),
                                                                     (6, -0.015), (7, -0.04))])
    assert inside(np.concatenate([corners, poles]), made).all()


@pytest.mark.parametrize(("reference", "reason"), [
    ("package://my_robot/meshes/forearm.stl", "is not found"),
    ("", "is not found"),
    ("file:///etc/passwd", "is not found"),
    ("broken.stl", "broken.stl "),
])
def test_a_part_without_its_mesh_has_capsules_of_its_visuals_and_a_note(demo, tmp_path, reference, reason) -> None:
    link = demo.body.left_arm.elbow
    (tmp_path / "broken.stl").write_bytes(b"garbage" * 100)
    path = tmp_path / "robot.urdf"
    path.write_text(with_meshes(demo.model.urdf.text, link, reference))
    found = describe_robot(path)
    assert link in links_of(found)
    assert any("could not be read, the first:" in note and reason in note and is_doubtful(note) for note in found.notes)
    assert any("do not cover left forearm: capsules are made from visuals" in note for note in found.notes)


def test_a_part_without_any_mesh_has_guessed_capsules_and_a_note(demo, tmp_path) -> None:
    link = demo.body.left_arm.elbow
    text = with_meshes(demo.model.urdf.text, link, "lost.stl")
    begin = text.index(f'<link name="{link}">')
    end = text.index("</link>", begin)
    path = tmp_path / "robot.urdf"
    path.write_text(text[:begin] + re.sub("<visual.*?</visual>", "", text[begin:end], flags=re.DOTALL) + text[end:])
    found = describe_robot(path)
    assert link in links_of(found)
    doubtful = [note for note in found.notes if is_doubtful(note)]
    assert any("no shapes cover left forearm: capsules are guessed" in note for note in doubtful)


def test_no_note_says_that_meshes_were_read_if_all_of_a_part_are_missing(demo, tmp_path) -> None:
    path = tmp_path / "robot.urdf"
    mesh = '<collision><geometry><mesh filename="lost.stl"/></geometry></collision>'
    text = with_meshes(demo.model.urdf.text, demo.body.left_arm.elbow, "lost.stl")
    path.write_text(text.replace(mesh, 2 * mesh))
    notes = describe_robot(path).notes
    assert any("collision meshes of 1 part could not be read" in note for note in notes)
    assert not any("collision meshes read" in note for note in notes)


def ball(radius: float, centre: tuple[float, float, float]) -> np.ndarray:
    """(F, 3, 3) triangles of a ball."""
    angles = np.linspace(-np.pi / 2, np.pi / 2, 9)
    profile = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    turn = np.linspace(0, 2 * np.pi, 17)
    grid = np.stack([profile[:, :1] * np.cos(turn), profile[:, :1] * np.sin(turn),
                     np.repeat(profile[:, 1:], 17, axis=1)], axis=-1)
    a, b, c, d = grid[:-1, :-1], grid[1:, :-1], grid[1:, 1:], grid[:-1, 1:]
    triangles = np.concatenate([np.stack([a, b, c], axis=-2), np.stack([a, c, d], axis=-2)]).reshape(-1, 3, 3)
    return triangles * radius + np.array(centre)


def test_a_ball_away_from_the_origin_is_one_capsule_as_large_as_it_is() -> None:
    shape = ball(0.1, (1.0, 2.0, 3.0))
    (start, stop, radius), = enclosing_capsules(shape)
    assert inside(shape.reshape(-1, 3), [(start, stop, radius)]).all()
    assert radius == pytest.approx(0.1, rel=0.02)
    np.testing.assert_allclose((start + stop) / 2, [1.0, 2.0, 3.0], atol=2e-3)


def test_many_separate_parts_have_four_capsules_at_most() -> None:
    needle = tube(0.004, 0.3) + np.array([0.0, 0.0, 1.0])
    balls = [ball(0.05, (0.5 * k, 0.3 * (k % 2), 0.0)) for k in range(8)]
    shape = np.concatenate([needle, ball(0.3, (-1.0, 0.0, 0.0)), *balls])
    capsules = enclosing_capsules(shape)
    assert 2 <= len(capsules) <= 4
    assert inside(shape.reshape(-1, 3), capsules).all()
