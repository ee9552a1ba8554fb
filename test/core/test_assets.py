from __future__ import annotations

from pathlib import Path

import pytest

from speech_gesture_ros.core.assets import resolve, share_folder
from speech_gesture_ros.core.errors import ConfigError


def test_shipped_files_are_found_by_name_by_path_and_by_package_address() -> None:
    by_name = resolve("upper_body", "config/skeletons")
    assert by_name.name == "upper_body.yaml"
    assert resolve(by_name, "anywhere") == by_name
    assert resolve("package://speech_gesture_ros/config/skeletons/upper_body.yaml", "x").samefile(by_name)


def test_an_unknown_name_lists_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"'uper_body'.*upper_body\.yaml"):
        resolve("uper_body", "config/skeletons")


def test_the_share_folder_holds_configuration_and_models() -> None:
    assert (share_folder() / "config").is_dir()
    assert (share_folder() / "models").is_dir()
