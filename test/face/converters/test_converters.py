"""Converters: what they write is decoded here by readings of the formats that share no code with them."""

from __future__ import annotations

import json
import math
import struct
from typing import Any

import numpy as np
import pytest

from speech_gesture_ros.core.errors import ConfigError, InputError
from speech_gesture_ros.core.face_channels import BLENDSHAPE_INDEX, BLENDSHAPES
from speech_gesture_ros.core.humanoid_bones import BONES, unity_name
from speech_gesture_ros.face.converters.furhat import FURHAT_NAMES, furhat_gesture
from speech_gesture_ros.face.converters.icub_face import IcubFace
from speech_gesture_ros.face.converters.live_link_packet import live_link_packet
from speech_gesture_ros.face.converters.nao_leds import COLOURS, NaoLeds, eye_colour
from speech_gesture_ros.face.converters.openxr_visemes import openxr_packet
from speech_gesture_ros.face.converters.osc import osc_bundle, osc_message
from speech_gesture_ros.face.converters.pal_expression import PalExpression
from speech_gesture_ros.face.converters.reachy_antennas import MAX_ANGLE, antenna_angles, antennas_text
from speech_gesture_ros.face.converters.vmc import MAX_BUNDLE, vmc_packets
from speech_gesture_ros.face.expressions import expression_shapes


def face(**values: float) -> np.ndarray:
    """(52,) blendshapes."""
    out = np.zeros(len(BLENDSHAPES))
    for name, value in values.items():
        out[BLENDSHAPE_INDEX[name]] = value
    return out


def read_text(data: bytes, at: int) -> tuple[str, int]:
    end = data.index(b"\0", at)
    return data[at:end].decode(), end + 4 - end % 4


def read_osc(data: bytes) -> list[tuple[str, list[Any]]]:
    """Messages of a packet of OSC 1.0."""
    if data.startswith(b"#bundle\0"):
        assert data[8:16] == b"\0\0\0\0\0\0\0\1"
        messages, at = [], 16
        while at < len(data):
            size = int.from_bytes(data[at:at + 4], "big")
            messages += read_osc(data[at + 4:at + 4 + size])
            at += 4 + size
        assert at == len(data)
        return messages
    address, at = read_text(data, 0)
    types, at = read_text(data, at)
    assert address.startswith("/")
    assert types.startswith(",")
    values: list[Any] = []
    for kind in types[1:]:
        if kind == "s":
            text, at = read_text(data, at)
            values.append(text)
        else:
            values.append(struct.unpack(">f" if kind == "f" else ">i", data[at:at + 4])[0])
            at += 4
    assert at == len(data)
    return [(address, values)]


def test_osc_has_the_bytes_of_the_specification() -> None:
    """The two examples of OSC 1.0."""
    assert osc_message("/oscillator/4/frequency", [440.0]) == (
        b"/oscillator/4/frequency\0,f\0\0" + bytes.fromhex("43dc0000"))
    assert osc_message("/foo", [1000, -1, "hello", 1.234, 5.678]) == (
        b"/foo\0\0\0\0,iisff\0\0" + bytes.fromhex("000003e8ffffffff") + b"hello\0\0\0"
        + bytes.fromhex("3f9df3b640b5b22d"))
    assert read_osc(osc_bundle([osc_message("/a", ["b"]), osc_message("/c")])) == [("/a", ["b"]), ("/c", [])]


