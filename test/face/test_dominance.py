"""Articulation of timed phones: contacts, vowels, coarticulation, wrong input."""

from __future__ import annotations

import numpy as np
import pytest

from speech_gesture_ros.core.errors import InputError
from speech_gesture_ros.core.face_channels import ARTICULATOR_INDEX, VISEME_COLUMNS, VISEMES
from speech_gesture_ros.face.arkit_map import blendshapes_from_articulators, lip_gap
from speech_gesture_ros.face.dominance import SHORTEST_CONTACT_S, TimedPhone, articulate
from speech_gesture_ros.face.phones import SHAPES


def word(*names: str, each_s: float = 0.1, start_s: float = 0.2) -> list[TimedPhone]:
    return [TimedPhone(name, start_s + i * each_s, start_s + (i + 1) * each_s) for i, name in enumerate(names)]


def track(values: np.ndarray, name: str) -> np.ndarray:
    return values[:, VISEME_COLUMNS.stop + ARTICULATOR_INDEX[name]]


@pytest.mark.parametrize("phone", ["p", "b", "m"])
def test_the_lips_touch_on_p_b_and_m_and_part_in_the_vowels_beside_them(phone: str) -> None:
    values = articulate(word("aa", phone, "aa"), 40)
    closed = lip_gap(blendshapes_from_articulators(values[:, VISEME_COLUMNS.stop:-2])) < 1e-6
    assert closed[15:18].all()  # 0.30 to 0.34 s
    assert not closed[12]
    assert not closed[22]


@pytest.mark.parametrize("phone", ["f", "v"])
def test_the_lower_lip_touches_the_teeth_on_f_and_v(phone: str) -> None:
    values = articulate(word("aa", phone, "aa"), 40)
    assert track(values, "labiodental")[15:21].min() == 1.0
    assert track(values, "jaw")[15:21].max() <= 0.14 + 1e-6
    assert track(values, "close").max() == 0.0


def test_a_short_m_is_closed_for_the_shortest_contact() -> None:
    values = articulate([TimedPhone("aa", 0.2, 0.3), TimedPhone("m", 0.3, 0.32), TimedPhone("aa", 0.32, 0.4)], 40)
    frames = int((track(values, "close") > 0.99).sum())
    assert frames >= int(SHORTEST_CONTACT_S * 50)  # 3 of 20 ms


def test_open_vowels_open_the_jaw_more_than_close_ones_and_silence_closes_it() -> None:
    values = articulate([TimedPhone("aa", 0.2, 0.5), TimedPhone("iy", 0.5, 0.8)], 80)
    jaw = track(values, "jaw")
    assert jaw[17] == pytest.approx(SHAPES["aa"][0].jaw, abs=0.03)
    assert jaw[32] == pytest.approx(SHAPES["iy"][0].jaw, abs=0.05)
    assert jaw[0] < 0.02
    assert jaw[60:].max() < 0.02


def test_the_lips_round_before_a_rounded_vowel_begins() -> None:
    to_oo, to_ee = (track(articulate(word("t", vowel), 40), "rounding") for vowel in ("uw", "iy"))
    assert to_oo[13] > to_ee[13] + 0.2  # 0.26 s, within the t: coarticulation


def test_a_diphthong_ends_more_closed_than_it_begins() -> None:
    jaw = track(articulate([TimedPhone("ay", 0.2, 0.5)], 40), "jaw")
    assert jaw[13] > jaw[22] + 0.25


def test_visemes_are_shares_and_each_phone_shows_its_own() -> None:
    values = articulate(word("m", "iy", "s", "ow", each_s=0.16), 60)
    shares = values[:, VISEME_COLUMNS]
    np.testing.assert_allclose(shares.sum(axis=1), 1.0, atol=1e-5)
    shown = [VISEMES[i] for i in shares[[14, 22, 30, 36, 55]].argmax(axis=1)]
    assert shown == ["PP", "ih", "SS", "oh", "sil"]


def test_the_targets_of_every_phone_are_in_range() -> None:
    for name in SHAPES:
        values = articulate([TimedPhone(name, 0.1, 0.3)], 25)
        assert np.all((values >= 0) & (values <= 1)), name


@pytest.mark.parametrize(("phones", "thing"), [
    ([TimedPhone("zz", 0.0, 0.1)], "zz"),
    ([TimedPhone("aa", 0.1, 0.1)], "start and end"),
    ([TimedPhone("aa", 0.0, 0.2), TimedPhone("m", 0.1, 0.3)], "start and end"),
    ([TimedPhone("aa", 0.0, float("nan"))], "start and end"),
])
def test_wrong_phones_are_refused(phones: list[TimedPhone], thing: str) -> None:
    with pytest.raises(InputError, match=thing):
        articulate(phones, 10)
