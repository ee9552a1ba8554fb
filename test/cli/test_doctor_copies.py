"""`speech-gesture doctor` finds a second copy of the package."""

from __future__ import annotations

import sys

from speech_gesture_ros.cli.doctor import check_copies


def test_a_second_copy_is_named_with_its_version_and_the_remedy(tmp_path, monkeypatch):
    assert check_copies().works
    folder = tmp_path / "site-packages"
    (folder / "speech_gesture_ros").mkdir(parents=True)
    (folder / "speech_gesture_ros" / "__init__.py").touch()
    metadata = folder / "speech_gesture_ros-0.0.9.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: speech_gesture_ros\nVersion: 0.0.9\n")
    monkeypatch.setattr(sys, "path", [*sys.path, str(folder)])
    finding = check_copies()
    assert not finding.works
    assert f"another copy, 0.0.9, at {folder}" in finding.detail
    assert "pip uninstall speech_gesture_ros" in finding.remedy
