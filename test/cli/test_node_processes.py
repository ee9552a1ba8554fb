"""Nodes are watched: one that dies says why, and none is left behind."""

from __future__ import annotations

from pathlib import Path

import pytest

from speech_gesture_ros.cli.node_processes import NodeDiedError, NodeProcesses

pytestmark = pytest.mark.ros


def test_a_node_that_dies_is_reported_with_its_last_words(tmp_path: Path) -> None:
    with NodeProcesses(tmp_path) as nodes:
        nodes.start("audio_file_node", {"path": str(tmp_path / "none.wav")})
        with pytest.raises(NodeDiedError, match=r"(?s)audio_file_node ended with status 1.*none\.wav"):
            nodes.wait_for(lambda: False, 60.0, "a miracle")


def test_waiting_in_vain_says_for_what(tmp_path: Path) -> None:
    with NodeProcesses(tmp_path) as nodes, pytest.raises(NodeDiedError, match="in vain for a miracle"):
        nodes.wait_for(lambda: False, 0.1, "a miracle")


def test_nodes_end_with_the_block(tmp_path: Path) -> None:
    with NodeProcesses(tmp_path) as nodes:
        nodes.start("recorder_node", {"path": tmp_path / "bag"})
        process = nodes._running["recorder_node"]
        nodes.wait_for((tmp_path / "bag.journal").exists, 60.0, "the recorder")
        assert nodes.is_running("recorder_node")
    assert process.poll() is not None
    assert (tmp_path / "bag").is_dir()
