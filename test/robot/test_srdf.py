"""Links that may touch according to an SRDF, and the pairs that are checked then."""

from __future__ import annotations

import pytest

from speech_gesture_ros.core.errors import RobotError
from speech_gesture_ros.retargeting import Profile, describe_robot, load_profile
from speech_gesture_ros.robot.description import RobotDescription
from speech_gesture_ros.robot.srdf import load_srdf

HEADER = '<robot name="demo_humanoid"><group name="arm"><joint name="left_elbow"/></group>'
STATE = '<group_state name="home" group="arm"><joint name="left_elbow" value="nonsense"/></group_state>'


def srdf(*elements: str) -> str:
    return HEADER + STATE + "".join(elements) + "</robot>"


def checked(description: RobotDescription) -> set[frozenset[str]]:
    """Pairs of links that are kept apart."""
    links = [c.link for c in description.capsules]
    return {frozenset((links[a], links[b])) for a, b in description.collision_pairs}


@pytest.fixture(scope="module")
def pair(demo) -> tuple[str, str]:
    """Two links that are kept apart without an SRDF."""
    first, second = sorted(sorted(p) for p in checked(demo))[0]
    return first, second


def test_disabled_pairs_in_any_order_and_nothing_else() -> None:
    contacts = load_srdf(srdf('<disable_collisions link1="a" link2="b" reason="Adjacent"/>'))
    assert contacts.allows("a", "b")
    assert contacts.allows("b", "a")
    assert not contacts.allows("a", "c")


def test_a_link_disabled_by_default_but_for_enabled_pairs() -> None:
    contacts = load_srdf(srdf('<disable_default_collisions link="a"/><enable_collisions link1="c" link2="a"/>'))
    assert contacts.allows("a", "b")
    assert not contacts.allows("a", "c")


@pytest.mark.parametrize(("text", "message"), [
    ("<sdf/>", "root element of the SRDF"),
    (srdf('<disable_collisions link1="a"/>'), "link1 and link2"),
    ("<robot", "SRDF is"),
    ('<!DOCTYPE x [<!ENTITY a "ha">]><robot/>', "plain XML without DTD"),
    ("<robot>" + "x" * 5_000_000, "size of the SRDF"),
])
def test_a_file_that_is_not_an_srdf_is_refused(text, message) -> None:
    with pytest.raises(RobotError, match=message):
        load_srdf(text)


def test_a_disabled_pair_is_no_longer_checked_and_all_others_are(demo, pair) -> None:
    found = describe_robot(demo.model.urdf.text, "demo_humanoid",
                           srdf=srdf(f'<disable_collisions link1="{pair[1]}" link2="{pair[0]}"/>'))
    assert checked(found) == checked(demo) - {frozenset(pair)}
    assert any("1 pairs of links may touch according to the given SRDF" in note for note in found.notes)


def test_links_that_are_not_in_the_urdf_are_noted(demo) -> None:
    found = describe_robot(demo.model.urdf.text, srdf=srdf('<disable_collisions link1="tail" link2="torso"/>'))
    assert checked(found) == checked(describe_robot(demo.model.urdf.text))
    assert any("1 links in the given SRDF are not in the URDF: tail" in note for note in found.notes)


def test_an_srdf_is_found_beside_the_urdf_or_by_the_profile(demo, pair, tmp_path) -> None:
    (tmp_path / "robot.urdf").write_text(demo.model.urdf.text)
    (tmp_path / "other.srdf").write_text(srdf())
    (tmp_path / "robot.srdf").write_text(srdf(f'<disable_collisions link1="{pair[0]}" link2="{pair[1]}"/>'))
    beside = describe_robot(tmp_path / "robot.urdf", Profile("p"))
    assert frozenset(pair) not in checked(beside)
    (tmp_path / "p.yaml").write_text("name: p\nsrdf: other.srdf\n")
    named = describe_robot(tmp_path / "robot.urdf", load_profile(tmp_path / "p.yaml"))
    assert frozenset(pair) in checked(named)
