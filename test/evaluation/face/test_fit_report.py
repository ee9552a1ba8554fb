"""The same voice gets the same face: distances within a voice are at most half of those between voices."""

from __future__ import annotations

import shutil

import numpy as np
import pytest
from tube_voice import tube_voice

from speech_gesture_ros.core.errors import InputError
from speech_gesture_ros.evaluation.face.fit_report import FACE_AXES, MAX_RATIO, fit_report, fit_tables, synthetic_voices


def test_distances_are_means_over_pairs() -> None:
    values = {0: 0.0, 1: 0.2, 2: 1.0, 3: 1.0}
    report = fit_report([("a", [np.zeros(1), np.ones(1)]), ("b", [np.full(1, 2), np.full(1, 3)])],
                        lambda x: dict.fromkeys(FACE_AXES, values[int(x[0])]))
    assert report.within == pytest.approx(0.1)
    assert report.between == pytest.approx(0.9)
    assert report.spread["jaw"] == (pytest.approx(0.05), pytest.approx(0.45))


def test_voices_of_known_tubes_are_apart_and_alike_within() -> None:
    voices = [(f"{f0} {tract}", [tube_voice(f0, tract, seconds=2.0, syllables_s=rate) for rate in (3.0, 4.5)])
              for f0, tract in ((100.0, 18.0), (160.0, 16.0), (220.0, 14.5))]
    report = fit_report(voices)
    assert report.ratio < 0.5 * MAX_RATIO
    assert "| tubes | 3 |" in fit_tables({"tubes": report}, 2)


def test_one_voice_is_refused() -> None:
    with pytest.raises(InputError, match="voices to compare"):
        fit_report([("a", [np.zeros(1), np.zeros(1)])])


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("espeak-ng") is None or shutil.which("flite") is None,
                    reason="needs apt-get install espeak-ng flite")
def test_synthetic_voices_keep_the_bound() -> None:
    voices = list(synthetic_voices(3))
    assert len(voices) >= 8
    assert fit_report(voices).ratio <= MAX_RATIO
