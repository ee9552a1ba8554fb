"""The small person of the tests, and the avatar made of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from small_makehuman import write_small_makehuman

from speech_gesture_ros.avatar.build import build_avatar
from speech_gesture_ros.avatar.identity import AvatarSettings
from speech_gesture_ros.avatar.model import AvatarModel


@pytest.fixture(scope="session")
def small_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_small_makehuman(tmp_path_factory.mktemp("makehuman"))


@pytest.fixture(scope="session")
def small_avatar(small_data: Path) -> AvatarModel:
    return build_avatar(small_data, AvatarSettings())


@pytest.fixture(scope="session")
def makehuman(data_folder: Path) -> Path:
    folder = data_folder / "avatar" / "makehuman_cc0"
    if not folder.is_dir():
        pytest.skip(f"no MakeHuman data at {folder}: models/avatar/README.md names the sources")
    return folder
