"""A recording survives the end of its recorder."""

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


def test_appended_messages_are_in_the_bag_with_their_times(tmp_path):
    bag = Bag(tmp_path / "bag")
    bag.append("/a", STRING, 10, _string("one"))
    bag.append("/b", STRING, 20, _string("two"))
    bag.append("/a", STRING, 30, _string("three"))
    bag.close()
    assert _read(tmp_path / "bag") == [("/a", 10, "one"), ("/b", 20, "two"), ("/a", 30, "three")]
    assert list((tmp_path / "bag").glob("*.mcap"))
    assert not journal_of(tmp_path / "bag").exists()


@pytest.mark.parametrize("missing_bytes", [0, 1, 9])
def test_a_killed_recording_is_continued_and_loses_only_its_incomplete_record(tmp_path, missing_bytes):
    killed = Bag(tmp_path / "bag")
    killed.append("/a", STRING, 10, _string("before"))
    killed.append("/a", STRING, 20, _string("last"))
    del killed  # a killed process closes nothing
    journal = journal_of(tmp_path / "bag")
    if missing_bytes:
        journal.write_bytes(journal.read_bytes()[:-missing_bytes])
    again = Bag(tmp_path / "bag")
    again.append("/a", STRING, 30, _string("after"))
    again.close()
    texts = [text for _, _, text in _read(tmp_path / "bag")]
    assert texts == (["before", "last", "after"] if not missing_bytes else ["before", "after"])


def test_a_killed_recording_can_be_converted_by_another_process(tmp_path):
    killed = Bag(tmp_path / "bag")
    killed.append("/a", STRING, 10, _string("one"))
    assert finish(tmp_path / "bag")
    assert [text for _, _, text in _read(tmp_path / "bag")] == ["one"]
    assert not finish(tmp_path / "bag"), "no journal is left"


def test_an_existing_bag_is_never_overwritten(tmp_path):
    (tmp_path / "bag").mkdir()
    with pytest.raises(ConfigError, match="a path that does not exist yet"):
        Bag(tmp_path / "bag")


def test_a_journal_of_another_kind_is_refused(tmp_path):
    journal_of(tmp_path / "bag").write_bytes(b"something else")
    with pytest.raises(ConfigError, match="a journal of this package"):
        Bag(tmp_path / "bag")


def test_unknown_message_types_cannot_be_written(tmp_path):
    bag = Bag(tmp_path / "bag")
    assert bag.can_hold("trajectory_msgs/msg/JointTrajectory")
    assert not bag.can_hold("unknown_msgs/msg/Thing")
    bag.close()
