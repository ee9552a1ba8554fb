"""A recording survives whatever happens to the recorder."""

from __future__ import annotations

import pytest

from speech_gesture_ros.core.errors import ConfigError
from speech_gesture_ros.nodes.bag import Bag, finish, journal_of

pytest.importorskip("rosbags", reason="needs rosbags: pip install '.[sim]'")

STRING = "std_msgs/msg/String"


def _string(text: str) -> bytes:
    from rosbags.typesys import Stores, get_typestore

    store = get_typestore(Stores.LATEST)
    return bytes(store.serialize_cdr(store.types[STRING](data=text), STRING))


def _read(path) -> list[tuple[str, int, str]]:
    from rosbags.highlevel import AnyReader

    with AnyReader([path]) as reader:
        return [(c.topic, t, reader.deserialize(raw, c.msgtype).data) for c, t, raw in reader.messages()]


def test_what_was_appended_is_in_the_bag_with_its_times(tmp_path):
    bag = Bag(tmp_path / "bag")
    bag.append("/a", STRING, 10, _string("one"))
    bag.append("/b", STRING, 20, _string("two"))
    bag.append("/a", STRING, 30, _string("three"))
    bag.close()
    assert _read(tmp_path / "bag") == [("/a", 10, "one"), ("/b", 20, "two"), ("/a", 30, "three")]
    assert list((tmp_path / "bag").glob("*.mcap"))
    assert not journal_of(tmp_path / "bag").exists()


@pytest.mark.parametrize("torn_bytes", [0, 1, 9])
def test_a_killed_recording_is_gone_on_with_and_loses_only_what_was_torn(tmp_path, torn_bytes):
    killed = Bag(tmp_path / "bag")
    killed.append("/a", STRING, 10, _string("before"))
    killed.append("/a", STRING, 20, _string("last words"))
    killed._file.close()  # as the system does for a process that is killed
    journal = journal_of(tmp_path / "bag")
    if torn_bytes:
        journal.write_bytes(journal.read_bytes()[:-torn_bytes])
    again = Bag(tmp_path / "bag")
    again.append("/a", STRING, 30, _string("after"))
    again.close()
    texts = [text for _, _, text in _read(tmp_path / "bag")]
    assert texts == (["before", "last words", "after"] if not torn_bytes else ["before", "after"])


def test_a_killed_recording_can_be_finished_by_others(tmp_path):
    killed = Bag(tmp_path / "bag")
    killed.append("/a", STRING, 10, _string("one"))
    assert finish(tmp_path / "bag")
    assert [text for _, _, text in _read(tmp_path / "bag")] == ["one"]
    assert not finish(tmp_path / "bag"), "there is nothing left to finish"


def test_an_existing_bag_is_never_written_over(tmp_path):
    (tmp_path / "bag").mkdir()
    with pytest.raises(ConfigError, match="a path that does not exist yet"):
        Bag(tmp_path / "bag")


def test_a_strange_journal_is_refused(tmp_path):
    journal_of(tmp_path / "bag").write_bytes(b"something else")
    with pytest.raises(ConfigError, match="a journal of this package"):
        Bag(tmp_path / "bag")


def test_it_says_which_messages_it_can_hold(tmp_path):
    bag = Bag(tmp_path / "bag")
    assert bag.can_hold("trajectory_msgs/msg/JointTrajectory")
    assert not bag.can_hold("unheard_of_msgs/msg/Thing")
    bag.close()
