from __future__ import annotations

from speech_gesture_ros.agent.inhibitors import Lock, MotionInhibitors
from speech_gesture_ros.core.timebase import NS


def test_reasons_are_those_of_everybody_who_has_one() -> None:
    inhibitors, lock = MotionInhibitors(), Lock("/lock")
    inhibitors.register("lock", lambda: lock.reason)
    assert inhibitors.reasons() == ()
    inhibitors.set("a", "because")
    lock.take(True)
    assert inhibitors.reasons() == ("because", "locked by /lock")
    assert (inhibitors.reason("a"), inhibitors.reason("lock"), inhibitors.reason("b")) == (
        "because", "locked by /lock", "")
    inhibitors.set("a")
    lock.take(False)
    assert inhibitors.reasons() == ()


def test_without_a_timeout_the_last_word_counts_and_silence_is_free() -> None:
    now = [0]
    lock = Lock("/lock", 0.0, lambda: now[0])
    assert lock.reason == ""
    lock.take(True)
    now[0] += 3600 * NS
    assert lock.reason == "locked by /lock"
    lock.take(False)
    now[0] += 3600 * NS
    assert lock.reason == ""


def test_with_a_timeout_only_a_fresh_false_is_free() -> None:
    now = [0]
    lock = Lock("/lock", 0.5, lambda: now[0])
    assert "silent" in lock.reason, "never heard of"
    lock.take(False)
    now[0] += NS // 2
    assert lock.reason == ""
    now[0] += 1
    assert lock.reason == "/lock is silent for more than 0.5 s, which locks"
    lock.take(True)
    assert lock.reason == "locked by /lock"