@pytest.mark.parametrize("names", ["vrm1", "vrm0", "arkit"])
def test_vmc_sets_the_bones_then_every_expression_and_applies_these_last(names: str) -> None:
    shapes = face(eyeBlinkLeft=0.75, jawOpen=0.5)
    bones = {name: np.array([0.25 * i, 0.5, -0.125, 0.0, 0.6, 0.0, 0.8]) for i, name in enumerate(BONES)}
    packets = vmc_packets(shapes, names, 12.5, bones)
    assert all(len(packet) <= MAX_BUNDLE for packet in packets)
    messages = [message for packet in packets for message in read_osc(packet)]
    assert messages[:3] == [("/VMC/Ext/OK", [1]), ("/VMC/Ext/T", [12.5]),
                            ("/VMC/Ext/Root/Pos", ["root", 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0])]
    assert messages[-1] == ("/VMC/Ext/Blend/Apply", [])
    weights = dict(values for address, values in messages if address == "/VMC/Ext/Blend/Val")
    assert weights[{"vrm1": "blinkLeft", "vrm0": "Blink_L", "arkit": "EyeBlinkLeft"}[names]] == 0.75
    assert len(weights) == (52 if names == "arkit" else 16)
    sent = [values for address, values in messages if address == "/VMC/Ext/Bone/Pos"]
    assert [values[0] for values in sent] == [unity_name(name) for name in BONES]
    np.testing.assert_allclose([values[1:] for values in sent], list(bones.values()), rtol=1e-6)
    with pytest.raises(ConfigError, match="vrm1, vrm0, arkit"):
        vmc_packets(shapes, "vrm2")


def test_vmc_sends_a_face_without_a_body_and_a_body_without_a_face() -> None:
    addresses = [address for packet in vmc_packets(face(jawOpen=0.5)) for address, _ in read_osc(packet)]
    assert "/VMC/Ext/Blend/Val" in addresses
    assert not {"/VMC/Ext/Bone/Pos", "/VMC/Ext/Root/Pos"} & set(addresses)
    bones = {"hips": np.array([0.0, 0.9, 0.0, 0.0, 0.0, 0.0, 1.0])}
    addresses = [address for packet in vmc_packets(None, bones=bones) for address, _ in read_osc(packet)]
    assert addresses == ["/VMC/Ext/OK", "/VMC/Ext/T", "/VMC/Ext/Root/Pos", "/VMC/Ext/Bone/Pos"]


def test_a_live_link_packet_has_61_values_after_its_names_and_time() -> None:
    packet = live_link_packet(face(eyeBlinkLeft=1.0, jawOpen=0.25), 10.51, "ada", np.array([0.1, 0.2, 0.3]))
    assert packet[0] == 6
    at = 1
    for _ in range(2):
        size = int.from_bytes(packet[at:at + 4], "big")
        assert packet[at + 4:at + 4 + size] == b"ada"
        at += 4 + size
    frame, part, rate, one = struct.unpack(">ifii", packet[at:at + 16])
    assert (frame, rate, one) == (525, 50, 1)
    assert part == pytest.approx(0.5, abs=1e-3)
    assert packet[at + 16] == 61
    values = struct.unpack(">61f", packet[at + 17:])
    assert values[0] == 1.0
    assert values[17] == 0.25
    assert values[52:55] == pytest.approx((0.1, 0.2, 0.3))
    assert live_link_packet(face(), 1.8e9)[:1] == b"\6", "the time of the day is bounded"
    with pytest.raises(ConfigError, match="subject"):
        live_link_packet(face(), 0.0, "")


def test_openxr_has_15_floats_of_the_model_or_of_the_shapes() -> None:
    shares = np.arange(15) / 105
    assert struct.unpack("<15f", openxr_packet(face(), shares)) == pytest.approx(tuple(shares))
    from_shapes = struct.unpack("<15f", openxr_packet(face()))
    assert np.argmax(from_shapes) == 0
    assert sum(from_shapes) == pytest.approx(1.0)


def test_icub_switches_its_mouth_with_speech_and_its_brows_with_the_expression() -> None:
    icub = IcubFace()
    assert icub.commands(face(), 0.0) == ["set leb neu", "set reb neu", "set mou neu"]
    assert icub.commands(face(), 0.5) == []
    assert icub.commands(face(jawOpen=0.6), 1.0) == ["set mou sur"]
    assert icub.commands(face(jawOpen=0.2), 2.0) == [], "hysteresis"
    assert icub.commands(face(), 2.0) == ["set mou neu"]
    assert icub.commands(expression_shapes("happy"), 3.0) == ["set leb hap", "set reb hap", "set mou hap"]
    times = [k / 50 for k in range(500)]
    sent = [t for k, t in enumerate(times) if IcubFace.commands(icub, face(jawOpen=0.8 * (k % 2)), 10 + t)]
    assert min(np.diff(sent)) >= 0.1 - 1e-9


