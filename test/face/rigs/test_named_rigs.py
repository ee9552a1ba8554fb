"""Rigs by name turn an animation into channels with the right values; files of channels hold them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from spoken_face import PHONES, spoken_face

from speech_gesture_ros.core.errors import ConfigError, InputError
from speech_gesture_ros.core.face_channels import BLENDSHAPE_INDEX
from speech_gesture_ros.face.animation import face_animation
from speech_gesture_ros.face.channel_files import write_channels
from speech_gesture_ros.face.rigs.named_rigs import NAMED_RIGS, named_rig

FACE = spoken_face()
KEYS_OF_PAU = """
eye-flare.UP.R lips-narrow.L lips-frown.R eye-blink.UP.R lip-UP.L.UP eye-blink.UP.L lips-frown.L lips-narrow.R
eye-flare.UP.L lip-DN.C.UP eye-flare.LO.R lip-DN.R.UP brow_inner_UP.R brow_outer_UP.L brow_inner_UP.L eye-flare.LO.L
brow_center_DN lips-smile.R lip-JAW.DN lip-DN.R.DN wince.L lips-smile.L eye-blink.LO.R lip-UP.R.UP lip-UP.C.DN
eye-blink.LO.L brow_center_UP lip-DN.L.DN lip-DN.L.UP wince.R sneer.L lips-wide.L brow_outer_DN.R lip-UP.R.DN
brow_inner_DN.L brow_outer_up.R brow_inner_DN.R lip-DN.C.DN lip-UP.L.DN brow_outer_DN.L lip-UP.C.UP lips-wide.R sneer.R
"""  # names that publishers of the message send


def channels(rig: str, **shapes: float) -> dict[str, float]:
    values = np.zeros((1, 52))
    for name, value in shapes.items():
        values[0, BLENDSHAPE_INDEX[name]] = value
    named = named_rig(rig)
    return dict(zip(named.channels, named.values(face_animation(values, head=np.array([[0.1, 0.2, 0.3]])))[0].tolist()))


@pytest.mark.parametrize("rig", sorted(NAMED_RIGS))
def test_every_rig_has_a_finite_value_for_each_channel_and_frame(rig: str) -> None:
    named = named_rig(rig)
    values = named.values(FACE)
    assert values.shape == (len(FACE), len(named.channels))
    assert np.isfinite(values).all()
    assert len(set(named.channels)) == len(named.channels)


def test_the_jaw_alone_is_closed_in_every_p_b_m_and_open_in_vowels() -> None:
    jaw, times = named_rig("jaw").values(FACE)[:, 0], np.arange(len(FACE)) / 50
    for phone in PHONES:
        within = jaw[(times >= phone.start_s - 1e-6) & (times <= phone.end_s + 1e-6)]
        assert within.min() < 0.01 if phone.name in "pmb" else within.max() > 0.3


def test_hanson_has_the_keys_of_the_message_in_place_of_pairs_and_angles_beside() -> None:
    names = set(named_rig("pau").channels)
    assert {name for name in names if not name.startswith(("m_eye", "head"))} == set(KEYS_OF_PAU.split())
    values = channels("pau", jawOpen=0.8, mouthClose=0.3, mouthSmileLeft=0.6, eyeBlinkRight=1.0, browOuterUpRight=0.4,
                      eyeLookOutLeft=1.0, eyeLookInRight=1.0)
    assert values["lip-JAW.DN"] == pytest.approx(0.5)
    assert (values["lips-smile.L"], values["lips-smile.R"]) == (pytest.approx(0.6), 0.0)
    assert (values["eye-blink.UP.R"], values["eye-blink.UP.L"]) == (1.0, 0.0)
    assert values["brow_outer_up.R"] == pytest.approx(0.4)
    assert values["m_eyeGazeLeftYaw"] == values["m_eyeGazeRightYaw"] == pytest.approx(np.radians(30.0))
    assert [values[name] for name in ("headYaw", "headPitch", "headRoll")] == pytest.approx([0.1, 0.2, 0.3])


def test_action_units_have_two_digits() -> None:
    values = channels("facs", jawOpen=0.5, mouthClose=0.5, mouthPucker=0.7)
    assert (values["AU18"], values["AU26"], values["AU25"]) == (pytest.approx(0.7), 0.5, 0.0)
    assert "AU01" in values


def test_openxr_takes_the_visemes_of_the_file_and_estimates_missing_ones() -> None:
    named = named_rig("openxr")
    np.testing.assert_allclose(named.values(FACE), FACE.visemes, atol=1e-6)
    without = named.values(face_animation(FACE.shapes))
    np.testing.assert_allclose(without.sum(axis=1), 1.0)
    middle = round((PHONES[4].start_s + 0.05) * 50)
    assert without[middle].argmax() == named.values(FACE)[middle].argmax() == 1  # PP in an m


def test_joints_of_a_file_follow_within_their_limits() -> None:
    rig = named_rig("jaw.yaml")
    jaw = rig.values(FACE)[:, 0]
    assert rig.channels == ("jaw_joint",)
    assert jaw.min() >= 0.0
    assert 0.05 < jaw.max() <= 0.35
    assert np.abs(np.diff(jaw)).max() * 50 <= 5.0 + 1e-6


def test_files_of_channels_hold_them(tmp_path: Path) -> None:
    names, values = ("a", "b"), np.array([[0.1, 0.2], [0.3, 0.4]])
    for ending in ("csv", "json", "npz"):
        write_channels(tmp_path / f"x.{ending}", names, values)
    assert (tmp_path / "x.csv").read_text() == "time_s,a,b\n0.0000,0.1000,0.2000\n0.0200,0.3000,0.4000\n"
    assert json.loads((tmp_path / "x.json").read_text()) == {"rate_hz": 50, "names": ["a", "b"],
                                                            "values": [[0.1, 0.2], [0.3, 0.4]]}
    np.testing.assert_array_equal(np.load(tmp_path / "x.npz")["values"], values)


def test_unknown_rigs_and_endings_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="one of vrm"):
        named_rig("vmr")
    with pytest.raises(ConfigError, match="config/faces"):
        named_rig("none.yaml")
    with pytest.raises(InputError, match="endings"):
        write_channels(tmp_path / "x.txt", ("a",), np.zeros((1, 1)))
