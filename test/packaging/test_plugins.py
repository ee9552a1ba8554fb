"""The tests run beside the pytest plugins that a ROS installation brings."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
# Hooks as in launch_testing and launch_testing_ros: arguments that pytest 9.1 refuses, and a hook of the other plugin.
HOOKS = "def pytest_pycollect_makemodule(path, parent): raise RuntimeError('used')"
OTHER = "def pytest_launch_collect_makemodule(path, parent, entrypoint): raise RuntimeError('used')"


@pytest.mark.slow
def test_the_tests_are_collected_beside_the_plugins_of_launch_testing(tmp_path: Path) -> None:
    (tmp_path / "hooks_of_launch_testing.py").write_text(HOOKS)
    (tmp_path / "hooks_of_launch_ros.py").write_text(OTHER)
    info = tmp_path / "ros_plugins-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: ros-plugins\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(
        "[pytest11]\nlaunch_testing = hooks_of_launch_testing\nlaunch_ros = hooks_of_launch_ros\n")
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "test/core/test_errors.py"]
    done = subprocess.run(command, cwd=ROOT,
                          env={**os.environ, "PYTHONPATH": str(tmp_path)}, capture_output=True, text=True, check=False,
                          timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "test/core/test_errors.py::" in done.stdout
