"""Nodes are monitored: the output of one that ends is reported, and all are ended."""

from __future__ import annotations

from pathlib import Path

import pytest

from speech_gesture_ros.cli.node_processes import NodeEndedError, NodeProcesses

pytestmark = pytest.mark.ros


def test_a_node_that_ends_is_reported_with_the_end_of_its_output(tmp_path: Path) -> None:
    with NodeProcesses(tmp_path) as nodes:
        nodes.start("audio_file_node", {"path": str(tmp_path / "none.wav")})
        with pytest.raises(NodeEndedError, match=r"(?s)audio_file_node ended with status 1.*none\.wav"):
            nodes.wait_for(lambda: False, 60.0, "a condition")


def test_a_timeout_names_the_condition(tmp_path: Path) -> None:
    with NodeProcesses(tmp_path) as nodes, pytest.raises(NodeEndedError, match="while waiting for a condition"):
        nodes.wait_for(lambda: False, 0.1, "a condition")


def test_nodes_end_with_the_block(tmp_path: Path) -> None:
    with NodeProcesses(tmp_path) as nodes:
        nodes.start("recorder_node", {"path": tmp_path / "bag"})
        nodes.wait_for((tmp_path / "bag.journal").exists, 60.0, "the recorder")
        assert nodes.is_running("recorder_node")
    assert not nodes.is_running("recorder_node")
    assert (tmp_path / "bag").is_dir()  # written when the recorder ends
