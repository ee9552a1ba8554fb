"""Recordings to tracks: features of several versions of the sound, performances with several code sequences.

    recording ─► silence before and after ─┬─► clean, damaged, damaged ... ─► features   (V, T100, F)
                                           └─► accents ─► perform(seed 0, 1, 2 ...) ───► joint_xyz  (P, T25, J, 3)

Any version goes with any performance, for the performance belongs to what was said. Tracks are cached as .npz, one a
recording, written whole or not at all; an interrupted preparation goes on where it stopped.
"""

from __future__ import annotations

import hashlib
import logging
import sys
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict
from pathlib import Path

import numpy as np
import numpy.typing as npt

from speech_gesture_ros import features
from speech_gesture_ros.audio.files import load_mono_16k
from speech_gesture_ros.core.assets import resolve
from speech_gesture_ros.core.errors import MissingDependencyError
from speech_gesture_ros.core.rates import POSE_RATE, SAMPLE_RATE
from speech_gesture_ros.core.yaml_config import load_yaml
from speech_gesture_ros.datasets import sound_augmentation
from speech_gesture_ros.datasets.sound_augmentation import damage, draw_calm
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
from speech_gesture_ros.training.composition.composer import (
    ComposedMotion,
    draw_score,
    nobody_speaks,
    perform,
)
from speech_gesture_ros.training.composition.style import Style
from speech_gesture_ros.training.engine.fingerprint import fingerprint
from speech_gesture_ros.training.speech_to_motion import tracks
from speech_gesture_ros.training.speech_to_motion.run_config import CorpusConfig
from speech_gesture_ros.training.speech_to_motion.tracks import (
    XYZ_STEP_M,
    TrainingTrack,
    accent_track,
    load_track,
    save_track,
)

_log = logging.getLogger(__name__)

SHORTEST_S = 15.0
CALM_S = 30.0


def prepare(data: Path, cache: Path, config: CorpusConfig, seed: int, *, workers: int = 2) -> list[TrainingTrack]:
    """Make or find the tracks of the whole corpus: recordings in the manifest's order, then calm ones.

    Args:
        data: The data folder.
        cache: Folder for caches; each configuration has its own inside.
        config: What to make.
        seed: Draws codes and damage.
        workers: Processes.
    """
    try:
        from tqdm import tqdm
    except ImportError as error:
        raise MissingDependencyError("tqdm", "preparing the corpus", "pip install '.[train]'") from error
    recordings = list_recordings(data)
    units = load_yaml(resolve("motion_units.yaml", "config/training"))
    folder = cache / fingerprint([asdict(config), seed, FEATURE_NAMES, units], sys.modules[__name__], tracks,
                                 sound_augmentation, accent_detection, composition, features)
    folder.mkdir(parents=True, exist_ok=True)
    noises = [load_mono_16k(p)[:60 * SAMPLE_RATE] for p in list_noises(data)]
    calm = round(config.calm_minutes * 60 / CALM_S)
    jobs: list[tuple[SpeechRecording | int, Path]] = [(r, folder / f"{r.name}.npz") for r in recordings]
    jobs += [(i, folder / f"calm_{i:03d}.npz") for i in range(calm)]
    missing = [(item, path, config, seed, noises) for item, path in jobs if not path.exists()]
    if missing:
        with ProcessPoolExecutor(workers) as pool:
            list(tqdm(pool.map(_make, missing), total=len(missing), desc="preparing", unit="track"))
    return [load_track(path) for _, path in jobs]


def make_track(samples: Samples, speaker: str, config: CorpusConfig, noises: list[Samples],
               rng: np.random.Generator) -> TrainingTrack:
    """A track of (N,) samples of speech; silence is put around it."""
    sound = surround_with_silence(samples, SHORTEST_S)
    versions = [sound, *(damage(sound, noises, rng) for _ in range(config.damaged_versions))]
    accents = detect_accents(sound)
    return _assemble(speaker, versions, _takes(accents, config, rng))


def make_calm_track(config: CorpusConfig, noises: list[Samples], rng: np.random.Generator) -> TrainingTrack:
    """A track without speech: sound in which nobody speaks, and hands that rest."""
    versions = [draw_calm(round(CALM_S * SAMPLE_RATE), noises, rng) for _ in range(1 + config.damaged_versions)]
    return _assemble("", versions, _takes(nobody_speaks(round(CALM_S * POSE_RATE)), config, rng))


def _takes(accents: Accents, config: CorpusConfig, rng: np.random.Generator) -> list[ComposedMotion]:
    """The performances of one recording, each with codes and activity of its own; the first is as lively as usual."""
    count, style = len(accents.speech), Style(rest=config.rest)
    lively = [np.ones(count), *(draw_activity(count, rng) for _ in range(config.performances - 1))]
    return [perform(accents, draw_score(count, int(rng.integers(2**62)), activity), style) for activity in lively]


def draw_activity(count: int, rng: np.random.Generator) -> npt.NDArray[np.float64]:
    """(count,) how lively a performance is: half of the time as usual, else from rest to wild, sometimes changing."""
    kind = rng.random()
    if kind < 0.5:
        return np.ones(count)
    if kind < 0.57:
        return np.zeros(count)
    before, after = rng.uniform(0.15, 1.5, 2)
    change = int(rng.integers(count)) if kind > 0.8 else 0
    return np.asarray(np.where(np.arange(count) < change, before, after), dtype=np.float64)


def _make(job: tuple[SpeechRecording | int, Path, CorpusConfig, int, list[Samples]]) -> None:
    item, path, config, seed, noises = job
    key = int.from_bytes(hashlib.sha256(path.stem.encode()).digest()[:8], "big")
    rng = np.random.default_rng([seed, key])
    if isinstance(item, SpeechRecording):
        track = make_track(load_mono_16k(item.path), item.speaker, config, noises, rng)
    else:
        track = make_calm_track(config, noises, rng)
    save_track(track, path)


def _assemble(speaker: str, versions: list[Samples], takes: list[ComposedMotion]) -> TrainingTrack:
    accents = takes[0].accents
    return TrainingTrack(
        speaker=speaker,
        features=np.stack([compute_prosodic_mel(v) for v in versions]).astype(np.float16),
        joint_xyz=np.round(np.stack([t.joint_xyz for t in takes]) / XYZ_STEP_M).astype(np.int16),
        code=np.stack([t.code for t in takes]).astype(np.uint8),
        next_code=np.stack([t.next_code for t in takes]).astype(np.uint8),
        phase=np.stack([t.phase for t in takes]),
        remaining=np.stack([t.remaining for t in takes]),
        variation=np.stack([t.variation for t in takes]).astype(np.float16),
        activity=np.stack([t.activity for t in takes]).astype(np.float16),
        accent=accent_track(accents),
        speech=accents.speech.astype(np.float16),
        accent_times_s=accents.times_s,
    )
