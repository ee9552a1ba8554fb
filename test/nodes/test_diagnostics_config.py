"""The shipped analyzers of diagnostic_aggregator take every status of this package, each by one analyzer."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

import speech_gesture_ros
from speech_gesture_ros.core.assets import share_folder

NODES = Path(speech_gesture_ros.__file__).parent / "nodes"
STATUSES = ("gesture_node: gestures", "gesture_node: controllers", "mujoco_node: robot")


def analyzers() -> dict[str, dict[str, Any]]:
    parameters = yaml.safe_load((share_folder() / "config" / "diagnostics.yaml").read_text())["/**"]["ros__parameters"]
    group = parameters["speech_gestures"]
    assert group["type"] == "diagnostic_aggregator/AnalyzerGroup"
    found: dict[str, dict[str, Any]] = group["analyzers"]
    return found


def takers(name: str) -> list[str]:
    """Analyzers that take a status: GenericAnalyzer looks for each text of `contains` in the name."""
    return [key for key, analyzer in analyzers().items() if any(text in name for text in analyzer["contains"])]


@pytest.mark.parametrize("namespace", ["/", "/left/", "/robots/nr_1/"])
@pytest.mark.parametrize("status", STATUSES)
def test_each_status_has_one_analyzer_in_any_namespace(namespace: str, status: str) -> None:
    assert len(takers(namespace + status)) == 1


@pytest.mark.parametrize("name", ["/camera: gestures", "/controller_manager: Controllers Activity",
                                  "/gesture_node_2: x", "/robot_driver: robot"])
def test_statuses_of_other_nodes_are_not_taken(name: str) -> None:
    assert takers(name) == []


def test_the_nodes_publish_no_other_statuses() -> None:
    sources = {path.stem: path.read_text() for path in NODES.glob("*.py")}
    parts = set(re.findall(r'part(?:: str)? ?= ?"(\w+)"', "".join(sources.values())))
    assert {f"gesture_node: {part}" for part in parts} | {
        f"{stem}: {part}" for stem, text in sources.items()
        for part in re.findall(r'get_fully_qualified_name\(\)}: (\w+)"', text)} == set(STATUSES)


def test_values_have_the_types_that_the_aggregator_reads() -> None:
    for analyzer in analyzers().values():
        assert analyzer["type"] == "diagnostic_aggregator/GenericAnalyzer"
        assert type(analyzer["timeout"]) is float
        assert set(analyzer) <= {"type", "path", "contains", "timeout", "discard_stale"}
        assert type(analyzer.get("discard_stale", False)) is bool
