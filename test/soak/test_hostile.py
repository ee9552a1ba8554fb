"""Short version of the hostile test: a few messages, stops and a kill; the whole one is `./run hostile`."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from small_bundle import write_small_bundle

pytestmark = [pytest.mark.ros, pytest.mark.slow]
pytest.importorskip("rclpy", reason="needs ROS 2: pip install '.[ros]'")

SCRIPT = Path(__file__).with_name("hostile.py")


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {key: value for key, value in os.environ.items() if key != "ROS_DOMAIN_ID"}
    command = [sys.executable, str(SCRIPT), "--model", str(write_small_bundle(folder)), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environment)


@pytest.mark.timeout(900)
def test_no_message_stop_or_kill_ends_or_fools_the_node(tmp_path: Path) -> None:
    done = run(tmp_path, "--messages", "60", "--only", "digits", "--stops", "4", "--kills", "1")
    assert done.returncode == 0, done.stdout
    assert " 0 faults, 0 tracebacks" in done.stdout
