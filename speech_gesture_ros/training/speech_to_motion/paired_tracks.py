"""Clips of a prepared corpus to tracks: features of several versions of the sound, the motion and its mirror image.

    samples ─┬─► clean, damaged, damaged ... ─► features   (V, 4 T, F)
             └─► accents, speech                           what the network must hear
    motion ───► itself, mirrored ─► joint_xyz (2, T, J, 3), codes once they are learned

Cached one clip a file, so that preparation can be interrupted.
"""

from __future__ import annotations

import dataclasses
import hashlib
import logging
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np

from speech_gesture_ros import features
from speech_gesture_ros.core.errors import ConfigError, MissingDependencyError
from speech_gesture_ros.core.skeleton import Skeleton
from speech_gesture_ros.datasets import sound_augmentation
from speech_gesture_ros.datasets.clips import Clip
from speech_gesture_ros.datasets.prepared import Corpus, open_corpus
from speech_gesture_ros.datasets.sound_augmentation import damage
from speech_gesture_ros.evaluation import accents as accent_detection
from speech_gesture_ros.evaluation.accents import detect_accents
from speech_gesture_ros.features.prosodic_mel import FEATURE_NAMES, compute_prosodic_mel
from speech_gesture_ros.networks.speech_to_motion.motion_encoder import MotionE
from speech_gesture_ros.training.engine.fingerprint import fingerprint
from speech_gesture_ros.training.speech_to_motion import tracks
from speech_gesture_ros.training.speech_to_motion.learned_codes import Codebook, Motion, score_of
from speech_gesture_ros.training.speech_to_motion.run_config import PairedConfig
from speech_gesture_ros.training.speech_to_motion.tracks import (
    XYZ_STEP_M,
    TrainingTrack,
    accent_track,
    load_track,
    save_track,
)

_log = logging.getLogger(__name__)
Job = tuple[Path, str, Path, PairedConfig]


def prepare_split(corpus: Corpus, split: str, config: PairedConfig, cache: Path) -> list[TrainingTrack]:
    """The tracks of one split, without codes. Clips without 3-D motion, or shorter than a sequence, are left out.

    Raises:
        ConfigError: If the split has clips, and none of them can be used.
    """
    try:
        from tqdm import tqdm
    except ImportError as error:
        raise MissingDependencyError("tqdm", "preparing the corpus", "pip install '.[train]'") from error
    key = fingerprint([config.seed, config.mirror, config.damaged_versions, FEATURE_NAMES], sys.modules[__name__],
                      tracks, sound_augmentation, accent_detection, features)
    folder = cache / f"paired_{key}"
    folder.mkdir(parents=True, exist_ok=True)
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
    missing = [job for job in jobs if not job[2].exists()]
    if missing:
        with ProcessPoolExecutor(config.workers) as pool:
            list(tqdm(pool.map(_make, missing), total=len(missing), desc=f"preparing {split}", unit="clip"))
    return [load_track(path) for _, _, path, _ in jobs]


def make_paired_track(clip: Clip, skeleton: Skeleton, config: PairedConfig, rng: np.random.Generator) -> TrainingTrack:
    """The track of one clip, every code 0."""
    assert clip.joint_xyz is not None
    versions = [clip.samples, *(damage(clip.samples, [], rng) for _ in range(config.damaged_versions))]
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
    """(T, J, 3) of each performance [m]."""
    return [take.astype(np.float32) * XYZ_STEP_M for take in track.joint_xyz]


def with_codes(track: TrainingTrack, codebook: Codebook, encoder: MotionE, skeleton: Skeleton) -> TrainingTrack:
    """The track with the codes of its motions."""
    scores = [score_of(motion, codebook, encoder, skeleton) for motion in motions_of(track)]
    return dataclasses.replace(
        track, code=np.stack([s.code for s in scores]).astype(np.uint8),
        next_code=np.stack([s.next_code for s in scores]).astype(np.uint8),
        phase=np.stack([s.phase for s in scores]), remaining=np.stack([s.remaining for s in scores]))


def _make(job: Job) -> None:
    folder, name, path, config = job
    corpus = open_corpus(folder)
    key = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big")
    track = make_paired_track(corpus.clip(name), corpus.skeleton, config, np.random.default_rng([config.seed, key]))
    save_track(track, path)
