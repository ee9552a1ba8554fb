"""Plots of an evaluation: curves have the expected values, and every page is a picture with content."""

import io

import numpy as np
import pytest

pytest.importorskip("matplotlib", reason="needs pip install '.[sim]'")

from PIL import Image

from speech_gesture_ros.core.skeleton import load_skeleton
from speech_gesture_ros.evaluation import paired
from speech_gesture_ros.evaluation.paired import PairedClip
from speech_gesture_ros.evaluation.paired_curves import correlogram, evaluation_curves, velocity_spectrum
from speech_gesture_ros.evaluation.speech_analysis import SpeechAnalysis
from speech_gesture_ros.rendering.evaluation_plots import draw_evaluation

SKELETON = load_skeleton()


def speech(accents: np.ndarray, frames: int) -> SpeechAnalysis:
    return SpeechAnalysis(accents, accents, np.ones(frames, dtype=bool), np.zeros((frames, 4)))


def stepping(times: np.ndarray, frames: int) -> np.ndarray:
    """(T, J, 3) the left wrist steps up or down, fastest at each of the times."""
    xyz = np.broadcast_to(SKELETON.rest_xyz, (frames, len(SKELETON), 3)).copy()
    t = np.arange(frames) / 25
    for k, time in enumerate(times):
        xyz[:, SKELETON.index["left_wrist"], 2] += (1 if k % 2 else -1) * 0.1 * np.tanh((t - time) / 0.1)
    return xyz


def hands(xyz: np.ndarray) -> np.ndarray:
    return xyz[:, [SKELETON.index["left_wrist"], SKELETON.index["right_wrist"]]]


def test_apexes_on_accents_peak_at_zero() -> None:
    accents = np.cumsum(np.random.default_rng(0).uniform(0.7, 1.8, 60))
    frames = int(accents[-1] * 25) + 50
    ratio = correlogram([hands(stepping(accents, frames))], [speech(accents, frames)])
    assert np.argmax(ratio) == len(ratio) // 2
    assert ratio.max() > 5
    assert np.isnan(correlogram([hands(stepping(accents[:0], frames))], [speech(accents, frames)])).all()


def test_a_wave_has_its_power_at_its_frequency() -> None:
    t = np.arange(1000) / 25
    positions = np.zeros((1000, 2, 3))
    positions[:, :, 0] = 0.1 * np.sin(2 * np.pi * 2.0 * t)[:, None]
    power = velocity_spectrum([positions])
    frequencies = np.fft.rfftfreq(128, 1 / 25)
    assert frequencies[np.argmax(power)] == pytest.approx(2.0, abs=0.2)
    assert power.sum() * frequencies[1] == pytest.approx((0.1 * 2 * np.pi * 2) ** 2 / 2, rel=0.1)  # Parseval


@pytest.mark.slow
def test_every_page_is_a_picture() -> None:
    rng = np.random.default_rng(1)
    clips, made = [], []
    for k in range(3):
        accents = np.cumsum(rng.uniform(0.7, 1.8, 12))
        clips.append(PairedClip(f"clip{k}", np.zeros(0), speech(accents, 250), stepping(accents, 250)))
        made.append(stepping(accents + 0.03, 250))
    truths = [e.recorded for e in clips]
    motions = {paired.BUNDLE: made, paired.MEAN_POSE: [np.broadcast_to(SKELETON.rest_xyz, t.shape) for t in truths],
               paired.SHUFFLED: made[1:] + made[:1], paired.RECORDED: truths, paired.OTHER_HALF: truths[1:2]}
    curves = evaluation_curves(clips, motions, SKELETON)
    assert all(shares.sum() == pytest.approx(1.0) for shares in curves.speed_shares.values())
    assert paired.MEAN_POSE not in curves.correlograms
    pages = draw_evaluation(curves, SKELETON)
    assert set(pages) == {"speeds.png", "spectra.png", "timing.png", "wrists.png", "poses.png"}
    for name, page in pages.items():
        picture = np.asarray(Image.open(io.BytesIO(page)).convert("RGB"))
        assert len(np.unique(picture.reshape(-1, 3), axis=0)) > 20, name
