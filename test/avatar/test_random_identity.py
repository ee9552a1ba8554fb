"""Avatars that are drawn by a seed: reproducible, different, within the range of the sliders."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from speech_gesture_ros.avatar.build import build_avatar
from speech_gesture_ros.avatar.identity import identity_offsets, list_sliders
from speech_gesture_ros.avatar.makehuman import read_base
from speech_gesture_ros.avatar.random_identity import (
    CLIP,
    HEAD_SHAPES,
    LEFT_OUT,
    MAX_HEAD_SHAPE,
    SPREAD,
    random_settings,
)
from speech_gesture_ros.cli.main import main
from speech_gesture_ros.core.errors import ConfigError

NAMES = [f"{folder}/{folder}-{part}" for folder in SPREAD for part in ("a", "b", "c")] + [
    f"head/head-{shape}" for shape in HEAD_SHAPES] + ["head/head-age", "ears/ear-shape-pointed", "lips/lip"]


def test_the_same_seed_gives_the_same_person_and_others_give_others():
    people = [random_settings(NAMES, seed) for seed in range(200)]
    assert random_settings(NAMES[::-1], 3) == people[3]
    assert len({str(person.identity) for person in people}) == 200
    assert len({person.colours.skin for person in people}) > 100
    for person in people:
        shapes = [name for name in person.identity if name.removeprefix("head/head-") in HEAD_SHAPES]
        assert len(shapes) == 1
        assert 0.0 <= person.identity.pop(shapes[0]) <= MAX_HEAD_SHAPE
        assert not any(name.startswith(LEFT_OUT) for name in person.identity)
        for name, value in person.identity.items():
            assert abs(value) <= CLIP * SPREAD.get(name.partition("/")[0], 0.0) + 1e-9
        assert len(set(person.rest.values())) == 1
    values = np.array([person.identity["nose/nose-a"] for person in people])
    assert abs(values.mean()) < 0.06
    assert values.std() == pytest.approx(SPREAD["nose"], abs=0.05)
    with pytest.raises(ConfigError, match="seed is -1"):
        random_settings(NAMES, -1)


def test_an_avatar_is_built_of_drawn_settings(small_data: Path):
    model = build_avatar(small_data, random_settings(list_sliders(small_data), 5))
    assert all(np.all(np.isfinite(mesh.points)) for mesh in model.meshes)


def test_the_command_writes_the_same_file_for_a_seed_and_settings_count_over_it(small_data: Path, tmp_path: Path):
    outs = [tmp_path / name for name in ("a.glb", "b.glb", "c.glb", "d.glb")]
    options = [["--random", "5"], ["--random", "5"], ["--random", "6"],
               ["--random", "5", "--identity", str(tmp_path / "red.yaml")]]
    (tmp_path / "red.yaml").write_text('colours: {skin: "#ff0000"}\n')
    for out, option in zip(outs, options):
        assert main(["avatar", "build", "--data", str(small_data), *option, "--out", str(out)]) == 0
    contents = [out.read_bytes() for out in outs]
    assert contents[0] == contents[1]
    assert len(set(contents)) == 3


def test_drawn_people_differ_from_the_neutral_one_by_centimetres_at_most(makehuman: Path):
    count = len(read_base(makehuman).points)
    sliders = list_sliders(makehuman)
    for seed in range(12):
        identity = random_settings(sliders, seed).identity
        assert set(identity) <= set(sliders)
        offsets = np.linalg.norm(identity_offsets(makehuman, identity, count), axis=1)
        assert 0.005 < offsets.max() < 0.05
