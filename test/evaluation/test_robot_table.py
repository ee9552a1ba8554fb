"""Check of many robots into one document: the text around the table stays, robots without two arms are named."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from speech_gesture_ros.cli.main import main
from speech_gesture_ros.cli.robot_table import BEGIN, END, mesh_cell
from speech_gesture_ros.evaluation.robot_mesh_audit import MeshAudit, PairDepth

DEMO = Path("config/robots/demo_humanoid.urdf").resolve()


@pytest.mark.slow
def test_the_table_is_written_into_the_document_with_its_pictures(tmp_path: Path) -> None:
    stick = tmp_path / "stick.urdf"
    stick.write_text('<robot name="stick"><link name="base"/></robot>')
    document = tmp_path / "docs" / "robots.md"
    document.parent.mkdir()
    document.write_text(f"# Robots\n\n{BEGIN}\nobsolete\n{END}\n\nThe end.\n", encoding="utf-8")
    images, figures = tmp_path / "docs" / "images", tmp_path / "figures.json"
    assert main(["robot", "table", str(DEMO), str(stick), "--minutes", "0.05", "--data", str(tmp_path),
                 "--out", str(document), "--images", str(images), "--json", str(figures)]) == 0
    text = document.read_text(encoding="utf-8")
    assert text.startswith("# Robots\n")
    assert text.endswith("The end.\n")
    assert "obsolete" not in text
    assert "| demo_humanoid | ![demo_humanoid](images/demo_humanoid.jpg) | 7, 3, 3 |" in text
    assert "| frames with meshes deeper than 2 mm |" in text
    assert "| no meshes |" in text
    assert "Left out: stick" in text
    assert "1 of 1 pass" in text
    assert (images / "demo_humanoid.jpg").stat().st_size < 40_000
    check = json.loads(figures.read_text(encoding="utf-8"))[0]
    assert check["passes"]
    assert f"{check['kinds']['speech']['timing']:.2f}" in text


def test_the_column_of_meshes_has_share_depth_and_pair_or_says_that_there_are_none() -> None:
    pairs = PairDepth(("torso", "cap"), 128, 0.032), PairDepth(("palm", "grip"), 3, 0.004)
    assert mesh_cell(MeshAudit("collision", 9, 1, 1000, 130, 0.032, pairs, ())) == (
        "13 %, 32 mm: torso / cap and 1 pairs more; 1 links unreadable")
    assert mesh_cell(MeshAudit("collision", 9, 0, 1000, 0, 0.001, (), ())) == "0"
    assert mesh_cell(MeshAudit("collision", 0, 4, 0, 0, 0.0, (), ())) == mesh_cell(None) == "no meshes"


def test_a_document_without_marks_is_not_changed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    document = tmp_path / "robots.md"
    document.write_text("mine", encoding="utf-8")
    assert main(["robot", "table", str(DEMO), "--out", str(document)]) == 2
    assert BEGIN in capsys.readouterr().err
    assert document.read_text(encoding="utf-8") == "mine"
