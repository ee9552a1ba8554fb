"""The demo humanoid with wrists that turn without end."""

from __future__ import annotations

import re
from pathlib import Path

DEMO = Path("config/robots/demo_humanoid.urdf").resolve()


def with_continuous_wrists() -> str:
    """Return the URDF of the demo humanoid whose joints left_wrist_yaw and right_wrist_yaw are continuous."""
    text, count = re.subn(
        r'(<joint name="(?:left|right)_wrist_yaw" type=)"revolute"(.*?<limit) lower="-1.9" upper="1.9"',
        r'\1"continuous"\2', DEMO.read_text(encoding="utf-8"), flags=re.DOTALL)
    assert count == 2
    return text
