"""Tracks of synthesised speech whose engine states no phone times: phones of the known text are found in the sound.

    voice, seed ─► texts ─► pico ─► features, and begin, end and text of each part (cached) ─► RecordedSpeech

The labels are made as those of recordings with a text, see `recorded_speech.labelled`.
"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

import numpy as np

from speech_gesture_ros import features
from speech_gesture_ros.core.atomic_files import write_text
from speech_gesture_ros.core.rates import FACE_RATE, SAMPLE_RATE
from speech_gesture_ros.datasets import pico, sound_augmentation
from speech_gesture_ros.datasets.timed_speech.texts import draw_text
from speech_gesture_ros.datasets.transcribed_speech import TranscribedClip
from speech_gesture_ros.features.prosodic_mel import FEATURE_NAMES
from speech_gesture_ros.training.engine.fingerprint import fingerprint
from speech_gesture_ros.training.engine.progress import run_jobs
from speech_gesture_ros.training.engine.track_files import load_track, save_track, track_generator
from speech_gesture_ros.training.face import channel
from speech_gesture_ros.training.face.recorded_speech import RecordedSpeech
from speech_gesture_ros.training.face.run_config import FaceRecordingsConfig
from speech_gesture_ros.training.face.speech import DURATION, PAUSE_S, RESAMPLING, faded
from speech_gesture_ros.training.face.tracks import (
    NUM_TARGETS,
    TRACK_S,
    FaceTrack,
    Samples,
    assemble_track,
    augmented_sound,
    recorded_noises,
)

SPEAKER = "pico"
PITCH = (0.8, 1.3)


@dataclass(frozen=True)
class _Job:
    path: Path
    language: str
    versions: int
    seed: int
    data: Path


def prepare_spoken_text(data: Path, cache: Path, config: FaceRecordingsConfig, seed: int, *, workers: int = 2
                        ) -> list[RecordedSpeech]:
    """Make or read the tracks of the voices of pico, still without labels.

    Raises:
        MissingDependencyError: If py-nanotts is not installed.
    """
    folder = cache / fingerprint([config.versions, seed, FEATURE_NAMES], sys.modules[__name__], pico,
                                 sound_augmentation, channel, features)
    jobs = [_Job(folder / f"{language}_{i:04d}.npz", language, config.versions, seed, data)
            for language in config.pico_voices for i in range(round(config.pico_minutes * 60 / TRACK_S))]
    run_jobs(_make_track_file, [job for job in jobs if not job.path.exists()], workers, label="pico", unit="track")
    return [RecordedSpeech(load_track(FaceTrack, job.path), _read_clips(job.path),
                           job.language.lower() if job.language == "en-US" else job.language.split("-")[0])
            for job in jobs]


def speak_texts(language: str, seconds: float, rng: np.random.Generator) -> tuple[Samples, list[TranscribedClip]]:
    """Return so much speech of a voice [s], with pauses before and between the texts, and the place of each text."""
    factor = float(np.exp(rng.uniform(-RESAMPLING, RESAMPLING)))
    pitch = float(rng.uniform(*PITCH))
    parts: list[Samples] = []
    clips: list[TranscribedClip] = []
    start = 0
    while start < seconds * SAMPLE_RATE:
        text = draw_text(language.split("-")[0], rng, training=True)
        sound = pico.speak(language, text, float(rng.uniform(*DURATION)), pitch)
        sound = np.interp(np.arange(round(len(sound) / factor)) * factor, np.arange(len(sound)), sound)
        pause = np.zeros(round(rng.uniform(*PAUSE_S) * SAMPLE_RATE), np.float32)
        begin = start + len(pause)
        start = begin + len(sound)
        clips.append(TranscribedClip(begin / SAMPLE_RATE, start / SAMPLE_RATE, text))
        parts += [pause, faded(sound.astype(np.float32))]
    parts.append(np.zeros(-start % SAMPLE_RATE, np.float32))
    return np.concatenate(parts), clips


def _make_track_file(job: _Job) -> None:
    rng = track_generator(job.path.stem, job.seed)
    samples, clips = speak_texts(job.language, TRACK_S, rng)
    count = len(samples) * FACE_RATE // SAMPLE_RATE
    track = assemble_track(SPEAKER, samples, np.zeros((count, NUM_TARGETS)), np.ones(NUM_TARGETS),
                           np.full(count, -1, np.int16), job.versions,
                           partial(augmented_sound, samples, recorded_noises(job.data), rng))
    job.path.parent.mkdir(parents=True, exist_ok=True)
    write_text(job.path.with_suffix(".json"), json.dumps([asdict(clip) for clip in clips]))
    save_track(track, job.path)


def _read_clips(path: Path) -> tuple[TranscribedClip, ...]:
    return tuple(TranscribedClip(**clip) for clip in json.loads(path.with_suffix(".json").read_text(encoding="utf-8")))
