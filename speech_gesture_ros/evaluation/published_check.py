"""Comparison of an imported model with a plain evaluation of the published files, and its behaviour at run time."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.audio.files import load_mono
from speech_gesture_ros.core.chunks import AudioChunk, FeatureChunk
from speech_gesture_ros.core.errors import InputError
from speech_gesture_ros.core.rates import POSE_RATE, SAMPLE_RATE
from speech_gesture_ros.features.kucherenko import FEATURE_NAMES, open_stage
from speech_gesture_ros.features.kucherenko_mfcc import PUBLISHED_SAMPLE_RATE
from speech_gesture_ros.features.kucherenko_offline import published_features
from speech_gesture_ros.networks.kucherenko import reference
from speech_gesture_ros.networks.kucherenko.bundle import KucherenkoBundle
from speech_gesture_ros.networks.kucherenko.frames import NUM_PHASES, make_frames
from speech_gesture_ros.networks.kucherenko.model_stage import MAX_LOOK_AHEAD_S, KucherenkoStage
from speech_gesture_ros.networks.kucherenko.numpy_network import KucherenkoNetwork
from speech_gesture_ros.networks.kucherenko.published import PublishedFiles

Array = npt.NDArray[np.floating]

CHECK_S = 30.0  # speech used for a check
SHORTEST_S = 2.0
REFERENCE_FRAMES = 200  # frames of 50 ms for which the reference is computed
TOLERANCE_CM = 0.1
LOOK_AHEADS_S = (0.0, 0.1, 0.25, 0.4, 0.5, 1.0)
SHIFT_MS = 20
SETTLED_S = 5.0  # after which the speaker statistics have adapted


@dataclass(frozen=True)
class PublishedCheck:
    """Result: text lines, stage by stage, and whether the poses agree within `TOLERANCE_CM`."""

    lines: tuple[str, ...]
    is_within_tolerance: bool


def check_published(files: PublishedFiles, bundle: KucherenkoBundle, audio: Path) -> PublishedCheck:
    """Compare the stages with the reference, then describe the wrist motion at run time.

    Raises:
        InputError: If the recording cannot be read or is shorter than 2 s.
    """
    wide, narrow = _load(audio)
    features = published_features(wide)
    streamed = _stream(narrow)
    lines = [f"{audio.name}, {len(features) / 20:.0f} s"]
    lines += [f"  {name:8} stream at 16 kHz against whole recording at 44.1 kHz: r {r:.2f} (median of the columns)"
              for name, r in zip(("MFCC", "prosody"), _feature_agreement(features, streamed))]
    compared, distance = _compare(files, bundle, features[:REFERENCE_FRAMES])
    return PublishedCheck((*lines, *compared, *_run_time_lines(bundle, narrow, streamed)), distance < TOLERANCE_CM)


def _compare(files: PublishedFiles, bundle: KucherenkoBundle, features: Array) -> tuple[list[str], float]:
    """SpeechE, MotionD and both with smoothing, against loops in float64; the mean distance of the last [cm]."""
    context, silence = reference.CONTEXT, bundle.silence
    padded = np.concatenate([np.tile(silence, (context, 1)), features, np.tile(silence, (context, 1))])
    network = KucherenkoNetwork(bundle)
    gates = network.embed(padded)
    z = network.encode(gates[np.arange(2 * context + 1)[:, None] + np.arange(len(features))])
    expected_z = reference.evaluate_speech_encoder(files, features, silence)
    expected = reference.evaluate_decoder(files, expected_z)
    decoded = _distance(network.decode(expected_z.astype(np.float32)), expected)
    whole = _distance(reference.smooth(network.decode(z).astype(np.float64)), reference.smooth(expected))
    return [f"  SpeechE  largest difference {np.abs(z - expected_z).max():.1e}, z spans {np.ptp(expected_z):.1f}",
            f"  MotionD  mean distance of a joint {decoded:.1e} cm",
            f"  poses    mean distance of a joint {whole:.1e} cm, must be below {TOLERANCE_CM}"], whole


def _run_time_lines(bundle: KucherenkoBundle, narrow: Array, streamed: Array) -> list[str]:
    """Wrist motion at run time, and its correlation with the motion made with the largest look-ahead."""
    best = _wrists(bundle, streamed, MAX_LOOK_AHEAD_S)
    shift = np.zeros(SHIFT_MS * SAMPLE_RATE // 1000)
    moved = _wrists(bundle, _stream(np.concatenate([shift, narrow])), MAX_LOOK_AHEAD_S)
    spread, speed = np.sqrt(best.var(axis=0).sum(axis=1)), np.linalg.norm(np.diff(best, axis=0), axis=-1) * POSE_RATE
    agreement = "  ".join(f"{s:g} s {_correlation(_wrists(bundle, streamed, s), best):.2f}" for s in LOOK_AHEADS_S)
    return [f"  live     wrists: standard deviation {100 * spread.mean():.0f} cm, speed {100 * speed.mean():.0f} cm/s, "
            f"height above the pelvis {100 * best[..., 2].mean():.0f} cm",
            f"  live     r of the wrists with the largest look-ahead, by look-ahead: {agreement}",
            f"  live     r with the same speech shifted by {SHIFT_MS} ms: {_correlation(moved, best):.2f}"]


def _load(audio: Path) -> tuple[Array, Array]:
    """A recording at 44.1 kHz and at 16 kHz, at most `CHECK_S` of it."""
    wide, narrow = (load_mono(audio, rate)[:int(CHECK_S * rate)] for rate in (PUBLISHED_SAMPLE_RATE, SAMPLE_RATE))
    if len(narrow) < SHORTEST_S * SAMPLE_RATE:
        raise InputError("length of the recording", f"{len(narrow) / SAMPLE_RATE:.1f} s", f"at least {SHORTEST_S} s",
                         "Check with a longer one.")
    return wide, narrow


def _stream(samples: Array) -> npt.NDArray[np.floating]:
    """(T, 30) features at 100 Hz as the pipeline computes them."""
    stage = open_stage()
    return np.concatenate([stage.push(AudioChunk(0, samples.astype(np.float32))).values, stage.flush().values])


def _feature_agreement(features: Array, streamed: Array) -> tuple[float, float]:
    """Correlation of the streaming features with the exact ones, MFCC and prosody."""
    frames = make_frames(streamed, FEATURE_NAMES, "published")[::NUM_PHASES][:len(features)]
    r = [np.corrcoef(frames[:, i], features[:len(frames), i])[0, 1] for i in range(features.shape[1])]
    return float(np.median(r[:-4])), float(np.median(r[-4:]))


def _wrists(bundle: KucherenkoBundle, streamed: Array, look_ahead_s: float) -> Array:
    """(T, 2, 3) [m], from `SETTLED_S` on if the recording is long enough."""
    stage = KucherenkoStage(bundle, look_ahead_s)
    poses = np.concatenate([stage.push(FeatureChunk(0, streamed)).values, stage.flush().values])
    begin = int(SETTLED_S * POSE_RATE) if len(poses) > 2 * SETTLED_S * POSE_RATE else 0
    return poses[begin:, [bundle.skeleton.index[name] for name in ("left_wrist", "right_wrist")]]


def _correlation(a: Array, b: Array) -> float:
    """Mean over the coordinates of two courses (T, 2, 3), the longer one cut."""
    count = min(len(a), len(b))
    a, b = (x[:count].reshape(count, -1) - x[:count].reshape(count, -1).mean(axis=0) for x in (a, b))
    return float(((a * b).sum(axis=0) / np.sqrt((a * a).sum(axis=0) * (b * b).sum(axis=0))).mean())


def _distance(positions: Array, expected: Array) -> float:
    return float(np.linalg.norm(positions - expected, axis=-1).mean())
