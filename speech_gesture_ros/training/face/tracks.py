"""Tracks of the face training: features of several versions of a sound, and the articulation of each frame.

    voice, seed ─► texts ─► speech, phones ─┬─► clean, augmented, augmented ... ─► features       (V, T, 2 F)
                                            └─► articulate ─────────────────────► targets, phones (T, 25), (T,)
    recorded face ─► targets of jaw and rounding alone (weights)
    sound without speech ─► closed and idle

Tracks are cached as .npz; an interrupted preparation continues with the missing ones.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt

from speech_gesture_ros import face, features
from speech_gesture_ros.audio.files import load_mono_16k
from speech_gesture_ros.core.face_channels import (
    ARTICULATOR_COLUMNS,
    ARTICULATOR_INDEX,
    PROSODY_COLUMNS,
    VISEME_INDEX,
)
from speech_gesture_ros.core.rates import FEATURES_PER_FACE, SAMPLE_RATE
from speech_gesture_ros.datasets import sound_augmentation, timed_speech
from speech_gesture_ros.datasets.recorded_faces import RECORDED_JAW, RECORDED_ROUNDING, load_recorded_face
from speech_gesture_ros.datasets.sound_augmentation import augment, draw_non_speech
from speech_gesture_ros.datasets.speech_recordings import list_noises
from speech_gesture_ros.datasets.timed_speech.timed_speech import TimedSpeech, Voice
from speech_gesture_ros.face.dominance import TimedPhone, articulate
from speech_gesture_ros.face.phones import SHAPES, SILENCE
from speech_gesture_ros.features.prosodic_mel import FEATURE_NAMES, compute_prosodic_mel
from speech_gesture_ros.training.engine.fingerprint import fingerprint
from speech_gesture_ros.training.engine.progress import run_jobs
from speech_gesture_ros.training.engine.track_files import load_track, save_track, track_generator
from speech_gesture_ros.training.face import channel
from speech_gesture_ros.training.face import speech as speech_of_tracks
from speech_gesture_ros.training.face.channel import pass_channel
from speech_gesture_ros.training.face.room import add_room
from speech_gesture_ros.training.face.run_config import FaceSpeechConfig
from speech_gesture_ros.training.face.speech import draw_espeak_voice, espeak_variants, speak_track
from speech_gesture_ros.training.speech_to_motion.new_network import silence_features

TRACK_S = 20.0
LONGEST_NOISE_S = 60.0
ROOM_SHARE = 0.4  # of the augmented versions
PHONES = tuple(SHAPES)
NUM_TARGETS = PROSODY_COLUMNS.start
UNVOICED = ("", "recorded")  # speakers of tracks that no synthesis made

Samples = npt.NDArray[np.float32]


@dataclass(frozen=True)
class FaceTrack:
    """One track, ready for training. T face frames, V versions of the sound.

    Attributes:
        speaker: Voice; "" without speech.
        features: (V, T, 2 F) float16, version 0 is the clean sound.
        targets: (T, 25) float16 visemes and articulators.
        weights: (25,) of the targets: 0 for channels that are unknown.
        phones: (T,) int16 index in `PHONES`, -1 unknown.
    """

    speaker: str
    features: npt.NDArray[np.float16]
    targets: npt.NDArray[np.float16]
    weights: npt.NDArray[np.float32]
    phones: npt.NDArray[np.int16]

    def __len__(self) -> int:
        return len(self.targets)


@dataclass(frozen=True)
class _Job:
    path: Path
    kind: str  # "espeak", "kokoro", a voice of flite, "recorded", "" without speech
    name: str
    config: FaceSpeechConfig
    seed: int
    data: Path


def prepare_face_tracks(data: Path, cache: Path, config: FaceSpeechConfig, seed: int, *, workers: int = 2
                        ) -> list[FaceTrack]:
    """Make or read all tracks.

    Args:
        data: The data folder; without it there is no recorded noise, and `recorded` has to be empty.
        cache: Folder of caches; each configuration of a kind of track has its own inside.
        config: Speech of the run.
        seed: Of all draws.
        workers: Processes.
    """
    counts = {"espeak": config.espeak_minutes, **dict.fromkeys(config.flite_voices, config.flite_minutes),
              "kokoro": config.kokoro_minutes if config.kokoro_voices else 0.0, "": config.non_speech_minutes}
    folder = cache / fingerprint([asdict(config)["espeak_languages"], config.versions, seed, FEATURE_NAMES],
                                 sys.modules[__name__], speech_of_tracks, timed_speech, face, sound_augmentation,
                                 channel, features)
    voices = config.kokoro_voices
    jobs = [_Job(folder / _track_name(kind, i, voices), kind, voices[i % len(voices)] if kind == "kokoro" else "",
                 config, seed, data)
            for kind, minutes in counts.items() for i in range(round(minutes * 60 / TRACK_S))]
    jobs += [_Job(folder / f"recorded_{name}.npz", "recorded", name, config, seed, data) for name in config.recorded]
    run_jobs(_make_track_file, [job for job in jobs if not job.path.exists()], workers, label="preparing",
             unit="track")
    return [load_track(FaceTrack, job.path) for job in jobs]


def _track_name(kind: str, index: int, kokoro_voices: Sequence[str]) -> str:
    """Return the name of a track's file; of kokoro with its voice, for the list of voices may change."""
    voice = f"_{kokoro_voices[index % len(kokoro_voices)]}" if kind == "kokoro" else ""
    return f"{kind or 'no_speech'}_{index:04d}{voice}.npz"


