"""Tracks of recorded speech of people, whose phones are not marked.

    sound ─► versions, features (cached)      labels: by the network after its first pass (`listener.py`)

    text known     phones of the text, found in the sound (`alignment.py`) ─► rules of articulation
    text unknown   visemes and articulators of the network, as shares

A clip whose text does not fit is taken like one without a text.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt

from speech_gesture_ros import features
from speech_gesture_ros.audio.files import load_mono_16k
from speech_gesture_ros.core.errors import InputError
from speech_gesture_ros.core.rates import FACE_RATE
from speech_gesture_ros.datasets import sound_augmentation
from speech_gesture_ros.datasets.speech_recordings import SpeechRecording, list_recordings
from speech_gesture_ros.datasets.timed_speech.espeak import words_of
from speech_gesture_ros.datasets.transcribed_speech import TranscribedClip, list_clips
from speech_gesture_ros.face.dominance import articulate
from speech_gesture_ros.features.prosodic_mel import FEATURE_NAMES
from speech_gesture_ros.training.engine.fingerprint import fingerprint
from speech_gesture_ros.training.engine.progress import run_jobs
from speech_gesture_ros.training.engine.track_files import load_track, save_track, track_generator
from speech_gesture_ros.training.face import channel
from speech_gesture_ros.training.face.alignment import align
from speech_gesture_ros.training.face.run_config import FaceRecordingsConfig
from speech_gesture_ros.training.face.tracks import (
    NUM_TARGETS,
    PHONES,
    FaceTrack,
    assemble_track,
    augmented_sound,
    phone_indices,
    recorded_noises,
)

_log = logging.getLogger(__name__)

WordsOf = Callable[[str, str], Sequence[Sequence[str]]]

MANY = "people"  # speaker of the tracks whose text is unknown: many people, a little of each
LOWEST_SCORE = -2.5  # mean of the frames of a clip below which its text does not fit
SHORTEST_S = 5.0  # of a recording that is used
MARGIN_S = 0.15  # beside a clip that belongs to it


class Labels(Protocol):
    """Interface of `listener.Listener`."""

    def listen(self, frames: npt.NDArray[np.floating]) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float64]]:
        """See `listener.Listener.listen`."""


@dataclass(frozen=True)
class RecordedSpeech:
    """Recorded speech that waits for its labels.

    Attributes:
        track: Features; its targets are zeros.
        clips: Parts whose text is known.
        language: Of the texts, as espeak-ng names it.
    """

    track: FaceTrack
    clips: tuple[TranscribedClip, ...]
    language: str


@dataclass(frozen=True)
class _Job:
    path: Path
    recording: SpeechRecording
    speaker: str
    versions: int
    seed: int
    data: Path


def source_lines(data: Path, config: FaceRecordingsConfig) -> list[str]:
    """Return a line for a model card about each source: minutes, people, licence."""
    lines = []
    sources = (*config.with_text, *config.without_text)
    recordings = _chosen(list_recordings(data), config) if sources else []
    for source in sources:
        of = [r for r in recordings if r.source == source]
        licences = ", ".join(dict.fromkeys(r.licence for r in of))
        text = "text known" if source in config.with_text else "without a text"
        lines.append(f"{source}: {sum(r.seconds for r in of) / 60:.0f} min, {len({r.speaker for r in of})} speakers, "
                     f"{text}; {licences}")
    return lines


def prepare_recorded_speech(data: Path, cache: Path, config: FaceRecordingsConfig, seed: int, *, workers: int = 2
                            ) -> list[RecordedSpeech]:
    """Make or read the tracks of the recordings, still without labels.

    Raises:
        InputError: If the data folder has no recordings.
    """
    chosen = _chosen(list_recordings(data), config)
    folder = cache / fingerprint([asdict(config)["versions"], seed, FEATURE_NAMES], sys.modules[__name__],
                                 sound_augmentation, channel, features)
    jobs = [_Job(folder / f"{r.name}.npz", r, r.speaker if r.source in config.with_text else MANY, config.versions,
                 seed, data) for r in chosen]
    run_jobs(_make_track_file, [job for job in jobs if not job.path.exists()], workers, label="recordings",
             unit="file")
    return [RecordedSpeech(load_track(FaceTrack, job.path),
                           tuple(list_clips(data, job.recording)) if job.speaker != MANY else (),
                           job.recording.language.split("-")[0].replace("en", "en-us")) for job in jobs]


def _chosen(recordings: Sequence[SpeechRecording], config: FaceRecordingsConfig) -> list[SpeechRecording]:
    """Return the recordings of the sources, in the order of the configuration, up to its minutes of each speaker."""
    out: list[SpeechRecording] = []
    spoken: dict[str, float] = {}
    for source in (*config.with_text, *config.without_text):
        for recording in recordings:
            begun = spoken.get(recording.speaker, 0.0)
            if recording.source == source and recording.seconds >= SHORTEST_S and begun < 60 * config.minutes:
                out.append(recording)
                spoken[recording.speaker] = begun + recording.seconds
    return out


def labelled(recorded: RecordedSpeech, listener: Labels, words_of: WordsOf = words_of) -> FaceTrack:
    """Return the track of recorded speech with the labels of a listener.

    Args:
        recorded: Recorded speech.
        listener: A `listener.Listener`.
        words_of: Text and language to the phones of each word.
    """
    track = recorded.track
    targets, scores = listener.listen(track.features[0])
    targets, phones = targets.copy(), np.full(len(track), -1, np.int16)
    end = 0  # of the clip before
    for clip in recorded.clips:
        first, last = (round(t * FACE_RATE) for t in (clip.start_s - MARGIN_S, clip.end_s + MARGIN_S))
        first, last = max(first, end), min(last, len(track))
        try:
            found, score = align(scores[first:last], PHONES, words_of(clip.text, recorded.language))
        except InputError as error:
            _log.debug("%s, %.1f s: %s", track.speaker, clip.start_s, error)
            continue
        if score < LOWEST_SCORE:
            _log.debug("%s, %.1f s: the text does not fit (%.1f)", track.speaker, clip.start_s, score)
            continue
        targets[first:last] = articulate(found, last - first)[:, :NUM_TARGETS]
        phones[first:last] = phone_indices(tuple(found), last - first)
        end = last
    return replace(track, targets=targets.astype(np.float16), phones=phones)


def _make_track_file(job: _Job) -> None:
    rng = track_generator(job.path.stem, job.seed)
    samples = load_mono_16k(job.recording.path)
    count = len(samples) * FACE_RATE // 16_000
    augmented = partial(augmented_sound, samples, recorded_noises(job.data), rng)
    save_track(assemble_track(job.speaker, samples, np.zeros((count, NUM_TARGETS)), np.ones(NUM_TARGETS),
                              np.full(count, -1, np.int16), job.versions, augmented), job.path)
