"""Tracks of the clips of a prepared corpus: features of several versions of the sound, the motion and its mirror image.

    samples ─┬─► clean, augmented, augmented ... ─► features   (V, 4 T, F)
             └─► accents, speech                               targets of the accent and speech heads
    motion ───► itself, mirrored ─► joint_xyz (2, T, J, 3), codes once they are learned

Cached one file for each clip; an interrupted preparation continues with the missing ones.
"""

from __future__ import annotations

import dataclasses
import logging
import sys
from pathlib import Path

import numpy as np

from speech_gesture_ros import features
from speech_gesture_ros.core.errors import ConfigError
from speech_gesture_ros.core.skeleton import Skeleton
from speech_gesture_ros.datasets import sound_augmentation
from speech_gesture_ros.datasets.clips import Clip
from speech_gesture_ros.datasets.prepared import Corpus, open_corpus
from speech_gesture_ros.datasets.sound_augmentation import augment
from speech_gesture_ros.evaluation import accents as accent_detection
from speech_gesture_ros.evaluation.accents import detect_accents
from speech_gesture_ros.features.prosodic_mel import FEATURE_NAMES, compute_prosodic_mel
from speech_gesture_ros.networks.speech_to_motion.motion_encoder import MotionE
from speech_gesture_ros.training.engine.fingerprint import fingerprint
from speech_gesture_ros.training.engine.progress import run_jobs
from speech_gesture_ros.training.engine.track_files import load_track, save_track, track_generator
from speech_gesture_ros.training.speech_to_motion import tracks
from speech_gesture_ros.training.speech_to_motion.learned_codes import Codebook, Motion, codes_of_motion
from speech_gesture_ros.training.speech_to_motion.run_config import PairedRunConfig
from speech_gesture_ros.training.speech_to_motion.tracks import (
    XYZ_STEP_M,
    TrainingTrack,
    accent_track,
)

_log = logging.getLogger(__name__)
_Job = tuple[Path, str, Path, PairedRunConfig]


def prepare_split(corpus: Corpus, split: str, config: PairedRunConfig, cache: Path) -> list[TrainingTrack]:
    """Make or read the tracks of one split, without codes.

    Clips without 3-D motion, or shorter than a sequence, are left out.

    Raises:
        ConfigError: If the split has clips, and none of them can be used.
    """
    key = fingerprint([config.seed, config.mirror, config.augmented_versions, FEATURE_NAMES], sys.modules[__name__],
                      tracks, sound_augmentation, accent_detection, features)
    folder = cache / f"paired_{key}"
    entries = corpus.manifest["clips"]
    names = [name for name in corpus.names(split)
             if entries[name]["frames"] >= config.frames and "joint_xyz" in entries[name]["motion"]]
    jobs = [(corpus.folder, name, folder / f"{name}_{entries[name]['sha256'][:16]}.npz", config) for name in names]
    dropped = len(corpus.names(split)) - len(names)
    if dropped and not names:
        longest = max(entries[name]["frames"] for name in corpus.names(split))
        raise ConfigError("frames", config.frames, f"at most {longest}, the longest {split} clip, and clips must have "
                          "3-D motion", "Use shorter sequences, or prepare longer clips.")
    if dropped:
        _log.warning("%d of %d %s clips are left out: shorter than %d frames, or without 3-D motion", dropped,
                     len(corpus.names(split)), split, config.frames)
    run_jobs(_make_track_file, [job for job in jobs if not job[2].exists()], config.workers,
             label=f"preparing {split}", unit="clip")
    return [load_track(TrainingTrack, path) for _, _, path, _ in jobs]


def make_paired_track(clip: Clip, skeleton: Skeleton, config: PairedRunConfig,
                      rng: np.random.Generator) -> TrainingTrack:
    """Return the track of one clip, with code 0 in every frame."""
    assert clip.joint_xyz is not None
    versions = [clip.samples, *(augment(clip.samples, [], rng) for _ in range(config.augmented_versions))]
    accents = detect_accents(clip.samples)
    motions = [clip.joint_xyz]
    if config.mirror:
        motions.append(skeleton.mirror(clip.joint_xyz).astype(np.float32))
    shape = (len(motions), clip.num_frames)
    return TrainingTrack(
        speaker=clip.speaker or "unknown",
        features=np.stack([compute_prosodic_mel(v) for v in versions]).astype(np.float16),
        joint_xyz=np.round(np.stack(motions) / XYZ_STEP_M).astype(np.int16),
        code=np.zeros(shape, np.uint8), next_code=np.zeros(shape, np.uint8),
        phase=np.zeros(shape, np.float32), remaining=np.zeros(shape, np.float32),
        variation=np.zeros((*shape, 0), np.float16), activity=np.ones(shape, np.float16),
        accent=accent_track(accents), speech=accents.speech.astype(np.float16), accent_times_s=accents.times_s,
    )


def motions_of(track: TrainingTrack) -> list[Motion]:
    """Return each (T, J, 3) motion of a track [m]."""
    return [motion.astype(np.float32) * XYZ_STEP_M for motion in track.joint_xyz]


def with_codes(track: TrainingTrack, codebook: Codebook, encoder: MotionE, skeleton: Skeleton) -> TrainingTrack:
    """Return the track with the codes of its motions."""
    codes = [codes_of_motion(motion, codebook, encoder, skeleton) for motion in motions_of(track)]
    return dataclasses.replace(
        track, code=np.stack([c.code for c in codes]).astype(np.uint8),
        next_code=np.stack([c.next_code for c in codes]).astype(np.uint8),
        phase=np.stack([c.phase for c in codes]), remaining=np.stack([c.remaining for c in codes]))


def _make_track_file(job: _Job) -> None:
    folder, name, path, config = job
    corpus = open_corpus(folder)
    rng = track_generator(name, config.seed)
    save_track(make_paired_track(corpus.clip(name), corpus.skeleton, config, rng), path)
