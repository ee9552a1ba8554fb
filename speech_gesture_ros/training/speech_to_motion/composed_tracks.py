"""Tracks of recorded speech with composed motion: features of several versions of the sound, several motions.

    recording ─► silence before and after ─┬─► clean, augmented, augmented ... ─► features    (V, T100, F)
                                           └─► accents ─► compose(seed 0, 1, 2 ...) ────────► joint_xyz  (P, T25, J, 3)

Any version fits any motion, because motion is composed from the accents of the clean sound. Tracks are cached as .npz,
one for each recording; an interrupted preparation continues with the missing ones.
"""

from __future__ import annotations

import hashlib
import sys
from dataclasses import asdict
from pathlib import Path

import numpy as np
import numpy.typing as npt

from speech_gesture_ros import features
from speech_gesture_ros.audio.files import load_mono_16k
from speech_gesture_ros.core.assets import resolve
from speech_gesture_ros.core.rates import POSE_RATE, SAMPLE_RATE
from speech_gesture_ros.core.yaml_config import load_yaml
from speech_gesture_ros.datasets import sound_augmentation
from speech_gesture_ros.datasets.sound_augmentation import augment, draw_non_speech
from speech_gesture_ros.datasets.speech_recordings import (
    Samples,
    SpeechRecording,
    list_noises,
    list_recordings,
    surround_with_silence,
)
from speech_gesture_ros.evaluation import accents as accent_detection
from speech_gesture_ros.evaluation.accents import Accents, detect_accents
from speech_gesture_ros.features.prosodic_mel import FEATURE_NAMES, compute_prosodic_mel
from speech_gesture_ros.training import composition
from speech_gesture_ros.training.composition.composer import ComposedMotion, compose, draw_codes, no_accents
from speech_gesture_ros.training.composition.style import Style
from speech_gesture_ros.training.engine.fingerprint import fingerprint
from speech_gesture_ros.training.engine.progress import run_jobs
from speech_gesture_ros.training.speech_to_motion import tracks
from speech_gesture_ros.training.speech_to_motion.run_config import CorpusConfig
from speech_gesture_ros.training.speech_to_motion.tracks import (
    XYZ_STEP_M,
    TrainingTrack,
    accent_track,
    load_track,
    save_track,
)

MIN_TRACK_S = 15.0  # shorter recordings are filled up with silence
NON_SPEECH_TRACK_S = 30.0
LONGEST_NOISE_S = 60.0
NON_SPEECH_NAME = "calm_{:03d}"  # random numbers of a track are drawn by its name

_Job = tuple[SpeechRecording | None, Path, CorpusConfig, int, list[Samples]]


def prepare_tracks(data: Path, cache: Path, config: CorpusConfig, seed: int, *, workers: int = 2
                   ) -> list[TrainingTrack]:
    """Make or read the tracks of the whole corpus: recordings in the order of the manifest, then those without speech.

    Args:
        data: The data folder.
        cache: Folder of caches; each configuration has its own inside.
        config: Training data.
        seed: Seed of codes and augmentation.
        workers: Processes.
    """
    recordings = list_recordings(data)
    units = load_yaml(resolve("motion_units.yaml", "config/training"))
    folder = cache / fingerprint([asdict(config), seed, FEATURE_NAMES, units], sys.modules[__name__], tracks,
                                 sound_augmentation, accent_detection, composition, features)
    noises = [load_mono_16k(p)[:round(LONGEST_NOISE_S * SAMPLE_RATE)] for p in list_noises(data)]
    count = round(config.non_speech_minutes * 60 / NON_SPEECH_TRACK_S)
    sources: list[tuple[SpeechRecording | None, Path]] = [(r, folder / f"{r.name}.npz") for r in recordings]
    sources += [(None, folder / f"{NON_SPEECH_NAME.format(i)}.npz") for i in range(count)]
    missing = [(recording, path, config, seed, noises) for recording, path in sources if not path.exists()]
    run_jobs(_make_track_file, missing, workers, label="preparing", unit="track")
    return [load_track(path) for _, path in sources]


def make_track(samples: Samples, speaker: str, config: CorpusConfig, noises: list[Samples],
               rng: np.random.Generator) -> TrainingTrack:
    """Return the track of (N,) samples of speech, with silence around it."""
    sound = surround_with_silence(samples, MIN_TRACK_S)
    versions = [sound, *(augment(sound, noises, rng) for _ in range(config.augmented_versions))]
    return _assemble(speaker, versions, _compose_motions(detect_accents(sound), config, rng))


def make_non_speech_track(config: CorpusConfig, noises: list[Samples], rng: np.random.Generator) -> TrainingTrack:
    """Return a track of sound without speech, with hands at rest."""
    count = round(NON_SPEECH_TRACK_S * SAMPLE_RATE)
    versions = [draw_non_speech(count, noises, rng) for _ in range(1 + config.augmented_versions)]
    accents = no_accents(round(NON_SPEECH_TRACK_S * POSE_RATE))
    return _assemble("", versions, _compose_motions(accents, config, rng))


def draw_activity(count: int, rng: np.random.Generator) -> npt.NDArray[np.float64]:
    """Return (count,) the activity of a motion: usual in half of all cases, else 0 to 1.5, sometimes changing once."""
    kind = rng.random()
    if kind < 0.5:
        return np.ones(count)
    if kind < 0.57:
        return np.zeros(count)
    before, after = rng.uniform(0.15, 1.5, 2)
    change = int(rng.integers(count)) if kind > 0.8 else 0
    return np.asarray(np.where(np.arange(count) < change, before, after), dtype=np.float64)


def _make_track_file(job: _Job) -> None:
    recording, path, config, seed, noises = job
    key = int.from_bytes(hashlib.sha256(path.stem.encode()).digest()[:8], "big")
    rng = np.random.default_rng([seed, key])
    if recording is not None:
        track = make_track(load_mono_16k(recording.path), recording.speaker, config, noises, rng)
    else:
        track = make_non_speech_track(config, noises, rng)
    save_track(track, path)


def _compose_motions(accents: Accents, config: CorpusConfig, rng: np.random.Generator) -> list[ComposedMotion]:
    """Return the motions of one recording, each with its own codes and activity; the first has the usual activity."""
    count, style = len(accents.speech), Style(rest=config.rest)
    activities = [np.ones(count), *(draw_activity(count, rng) for _ in range(config.motions - 1))]
    return [compose(accents, draw_codes(count, int(rng.integers(2**62)), activity), style) for activity in activities]


def _assemble(speaker: str, versions: list[Samples], motions: list[ComposedMotion]) -> TrainingTrack:
    accents = motions[0].accents
    return TrainingTrack(
        speaker=speaker,
        features=np.stack([compute_prosodic_mel(v) for v in versions]).astype(np.float16),
        joint_xyz=np.round(np.stack([m.joint_xyz for m in motions]) / XYZ_STEP_M).astype(np.int16),
        code=np.stack([m.codes.code for m in motions]).astype(np.uint8),
        next_code=np.stack([m.codes.next_code for m in motions]).astype(np.uint8),
        phase=np.stack([m.codes.phase for m in motions]),
        remaining=np.stack([m.codes.remaining for m in motions]),
        variation=np.stack([m.codes.variation for m in motions]).astype(np.float16),
        activity=np.stack([m.codes.activity for m in motions]).astype(np.float16),
        accent=accent_track(accents),
        speech=accents.speech.astype(np.float16),
        accent_times_s=accents.times_s,
    )