def test_nao_s_eyes_have_the_colour_of_the_expression_blink_and_fade_at_most_ten_times_a_second() -> None:
    assert eye_colour(face()) == pytest.approx((0.6, 0.6, 0.6))
    assert eye_colour(face(jawOpen=1.0)) == pytest.approx((1.0, 1.0, 1.0))
    assert eye_colour(face(eyeBlinkLeft=1.0, eyeBlinkRight=1.0)) == (0.0, 0.0, 0.0)
    np.testing.assert_allclose(eye_colour(expression_shapes("angry")), 0.6 * np.array(COLOURS["angry"]), atol=1e-5)
    leds = NaoLeds()
    fades = [(k / 50, leds.fade(face(jawOpen=abs(math.sin(k / 5))), k / 50)) for k in range(500)]
    times = [t for t, fade in fades if fade is not None]
    assert min(np.diff(times)) >= 0.1 - 1e-9
    assert len(times) > 30
    fade = fades[0][1]
    assert fade is not None
    assert (fade.group, fade.seconds) == ("FaceLeds", 0.1)
    assert all(0.0 <= value <= 1.0 for _, one in fades if one for value in one.colour)
    still = NaoLeds()
    assert [still.fade(face(), k / 50) is not None for k in range(50)] == [True] + [False] * 49


def test_pal_gets_an_expression_when_it_changes() -> None:
    pal = PalExpression()
    first = pal.change(face(jawOpen=0.4))
    assert first is not None
    assert (first.name, first.valence, first.arousal) == ("neutral", 0.0, 0.0)
    assert pal.change(face(jawOpen=0.1)) is None
    happy = pal.change(expression_shapes("happy"))
    assert happy is not None
    assert (happy.name, happy.valence) == ("happy", pytest.approx(0.8, abs=1e-4))
    assert pal.change(0.95 * expression_shapes("happy")) is None


def test_furhat_gets_key_frames_with_arkit_parameters() -> None:
    assert FURHAT_NAMES[:2] == ("EYE_BLINK_LEFT", "EYE_LOOK_DOWN_LEFT")
    assert FURHAT_NAMES[BLENDSHAPE_INDEX["mouthUpperUpRight"]] == "MOUTH_UPPER_UP_RIGHT"
    frames = np.stack([face(jawOpen=0.1 * k) for k in range(6)] + [face()])
    gesture = json.loads(json.dumps(furhat_gesture(frames, "hello", step=3)))
    assert (gesture["name"], gesture["class"]) == ("hello", "furhatos.gestures.Gesture")
    assert [frame["time"] for frame in gesture["frames"]] == [[0.02], [0.08], [0.14]]
    assert [frame["params"] for frame in gesture["frames"]] == [{}, {"JAW_OPEN": 0.3}, {"JAW_OPEN": 0.0}]
    with pytest.raises(InputError, match="frames of a gesture is 0"):
        furhat_gesture(np.zeros((0, 52)))


def test_antennas_rise_with_the_face_and_stay_in_their_range() -> None:
    assert antenna_angles(face()) == (0.0, 0.0)
    right, left = antenna_angles(face(browInnerUp=1.0, browOuterUpRight=1.0))
    assert right > left > 0.3
    assert antenna_angles(expression_shapes("sad"))[0] < antenna_angles(expression_shapes("happy"))[0]
    assert antenna_angles(face(jawOpen=0.5))[0] == pytest.approx(0.125)
    for shapes in (np.ones(52), face(mouthFrownLeft=1, mouthFrownRight=1, browDownLeft=1, browDownRight=1)):
        assert max(map(abs, antenna_angles(shapes))) <= MAX_ANGLE
    assert json.loads(antennas_text(face(jawOpen=0.5))) == {"antennas": [0.125, 0.125]}
