"""Tracks of recorded speech for the speech encoder: features of several versions of the sound, and the cues in it.

    recording ─► silence before and after ─┬─► clean, augmented, augmented ... ─► features        (V, T100, F)
                                           └─► accents of the clean sound ──────► voice, accent, level   (T25,)

Tracks are cached as .npz, one for each recording; an interrupted preparation continues with the missing ones.
"""

from __future__ import annotations

import sys
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from speech_gesture_ros import features
from speech_gesture_ros.audio.files import load_mono_16k
from speech_gesture_ros.core.rates import SAMPLE_RATE, SAMPLES_PER_POSE
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
from speech_gesture_ros.training.engine.fingerprint import fingerprint
from speech_gesture_ros.training.engine.progress import run_jobs
from speech_gesture_ros.training.engine.track_files import load_track, save_track, track_generator
from speech_gesture_ros.training.speech_to_motion.tracks import accent_track
from speech_gesture_ros.training.strokes import cue_targets
from speech_gesture_ros.training.strokes.cue_targets import level_track
from speech_gesture_ros.training.strokes.run_config import RecordedSpeechConfig

MIN_TRACK_S = 15.0  # shorter recordings are filled up with silence
NON_SPEECH_TRACK_S = 30.0
LONGEST_NOISE_S = 60.0
NON_SPEECH_NAME = "no_speech_{:03d}"  # random numbers of a track are drawn by its name

_Job = tuple[SpeechRecording | None, Path, RecordedSpeechConfig, int, list[Samples]]


@dataclass(frozen=True)
class CueTrack:
    """One recording, ready for training. T pose frames, V versions of the sound.

    Attributes:
        speaker: Name of the speaker; "" in tracks without speech.
        features: (V, 4 T, F) float16, version 0 is the clean sound.
        voice: (T,) float16, 1 in speech.
        accent: (T,) float16, size of the accent on that frame, 0 to 1, divided between neighbouring frames.
        level: (T,) float16, loudness of the voice, about -1 to 1; 0 without voice.
        accent_times_s: (A,) [s].
    """

    speaker: str
    features: npt.NDArray[np.float16]
    voice: npt.NDArray[np.float16]
    accent: npt.NDArray[np.float16]
    level: npt.NDArray[np.float16]
    accent_times_s: npt.NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.accent)


def prepare_cue_tracks(data: Path, cache: Path, config: RecordedSpeechConfig, seed: int, *, workers: int = 2
                           ) -> list[CueTrack]:
    """Make or read the tracks of the whole corpus: recordings in the order of the manifest, then those without speech.

    Args:
        data: The data folder.
        cache: Folder of caches; each configuration has its own inside.
        config: Recorded speech.
        seed: Seed of the augmentation.
        workers: Processes.
    """
    recordings = limit_speakers(list_recordings(data), config.speaker_minutes)
    folder = cache / fingerprint([asdict(config), seed, FEATURE_NAMES], sys.modules[__name__], cue_targets,
                                 sound_augmentation, accent_detection, features)
    noises = [load_mono_16k(p)[:round(LONGEST_NOISE_S * SAMPLE_RATE)] for p in list_noises(data)]
    count = round(config.non_speech_minutes * 60 / NON_SPEECH_TRACK_S)
    sources: list[tuple[SpeechRecording | None, Path]] = [(r, folder / f"{r.name}.npz") for r in recordings]
    sources += [(None, folder / f"{NON_SPEECH_NAME.format(i)}.npz") for i in range(count)]
    missing = [(recording, path, config, seed, noises) for recording, path in sources if not path.exists()]
    run_jobs(_make_track_file, missing, workers, label="preparing", unit="track")
    return [load_track(CueTrack, path) for _, path in sources]


def limit_speakers(recordings: list[SpeechRecording], minutes: float) -> list[SpeechRecording]:
    """Return the recordings without those that begin after so many minutes of their speaker."""
    used_s: dict[str, float] = {}
    kept = []
    for recording in recordings:
        before = used_s.get(recording.speaker, 0.0)
        used_s[recording.speaker] = before + recording.seconds
        if before < 60.0 * minutes:
            kept.append(recording)
    return kept


def make_cue_track(samples: Samples, speaker: str, config: RecordedSpeechConfig, noises: list[Samples],
                       rng: np.random.Generator) -> CueTrack:
    """Return the track of (N,) samples of speech, with silence around it."""
    sound = surround_with_silence(samples, MIN_TRACK_S)
    versions = [sound, *(augment(sound, noises, rng) for _ in range(config.augmented_versions))]
    return _assemble(speaker, versions, detect_accents(sound))


def make_track_without_speech(config: RecordedSpeechConfig, noises: list[Samples],
                              rng: np.random.Generator) -> CueTrack:
    """Return a track of sound without speech."""
    count = round(NON_SPEECH_TRACK_S * SAMPLE_RATE)
    versions = [draw_non_speech(count, noises, rng) for _ in range(1 + config.augmented_versions)]
    return _assemble("", versions, detect_accents(np.zeros(count, np.float32)))


def _make_track_file(job: _Job) -> None:
    recording, path, config, seed, noises = job
    rng = track_generator(path.stem, seed)
    if recording is not None:
        track = make_cue_track(load_mono_16k(recording.path), recording.speaker, config, noises, rng)
    else:
        track = make_track_without_speech(config, noises, rng)
    save_track(track, path)


def _assemble(speaker: str, versions: list[Samples], accents: Accents) -> CueTrack:
    assert len(accents.speech) * SAMPLES_PER_POSE == len(versions[0])
    return CueTrack(speaker, np.stack([compute_prosodic_mel(v) for v in versions]).astype(np.float16),
                        accents.speech.astype(np.float16), accent_track(accents),
                        level_track(accents).astype(np.float16), accents.times_s)
