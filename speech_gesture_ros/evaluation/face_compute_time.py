"""Compute time of a face alone for each hop of 10 ms, from samples to blendshapes: features, model, face stage."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.chunks import AudioChunk
from speech_gesture_ros.core.rates import FEATURE_RATE, FEATURES_PER_FACE, SAMPLE_RATE, SAMPLES_PER_FEATURE
from speech_gesture_ros.pipeline.speech_to_face import SpeechToFace

HOP_S = 1.0 / FEATURE_RATE
WARM_UP_HOPS = 100


def measure_face_hops(folder: Path, speech: npt.NDArray[np.floating], seconds: float, look_ahead_s: float = 0.04,
                      clock: Callable[[], float] = time.perf_counter, sleep: Callable[[float], None] = time.sleep
                      ) -> npt.NDArray[np.float64]:
    """Return the times of hops of 10 ms (H,) [ms], at the pace of `sleep`.

    A frame of the face takes two hops, of which one computes it: each time is the mean of both.

    Args:
        folder: Bundle of the face model.
        speech: (T,) mono at 16 kHz; repeated as often as needed.
        seconds: Length of the measurement [s].
        look_ahead_s: Future speech that a frame may use [s].
        clock: Monotonic seconds.
        sleep: Waits for seconds.
    """
    face = SpeechToFace(folder, look_ahead_s)
    count = WARM_UP_HOPS + round(seconds * SAMPLE_RATE / SAMPLES_PER_FEATURE)
    samples = np.resize(np.asarray(speech, dtype=np.float32), count * SAMPLES_PER_FEATURE)
    times, begin = np.empty(count), clock()
    for hop in range(count):
        sleep(max(0.0, begin + hop * HOP_S - clock()))
        start_index = hop * SAMPLES_PER_FEATURE
        start = clock()
        face.push(AudioChunk(start_index, samples[start_index:start_index + SAMPLES_PER_FEATURE]))
        times[hop] = 1e3 * (clock() - start)
    counted = times[WARM_UP_HOPS:]
    return np.asarray(counted[:len(counted) // FEATURES_PER_FACE * FEATURES_PER_FACE].reshape(-1, FEATURES_PER_FACE)
                      .mean(axis=1))
