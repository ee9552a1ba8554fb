"""Speech statistics that neither a 16 kHz stream nor the published weights of 2019 contain, fitted to recordings.

    python tools/fit_speech_statistics.py ../shared/data/speech/hours

Writes config/models/kucherenko2019_speech.safetensors:

coefficients   MFCC bands above 7.2 kHz, and the energy of a frame, as a linear function of the bands below
covariance     of the features of 50 ms frames, about the mean of each recording
"""

from __future__ import annotations

import argparse
import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soxr
from safetensors.numpy import save
from tqdm import tqdm

from speech_gesture_ros.audio.files import read_audio
from speech_gesture_ros.core.atomic_files import atomic_write
from speech_gesture_ros.core.rates import FEATURE_RATE, SAMPLE_RATE, SAMPLES_PER_FEATURE
from speech_gesture_ros.features import kucherenko_mfcc as mfcc
from speech_gesture_ros.features.kucherenko import SPEECH_STATISTICS
from speech_gesture_ros.features.kucherenko_offline import published_features

OUTPUT = Path(__file__).resolve().parents[1] / "config" / "models" / SPEECH_STATISTICS
LOWEST_NATIVE_RATE = 44_100  # [Hz]
SECONDS_PER_SPEAKER = 240
RIDGE_SHARE = 1e-3  # of the mean square of the inputs
LEVEL_RANGE_DB = 12.0  # each recording is scaled by a random gain in [-12, 12] dB


@dataclass(frozen=True)
class RecordingStatistics:
    """Statistics of one recording.

    Attributes:
        narrow: Log bands (T, 27) computed from 16 kHz audio.
        wide: Log bands (T, 27) computed from 44.1 kHz audio.
        covariance: Covariance (30, 30) of the published features.
    """

    narrow: np.ndarray
    wide: np.ndarray
    covariance: np.ndarray


def main() -> None:
    """Fit, print the explained variance on each speaker when it is left out, and write the file."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("speech", type=Path, help="folder with manifest.csv")
    args = parser.parse_args()
    speakers = read_speakers(args.speech)
    for left_out in sorted(speakers):
        others = [pair for name, pairs in speakers.items() if name != left_out for pair in pairs]
        explained = explained_variance(fit(others), speakers[left_out])
        tqdm.write(f"{left_out}: explained variance with this speaker left out: {explained:.2f}")
    recordings = [pair for pairs in speakers.values() for pair in pairs]
    tensors = {"coefficients": fit(recordings), "covariance": np.mean([r.covariance for r in recordings], axis=0)}
    with atomic_write(OUTPUT) as file:
        file.write(save({name: value.astype(np.float32) for name, value in tensors.items()}))
    tqdm.write(f"{OUTPUT}: {len(recordings)} recordings, {[(name, value.shape) for name, value in tensors.items()]}")


def read_speakers(folder: Path) -> dict[str, list[RecordingStatistics]]:
    """Return the statistics of recordings by source; each source is one speaker."""
    with (folder / "manifest.csv").open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if int(row["native_sample_rate"]) >= LOWEST_NATIVE_RATE]
    speakers: dict[str, list[RecordingStatistics]] = {}
    seconds: dict[str, float] = {}
    rng = np.random.default_rng(0)
    for row in tqdm(rows, desc="recordings"):
        name = row["source"]
        if seconds.get(name, 0.0) < SECONDS_PER_SPEAKER:
            speakers.setdefault(name, []).append(read_bands(folder / row["path"], rng))
            seconds[name] = seconds.get(name, 0.0) + float(row["seconds"])
    return speakers


def read_bands(path: Path, rng: np.random.Generator) -> RecordingStatistics:
    """Return the statistics of a recording at a random level."""
    sound, rate = read_audio(path)
    mono = sound.mean(axis=1) * 10 ** (rng.uniform(-LEVEL_RANGE_DB, LEVEL_RANGE_DB) / 20)
    # The 80 dB of `audio.resampler` are too few here: its images in quiet upper bands cost 0.05 of explained variance.
    wide, narrow = (soxr.resample(mono, rate, new_rate, quality="VHQ")
                    for new_rate in (mfcc.PUBLISHED_SAMPLE_RATE, SAMPLE_RATE))
    count = int(min(len(wide) / mfcc.PUBLISHED_SAMPLE_RATE, len(narrow) / SAMPLE_RATE) * FEATURE_RATE) - 10
    padded = np.concatenate([np.zeros(mfcc.WINDOW_BEFORE), narrow, np.zeros(mfcc.WINDOW_AFTER)])
    starts = np.arange(count)[:, None]
    windows = padded[starts * SAMPLES_PER_FEATURE + np.arange(mfcc.WINDOW_BEFORE + mfcc.WINDOW_AFTER)]
    frames = mfcc.frames_at_44k(wide, mfcc.PUBLISHED_SAMPLE_RATE // FEATURE_RATE)[:count]
    return RecordingStatistics(narrow=mfcc.log_bands(mfcc.frames_from_16k(windows)), wide=mfcc.log_bands(frames),
                               covariance=np.cov(published_features(wide).T))


def fit(pairs: list[RecordingStatistics]) -> np.ndarray:
    """Return coefficients (L + 1, missing) of the ridge regression of the missing bands on the L intact ones."""
    intact = mfcc.intact_bands()
    inputs = np.concatenate([pair.narrow[:, :intact] for pair in pairs])
    targets = np.concatenate([pair.wide[:, intact:] for pair in pairs])
    middle, goal = inputs.mean(axis=0), targets.mean(axis=0)
    centred = inputs - middle
    square = centred.T @ centred
    ridge = RIDGE_SHARE * np.trace(square) / intact * np.eye(intact)
    slopes = np.linalg.solve(square + ridge, centred.T @ (targets - goal))
    return np.concatenate([slopes, (goal - middle @ slopes)[None]])


def explained_variance(coefficients: np.ndarray, pairs: list[RecordingStatistics]) -> float:
    """Return the explained share of the missing bands' variance, mean over bands, without each recording's offset."""
    intact, explained = mfcc.intact_bands(), []
    for pair in pairs:
        error = mfcc.restore_bands(pair.narrow, coefficients)[:, intact:] - pair.wide[:, intact:]
        explained.append(1 - error.var(axis=0) / pair.wide[:, intact:].var(axis=0))
    return float(np.mean(explained))


if __name__ == "__main__":
    main()
