"""Recordings to tracks: features of several versions of the sound, performances with several code sequences.

    recording ─► silence before and after ─┬─► clean, damaged, damaged ... ─► features   (V, T100, F)
                                           └─► accents ─► perform(seed 0, 1, 2 ...) ───► joint_xyz  (P, T25, J, 3)

Any version goes with any performance, for the performance belongs to what was said. Tracks are cached as .npz, one a
recording, written whole or not at all; an interrupted preparation goes on where it stopped.
"""

from __future__ import annotations

import hashlib
import json
import logging
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.audio.files import load_mono_16k
from speech_gesture_ros.core.assets import resolve
from speech_gesture_ros.core.errors import MissingDependencyError
from speech_gesture_ros.core.rates import POSE_RATE, SAMPLE_RATE
from speech_gesture_ros.datasets.sound_augmentation import damage, draw_calm
from speech_gesture_ros.datasets.speech_recordings import (
    Samples,
    SpeechRecording,
    list_noises,
    list_recordings,
    surround_with_silence,
)
from speech_gesture_ros.evaluation.accents import Accents, detect_accents
from speech_gesture_ros.features.prosodic_mel import FEATURE_NAMES, compute_prosodic_mel
from speech_gesture_ros.training.composition.composer import (
    Performance,
    draw_score,
    nobody_speaks,
    perform,
)
from speech_gesture_ros.training.composition.strokes import stroke_gains
from speech_gesture_ros.training.composition.style import Style
from speech_gesture_ros.training.speech_to_motion.training_config import CorpusConfig

_log = logging.getLogger(__name__)

XYZ_STEP_M = 5e-5  # int16 positions: fine enough for third differences, wide enough for 1.6 m
SHORTEST_S = 15.0
CALM_S = 30.0


@dataclass(frozen=True)
class Track:
    """One recording, ready for training. T pose frames, V versions, P performances.

    Attributes:
        speaker: Who speaks; "" in calm tracks.
        features: (V, 4 T, F) float16, version 0 clean.
        joint_xyz: (P, T, J, 3) int16 in units of `XYZ_STEP_M`.
        code: (P, T) uint8.
        next_code: (P, T) uint8.
        phase: (P, T) float32.
        remaining: (P, T) float32 [s].
        variation: (P, T, V) float16.
        activity: (P, T) float16; the first performance's is 1 throughout.
        accent: (T,) float16, size of the stroke on that frame, 0 to about 1, spread over its neighbours.
        speech: (T,) float16, 1 where someone speaks.
        accent_times_s: (A,) [s].
    """

    speaker: str
    features: npt.NDArray[np.float16]
    joint_xyz: npt.NDArray[np.int16]
    code: npt.NDArray[np.uint8]
    next_code: npt.NDArray[np.uint8]
    phase: npt.NDArray[np.float32]
    remaining: npt.NDArray[np.float32]
    variation: npt.NDArray[np.float16]
    activity: npt.NDArray[np.float16]
    accent: npt.NDArray[np.float16]
    speech: npt.NDArray[np.float16]
    accent_times_s: npt.NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.accent)


def prepare(data: Path, cache: Path, config: CorpusConfig, seed: int, *, workers: int = 2) -> list[Track]:
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
    folder = cache / _fingerprint(config, seed)
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


def load_track(path: Path) -> Track:
    """Read a cached track."""
    with np.load(path, allow_pickle=False) as arrays:
        columns: dict[str, Any] = {name: arrays[name] for name in Track.__dataclass_fields__}
        return Track(**{**columns, "speaker": str(columns["speaker"])})


def make_track(samples: Samples, speaker: str, config: CorpusConfig, noises: list[Samples],
               rng: np.random.Generator) -> Track:
    """A track of (N,) samples of speech; silence is put around it."""
    sound = surround_with_silence(samples, SHORTEST_S)
    versions = [sound, *(damage(sound, noises, rng) for _ in range(config.damaged_versions))]
    accents = detect_accents(sound)
    return _assemble(speaker, versions, _takes(accents, config, rng))


def make_calm_track(config: CorpusConfig, noises: list[Samples], rng: np.random.Generator) -> Track:
    """A track without speech: sound in which nobody speaks, and hands that rest."""
    versions = [draw_calm(round(CALM_S * SAMPLE_RATE), noises, rng) for _ in range(1 + config.damaged_versions)]
    return _assemble("", versions, _takes(nobody_speaks(round(CALM_S * POSE_RATE)), config, rng))


def _takes(accents: Accents, config: CorpusConfig, rng: np.random.Generator) -> list[Performance]:
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
    unfinished = path.with_suffix(".part")
    with unfinished.open("wb") as file:
        np.savez(file, **{name: getattr(track, name) for name in Track.__dataclass_fields__})
    unfinished.replace(path)


def _assemble(speaker: str, versions: list[Samples], takes: list[Performance]) -> Track:
    accents = takes[0].accents
    return Track(
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


def accent_track(accents: Accents) -> npt.NDArray[np.float16]:
    """(T,) how much of a stroke each frame's accent calls for; an accent between frames is shared by both."""
    count = len(accents.speech)
    out = np.zeros(count + 1)
    for time_s, gain in zip(accents.times_s, np.clip(stroke_gains(accents), 0.0, 1.0)):
        place = min(time_s * POSE_RATE, count - 1.0)
        left = int(place)
        out[left] = max(out[left], gain * (1 - (place - left)))
        out[left + 1] = max(out[left + 1], gain * (place - left))
    return out[:count].astype(np.float16)


def _fingerprint(config: CorpusConfig, seed: int) -> str:
    """Short name for all that decides what the tracks are, the code of their makers included."""
    package = Path(__file__).resolve().parents[2]
    makers = [Path(__file__), package / "datasets" / "sound_augmentation.py",
              *sorted((package / "training" / "composition").glob("*.py")),
              resolve("motion_units.yaml", "config/training"), package / "evaluation" / "accents.py",
              *(package / "features" / f"{name}.py" for name in (
                  "framing", "level", "mel", "prosody", "stage", "windowed_stage"))]
    digest = hashlib.sha256(json.dumps([asdict(config), seed, FEATURE_NAMES], sort_keys=True).encode())
    for path in makers:
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]
