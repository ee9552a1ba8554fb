"""Measures of a predicted face: perfect, shifted, constant and closing predictions have the right values."""

from __future__ import annotations

import numpy as np
import pytest

from speech_gesture_ros.core.face_channels import ARTICULATOR_COLUMNS, ARTICULATOR_INDEX, NUM_ARTICULATION
from speech_gesture_ros.datasets.recorded_faces import RecordedFace
from speech_gesture_ros.evaluation.face.live_run import LiveRun
from speech_gesture_ros.evaluation.face.measures import (
    RecordingMeasures,
    correlation,
    mean_measures,
    measure_recording,
    measure_speech,
    open_share,
)
from speech_gesture_ros.evaluation.face.predictors import band_energies, loudness_only
from speech_gesture_ros.evaluation.face.report import (
    BOUND_VOICES,
    MAIN,
    FaceReport,
    card_with_results,
    face_bounds,
    report_tables,
)
from speech_gesture_ros.face.dominance import TimedPhone, articulate

NAMES = ("m", "aa", "p", "iy", "f", "ow", "b", "ae", "s", "uw")
PHONES = [TimedPhone(name, 0.3 + 0.15 * i, 0.45 + 0.15 * i) for i, name in enumerate(NAMES)]
RULES = articulate(PHONES, 110)
CLOSE = ARTICULATOR_COLUMNS.start + ARTICULATOR_INDEX["close"]


def test_the_rules_themselves_agree_completely() -> None:
    measures = measure_speech(RULES, PHONES)
    assert (measures.visemes, measures.closures_found, measures.false_closures, measures.teeth_found) == (1, 1, 0, 1)
    assert measures.jaw_r == pytest.approx(1.0)
    assert measures.rounding_r == pytest.approx(1.0)


def test_a_mouth_that_never_closes_finds_no_closure() -> None:
    open_mouth = RULES.copy()
    open_mouth[:, CLOSE] = 0.0
    open_mouth[:, ARTICULATOR_COLUMNS.start] = 0.5
    measures = measure_speech(open_mouth, PHONES)
    assert (measures.closures_found, measures.false_closures) == (0.0, 0.0)
    assert measures.jaw_r == 0.0  # constant


def test_a_mouth_that_is_always_closed_is_false_in_every_vowel() -> None:
    closed = np.zeros((110, NUM_ARTICULATION), np.float32)
    closed[:, CLOSE] = 1.0
    measures = measure_speech(closed, PHONES)
    assert (measures.closures_found, measures.false_closures) == (1.0, 1.0)


def test_one_closing_in_the_middle_of_a_vowel_is_one_false_closure_of_five() -> None:
    faulty = RULES.copy()
    middle = int(50 * (PHONES[5].start_s + 0.075))  # of "ow", between f and b
    faulty[middle, CLOSE] = 1.0
    faulty[middle, ARTICULATOR_COLUMNS.start] = 0.0
    assert measure_speech(faulty, PHONES).false_closures == pytest.approx(1 / 5)


def test_a_closing_60_ms_too_late_is_not_found() -> None:
    late = articulate([TimedPhone(p.name, p.start_s + 0.4, p.end_s + 0.4) for p in PHONES], 140)[:110]
    assert measure_speech(late, PHONES).closures_found < 1.0
    assert measure_speech(late, PHONES).visemes < 0.3


def test_means_leave_out_what_could_not_be_measured() -> None:
    with_teeth, without = measure_speech(RULES, PHONES), measure_speech(articulate(PHONES[:4], 110), PHONES[:4])
    assert np.isnan(without.teeth_found)
    assert mean_measures([with_teeth, without]).teeth_found == 1.0


def test_correlation_with_a_recorded_face() -> None:
    t = np.arange(100) / 10
    recorded = RecordedFace(np.zeros(32_000, np.float32), 0.3 + 0.2 * np.sin(t), np.zeros(100), 0.1 + 0.1 * np.cos(t),
                            np.maximum(np.sin(t), 0.0))
    predicted = np.zeros((100, NUM_ARTICULATION))
    predicted[:, ARTICULATOR_COLUMNS.start], predicted[:, CLOSE] = np.sin(t), -np.cos(t)
    measures = measure_recording(predicted, recorded)
    assert (measures.jaw, measures.pressed) == (pytest.approx(1.0), pytest.approx(-1.0))
    assert measures.gap > 0.7  # the jaw of the prediction is smoothed and cut at 0, lips close where its cosine is low
    assert correlation(np.ones(5), np.arange(5.0)) == 0.0


def test_baselines_keep_the_mouth_closed_in_silence_and_open_it_for_a_voice() -> None:
    t = np.arange(32_000) / 16_000
    vowel = (0.2 * sum(np.sin(2 * np.pi * 120 * k * t) * np.exp(-((120 * k - 750) / 500) ** 2) for k in range(1, 25))
             ).astype(np.float32)
    for predict in (loudness_only, band_energies):
        assert open_share(predict(np.zeros(32_000, np.float32))) == 0.0
        assert open_share(predict(vowel)) > 0.9
        assert predict(vowel).shape == (100, NUM_ARTICULATION)
    hiss = (0.1 * np.diff(np.random.default_rng(0).standard_normal(32_001))).astype(np.float32)
    assert band_energies(hiss)[50:, 7].mean() > 0.8  # SS


def test_results_replace_older_results_in_a_card() -> None:
    recorded = {"model": RecordingMeasures(0.5, 0.25, 0.1)}
    report = FaceReport({"voice": {"model": measure_speech(RULES, PHONES)}}, recorded, {"music": {"model": 0.02}})
    card = "# Model\n\n## Training\nx\n\n## Limits\n- y\n"
    once = card_with_results(card, report_tables(report), "command", "machine")
    twice = card_with_results(once, report_tables(report), "command", "machine")
    assert once == twice
    assert "| voice | model | 100 | 100 | 100 | 0 | 100 | 1.00 | 1.00 |" in once
    assert "| music | 2.0 |" in once
    assert once.endswith("## Limits\n- y\n")


def test_bounds_state_what_was_required_and_measured() -> None:
    good = measure_speech(RULES, PHONES)
    run = LiveRun(0.0, 70.0, 95.0, 0.2, 0.3, 0.1)
    report = FaceReport({BOUND_VOICES[0]: {MAIN: good}}, {}, {"music": {MAIN: 0.06}}, {0.04: run})
    bounds = {bound.name: bound for bound in face_bounds(report)}
    assert (bounds["flite rms: visemes %"].measured, bounds["flite rms: visemes %"].met) == ("100.0", True)
    assert bounds["flite rms: false closures %"].met
    assert not bounds["music: open mouth %"].met
    assert (bounds["look-ahead 40 ms: delay, 95 % [ms]"].required, bounds["look-ahead 40 ms: delay, 95 % [ms]"].met
            ) == ("at most 90", False)
    assert "| music: open mouth % | at most 5 | 6.0 | missed |" in report_tables(report)
