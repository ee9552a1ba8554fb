"""A face model as it runs live: streaming against offline, time of computing, delay from sound to frame.

Sound comes in chunks of 10 ms, as from a microphone. The delay of a frame is from the time that it shows to the end of
the chunk with which it came out, and the time of computing that chunk. The first part follows from the stamps alone.
The time of computing is the processor time of each hop, the shortest of `REPEATS` runs: other processes on the machine
lengthen it, nothing shortens it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.chunks import AudioChunk, FeatureChunk
from speech_gesture_ros.core.rates import FACE_RATE, SAMPLE_RATE
from speech_gesture_ros.features.prosodic_mel import compute_prosodic_mel
from speech_gesture_ros.pipeline.speech_to_face import SpeechToFace

Samples = npt.NDArray[np.float32]

CHUNK = SAMPLE_RATE // 100
REPEATS = 3
WARM_UP = 20  # first hops, or frames, which do not count
LARGEST_CHUNK = 4000  # of the drawn lengths that are compared with the whole


@dataclass(frozen=True)
class LiveRun:
    """Measurements of one look-ahead.

    Attributes:
        difference: Largest difference of a value between streaming in chunks of drawn lengths and offline.
        stamp_delay_ms: 95th percentile of the delay that follows from the stamps [ms].
        delay_ms: 95th percentile of the delay with the time of computing [ms].
        hop_ms: Median of the processor time for 10 ms of speech, features, model and face stage [ms].
        hop_high_ms: 95th percentile of it [ms].
        stage_ms: Median for model and face stage alone, as in an agent whose body has the features already [ms].
    """

    difference: float
    stamp_delay_ms: float
    delay_ms: float
    hop_ms: float
    hop_high_ms: float
    stage_ms: float


def measure_live_run(folder: Path, samples: Samples, look_ahead_s: float) -> LiveRun:
    """Run a bundle on speech (N,) at 16 kHz with a look-ahead."""
    face = SpeechToFace(folder, look_ahead_s)
    difference = streaming_difference(face, samples)
    face.reset()
    stamps: list[float] = []
    whole: list[float] = []
    for end in range(CHUNK, len(samples) + 1, CHUNK):
        began = time.perf_counter()
        frames = face.push(AudioChunk(end - CHUNK, samples[end - CHUNK:end]))
        took = time.perf_counter() - began
        start = frames.shapes.start_index
        shown = (start + np.arange(len(frames.shapes))) / FACE_RATE
        stamps += (end / SAMPLE_RATE - shown).tolist()
        whole += (end / SAMPLE_RATE + took - shown).tolist()
    by_stamps, with_computing = (1e3 * float(np.percentile(delays[WARM_UP:], 95)) for delays in (stamps, whole))
    sounds = [AudioChunk(i, samples[i:i + CHUNK]) for i in range(0, len(samples) - CHUNK + 1, CHUNK)]
    rows = compute_prosodic_mel(samples)
    features = [FeatureChunk(i, rows[i:i + 1]) for i in range(len(rows))]
    hops, stages = _hop_times(face, face.push, sounds), _hop_times(face, face.push_features, features)
    return LiveRun(difference, by_stamps, with_computing, float(np.median(hops)), float(np.percentile(hops, 95)),
                   float(np.median(stages)))


def _hop_times(face: SpeechToFace, push: Callable[[Any], object], chunks: Sequence[object]) -> npt.NDArray[np.float64]:
    """Return the processor time [ms] of pairs of hops, each the mean of both: a face frame takes two, one computes."""
    runs = np.empty((REPEATS, len(chunks)))
    for run in runs:
        face.reset()
        for i, chunk in enumerate(chunks):
            began = time.thread_time()
            push(chunk)
            run[i] = 1e3 * (time.thread_time() - began)
    shortest = runs.min(axis=0)
    return np.asarray(shortest[:len(shortest) // 2 * 2].reshape(-1, 2).mean(axis=1)[WARM_UP:])


def streaming_difference(face: SpeechToFace, samples: Samples, seed: int = 0) -> float:
    """Return the largest difference between a stream in chunks of drawn lengths and the whole recording at once."""
    offline = face.perform(samples).shapes.values
    rng, parts, start = np.random.default_rng(seed), [], 0
    while start < len(samples):
        length = int(rng.integers(1, LARGEST_CHUNK))
        parts.append(face.push(AudioChunk(start, samples[start:start + length])).shapes.values)
        start += length
    streamed = np.concatenate([*parts, face.flush().shapes.values])
    if streamed.shape != offline.shape:
        return float("inf")
    return float(np.abs(streamed - offline).max())
