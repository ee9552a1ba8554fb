"""Faces that are fitted to voices: axes follow pitch and vocal tract monotonically, can be set, and are ranked."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from tube_voice import tube_voice

from speech_gesture_ros.core.errors import ConfigError, InputError
from speech_gesture_ros.face.fit.axes import AXES, FACE_AXES, SCALES, face_distance, fit_axes, formula_of, idle_of_axes
from speech_gesture_ros.face.fit.fit_files import rank_faces, read_axes, write_fit
from speech_gesture_ros.face.fit.makehuman_sliders import SLIDERS, sliders_of_axes
from speech_gesture_ros.features.voice.voice_measures import measure_voice

CENTRE = {scale.measure: scale.centre for scale in SCALES.values()}


def axes_of(measures: dict[str, float], **overrides: float) -> dict[str, float]:
    return {axis.name: axis.value for axis in fit_axes(measures, overrides)}


def axes_of_voice(**voice: float) -> dict[str, float]:
    return axes_of(measure_voice(tube_voice(**voice)).as_mapping())


def test_a_usual_voice_has_a_usual_face() -> None:
    assert set(axes_of(CENTRE).values()) == {0.0}
    assert idle_of_axes(axes_of(CENTRE)) == {"blinks_per_minute": 17.0, "movement": 1.0}


def test_axes_have_the_values_of_their_formulas() -> None:
    axes = axes_of(CENTRE | {"f0_hz": 155.0 * 2**0.375, "tract_cm": 17.4, "effort_db": -4.0, "rate_hz": 5.8})
    assert axes == pytest.approx({"head_length": 0.5, "jaw": 0.0, "neck": -0.5, "mouth": 0.6, "proportions": 0.2,
                                  "blinks": 1.0, "movement": 0.0}, abs=1e-3)
    assert formula_of("jaw") == "0.5 tract -0.5 pitch"
    assert idle_of_axes(axes)["blinks_per_minute"] == pytest.approx(24.0, abs=0.1)


def test_a_higher_pitch_narrows_neck_and_jaw_and_leaves_the_head() -> None:
    faces = [axes_of_voice(f0_hz=f0, tract_cm=16.2) for f0 in (100.0, 125.0, 155.0, 190.0, 230.0)]
    for axis in ("neck", "jaw", "proportions"):
        values = [face[axis] for face in faces]
        assert all(a > b + 0.02 for a, b in pairwise(values)), axis
    assert np.ptp([face["head_length"] for face in faces]) < 0.25


def test_a_longer_tract_lengthens_the_head_widens_the_jaw_and_leaves_the_neck() -> None:
    faces = [axes_of_voice(f0_hz=150.0, tract_cm=tract) for tract in (14.2, 15.2, 16.2, 17.2, 18.2)]
    for axis in ("head_length", "jaw", "proportions"):
        values = [face[axis] for face in faces]
        assert all(b > a + 0.05 for a, b in pairwise(values)), axis
    assert np.ptp([face["neck"] for face in faces]) < 0.05


def test_values_stay_within_one_for_any_voice() -> None:
    for f0, tract in ((40.0, 40.0), (2000.0, 5.0)):
        axes = axes_of({name: 1e6 if name not in ("f0_hz", "tract_cm") else value for name, value in
                        (CENTRE | {"f0_hz": f0, "tract_cm": tract}).items()})
        assert max(abs(value) for value in axes.values()) <= 1.0


def test_an_axis_can_be_set_and_others_stay() -> None:
    face, changed = axes_of(CENTRE | {"f0_hz": 200.0}), axes_of(CENTRE | {"f0_hz": 200.0}, jaw=0.3)
    assert changed == face | {"jaw": 0.3}
    assert [axis.formula for axis in fit_axes(CENTRE, {"jaw": 0.3}) if axis.name == "jaw"] == ["set"]


@pytest.mark.parametrize("overrides", [{"nose": 0.1}, {"jaw": 1.1}, {"jaw": float("nan")}])
def test_axes_that_are_unknown_or_out_of_bounds_are_refused(overrides: dict[str, float]) -> None:
    with pytest.raises(ConfigError, match=r"axis"):
        fit_axes(CENTRE, overrides)


def test_a_measure_that_is_no_number_is_refused() -> None:
    with pytest.raises(ConfigError, match="rate_hz"):
        fit_axes(CENTRE | {"rate_hz": float("nan")})


def test_sliders_follow_their_axes_within_one() -> None:
    assert set(SLIDERS) == set(FACE_AXES)
    assert all(abs(full) <= 1.0 for row in SLIDERS.values() for full in row.values())
    sliders = sliders_of_axes(dict.fromkeys(AXES, 0.0) | {"jaw": -0.5})
    assert sliders["chin/chin-width"] == pytest.approx(-0.3)
    assert sliders["neck/neck-scale-horiz"] == 0.0


def test_a_file_is_read_as_written_and_faces_are_ranked_by_distance(tmp_path: Path) -> None:
    for name, f0 in (("low", 100.0), ("middle", 150.0), ("high", 240.0)):
        measures = CENTRE | {"f0_hz": f0}
        write_fit(tmp_path / f"{name}.json", fit_axes(measures), measures)
    axes = axes_of(CENTRE | {"f0_hz": 110.0})
    ranked = rank_faces(tmp_path, axes)
    assert [name for _, name in ranked] == ["low", "middle", "high"]
    assert ranked[0][0] == pytest.approx(face_distance(axes, read_axes(tmp_path / "low.json")), abs=1e-4)
    content = json.loads((tmp_path / "low.json").read_text())
    assert set(content) == {"identity", "axes", "idle", "measures", "formulas"}
    assert set(content["axes"]) == set(AXES)


def test_the_distance_is_the_root_mean_square_of_the_axes() -> None:
    zero = dict.fromkeys(AXES, 0.0)
    assert face_distance(zero, zero | {"jaw": 1.0}) == pytest.approx(np.sqrt(0.2))
    assert face_distance(zero, zero | {"blinks": 1.0}) == 0.0


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"axes": {"jaw": 1}}', '{"axes": 3}'])
def test_damaged_files_are_refused(text: str, tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(text)
    with pytest.raises(InputError, match="fitted face"):
        rank_faces(tmp_path, dict.fromkeys(AXES, 0.0))


def test_a_folder_without_faces_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="faces in"):
        rank_faces(tmp_path, dict.fromkeys(AXES, 0.0))