def make_speech_track(spoken: TimedSpeech, speaker: str, versions: int, noises: list[Samples],
                      rng: np.random.Generator) -> FaceTrack:
    """Return the track of timed speech."""
    count = len(spoken.samples) // (SAMPLE_RATE // 50)
    targets = articulate(spoken.phones, count)[:, :NUM_TARGETS]
    return assemble_track(speaker, spoken.samples, targets, np.ones(NUM_TARGETS), phone_indices(spoken.phones, count),
                     versions, partial(augmented_sound, spoken.samples, noises, rng))


def phone_indices(phones: tuple[TimedPhone, ...], count: int) -> npt.NDArray[np.int16]:
    """Return (count,) the phone of each face frame, as its index in `PHONES`."""
    out = np.full(count, PHONES.index(SILENCE), np.int16)
    for phone in phones:
        out[int(np.ceil(phone.start_s * 50)):int(np.ceil(phone.end_s * 50))] = PHONES.index(phone.name)
    return out


def frame_features(samples: Samples) -> npt.NDArray[np.float32]:
    """Return (T, 2 F) the features of each face frame: frames 2 k - 1 and 2 k, as `FaceModelStage` pairs them."""
    rows = np.concatenate([silence_features()[None], compute_prosodic_mel(samples)])
    count = len(rows) // FEATURES_PER_FACE
    return np.asarray(rows[:FEATURES_PER_FACE * count].reshape(count, -1))


def augmented_sound(samples: Samples, noises: list[Samples], rng: np.random.Generator) -> Samples:
    """Return the samples (N,) as another microphone would take them: room, channel, noise, gain."""
    sound = add_room(samples, rng) if rng.random() < ROOM_SHARE else samples
    return augment(pass_channel(sound, noises, rng), noises, rng)


def assemble_track(speaker: str, samples: Samples, targets: npt.NDArray[np.floating], weights: npt.NDArray[np.floating],
              phones: npt.NDArray[np.int16], versions: int, augmented: partial[Samples]) -> FaceTrack:
    """Return the track of a sound and of so many versions of it, the first as it is."""
    sounds = [samples, *(augmented() for _ in range(versions - 1))]
    rows = [frame_features(sound).astype(np.float16) for sound in sounds]
    count = min(len(rows[0]), len(targets))
    return FaceTrack(speaker, np.stack([r[:count] for r in rows]), targets[:count].astype(np.float16),
                     weights.astype(np.float32), phones[:count])


def _make_track_file(job: _Job) -> None:
    rng = track_generator(job.path.stem, job.seed)
    noises = recorded_noises(job.data)
    if job.kind == "recorded":
        track = _recorded_track(job, noises, rng)
    elif job.kind == "":
        track = _silent_track(job, noises, rng)
    else:
        many = job.kind in ("espeak", "kokoro")  # voices, a little of each
        voice = (draw_espeak_voice(job.config.espeak_languages, espeak_variants(), rng) if job.kind == "espeak"
                 else Voice("kokoro", job.name) if job.kind == "kokoro" else Voice("flite", job.kind))
        speaker = job.kind if many else voice.full_name
        track = make_speech_track(speak_track(voice, TRACK_S, rng), speaker, job.config.versions, noises, rng)
    save_track(track, job.path)


@functools.cache
def recorded_noises(data: Path) -> list[Samples]:
    """Return the recorded noises of the data folder; read once in each process."""
    return [load_mono_16k(p)[:round(LONGEST_NOISE_S * SAMPLE_RATE)] for p in list_noises(data)]


def _recorded_track(job: _Job, noises: list[Samples], rng: np.random.Generator) -> FaceTrack:
    recorded = load_recorded_face(job.data, job.name)
    count = len(recorded.jaw)
    targets, weights = np.zeros((count, NUM_TARGETS)), np.zeros(NUM_TARGETS)
    first = ARTICULATOR_COLUMNS.start
    for name, values in (("jaw", RECORDED_JAW * recorded.jaw), ("rounding", RECORDED_ROUNDING * recorded.rounding)):
        targets[:, first + ARTICULATOR_INDEX[name]] = np.clip(values, 0.0, 1.0)
        weights[first + ARTICULATOR_INDEX[name]] = 1.0
    return assemble_track("recorded", recorded.samples, targets, weights, np.full(count, -1, np.int16),
                     job.config.versions, partial(augmented_sound, recorded.samples, noises, rng))


def _silent_track(job: _Job, noises: list[Samples], rng: np.random.Generator) -> FaceTrack:
    count = round(TRACK_S * 50)
    targets = np.zeros((count, NUM_TARGETS))
    targets[:, VISEME_INDEX["sil"]] = 1.0
    draw = partial(draw_non_speech, round(TRACK_S * SAMPLE_RATE), noises, rng)
    return assemble_track("", draw(), targets, np.ones(NUM_TARGETS), np.full(count, PHONES.index(SILENCE), np.int16),
                     job.config.versions, draw)
