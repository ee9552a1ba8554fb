"""The voice waits for the hands."""

from __future__ import annotations

from speech_gesture_ros.agent.delayed_audio import DelayedAudio


def test_messages_come_out_when_they_are_due_in_order():
    heard: list[str] = []
    audio = DelayedAudio(heard.append)
    audio.push("a", 10)
    audio.push("b", 20)
    audio.update(9)
    assert heard == []
    audio.update(15)
    assert heard == ["a"]
    audio.update(100)
    assert heard == ["a", "b"]


def test_a_shrinking_delay_never_changes_the_order():
    heard: list[str] = []
    audio = DelayedAudio(heard.append)
    audio.push("a", 100)
    audio.push("b", 50)
    audio.update(60)
    assert heard == []
    audio.update(100)
    assert heard == ["a", "b"]


def test_reset_forgets_what_waits():
    heard: list[str] = []
    audio = DelayedAudio(heard.append)
    audio.push("a", 10)
    audio.reset()
    audio.update(100)
    assert heard == []
