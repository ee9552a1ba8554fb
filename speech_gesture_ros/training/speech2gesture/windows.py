"""Windows of one speaker of a prepared corpus: 418 frames of log-mel with 64 frames of keypoints.

    samples    ─► log-mel                                             (T100, 64)
    keypoints  ─► base at 0, shoulders of the canonical skeleton      (T15, 48, 2) [m], if a clip has them
    joint_xyz  ─► projection to the front, 15 Hz                      the same, if it has only these

The split of the corpus is used if it divides the clips of the speaker; otherwise (all in one split, because other
models need other speakers in the test) the last tenth of them is the test.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from scipy.interpolate import CubicSpline
from torch import Tensor

from speech_gesture_ros.core.errors import ConfigError
from speech_gesture_ros.core.keypoints import (
    KEYPOINT_INDEX,
    KEYPOINT_RATE,
    ROOT_KEYPOINT,
    keypoints_from_pose,
    shoulder_width,
)
from speech_gesture_ros.core.rates import FEATURE_RATE, POSE_RATE
from speech_gesture_ros.core.skeleton import Skeleton
from speech_gesture_ros.datasets.clips import Clip
from speech_gesture_ros.datasets.prepared import Corpus
from speech_gesture_ros.features.log_mel import LOG_MEL_MIN, compute_log_mel
from speech_gesture_ros.networks.speech2gesture.bundle import KeypointStatistics
from speech_gesture_ros.networks.speech2gesture.network_config import (
    MIN_STD_M,
    NUM_MOVING,
    WINDOW_FEATURES,
    WINDOW_KEYPOINTS,
)

Array = npt.NDArray[np.float32]

ARM_KEYPOINTS = tuple(KEYPOINT_INDEX[f"{side}_{part}"]
                      for side in ("left", "right") for part in ("shoulder", "elbow", "wrist"))
TEST_SHARE = 0.1  # of the clips, where the corpus does not divide them


@dataclass(frozen=True)
class WindowedClip:
    """One clip with the places of its windows.

    Attributes:
        log_mel: (T100, 64).
        keypoints: (T15, 48, 2) [m] with the canonical skeleton's shoulders.
        starts: (W,) keypoint frames at which a window can start: the arms are detected in all of its frames.
    """

    log_mel: Array
    keypoints: Array
    starts: npt.NDArray[np.int64]

    def window(self, start: int) -> tuple[Array, Array]:
        """Return (418, 64) log-mel and (64, 48, 2) keypoints from a keypoint frame on."""
        first = round(start * FEATURE_RATE / KEYPOINT_RATE)
        log_mel = self.log_mel[first:first + WINDOW_FEATURES]
        missing = WINDOW_FEATURES - len(log_mel)
        return (np.pad(log_mel, ((0, missing), (0, 0)), constant_values=LOG_MEL_MIN) if missing else log_mel,
                self.keypoints[start:start + WINDOW_KEYPOINTS])


@dataclass(frozen=True)
class SpeakerData:
    """Data of one speaker.

    Attributes:
        speaker: Name of the speaker.
        train: Training clips, each with at least one window.
        test: Test clips.
        statistics: Of the keypoints of `train`.
    """

    speaker: str
    train: tuple[WindowedClip, ...]
    test: tuple[WindowedClip, ...]
    statistics: KeypointStatistics

    def minutes(self) -> tuple[float, float]:
        """Return the length of training and test [min]."""
        train, test = (sum(len(clip.keypoints) for clip in clips) / KEYPOINT_RATE / 60
                       for clips in (self.train, self.test))
        return train, test

    def test_windows(self) -> tuple[Array, Array]:
        """Return the test windows, without overlap: (W, 418, 64) and (W, 64, 48, 2) [m]."""
        windows = [clip.window(int(start)) for clip in self.test for start in spaced(clip.starts, WINDOW_KEYPOINTS)]
        return np.stack([w[0] for w in windows]), np.stack([w[1] for w in windows])


class WindowBatches:
    """Numbered batches: batch n is drawn from (seed, n), with every window equally likely.

    Args:
        data: Data of the speaker.
        size: Windows in a batch.
        seed: Seed of the draws.
    """

    def __init__(self, data: SpeakerData, size: int, seed: int) -> None:
        self._data, self._size, self._seed = data, size, seed
        self._ends = np.cumsum([len(clip.starts) for clip in data.train])

    def __call__(self, index: int) -> tuple[Tensor, Tensor]:
        """Return (B, 418, 64) log-mel and (B, 64, 96) normalised keypoints of batch n."""
        picks = np.random.default_rng([self._seed, index]).integers(self._ends[-1], size=self._size)
        inputs, targets = [], []
        for pick in picks:
            number = int(np.searchsorted(self._ends, pick, side="right"))
            clip = self._data.train[number]
            log_mel, keypoints = clip.window(int(clip.starts[pick - self._ends[number]]))
            inputs.append(log_mel)
            targets.append(self._data.statistics.normalise(keypoints).reshape(WINDOW_KEYPOINTS, 2 * NUM_MOVING))
        return torch.from_numpy(np.stack(inputs)), torch.from_numpy(np.stack(targets))


def read_speaker(corpus: Corpus, speaker: str) -> SpeakerData:
    """Read the clips of a speaker; "" if the corpus has one only.

    Raises:
        ConfigError: If there is no such speaker, or no window for training or none for the test.
    """
    clips = corpus.manifest["clips"]
    speakers = sorted({entry["speaker"] for entry in clips.values()})
    if speaker not in speakers and not (speaker == "" and len(speakers) == 1):
        raise ConfigError("speaker", speaker, f"one of {speakers}", "A model has one speaker: state it.")
    speaker = speaker or speakers[0]
    names = [name for name, entry in clips.items() if entry["speaker"] == speaker]
    train, test = _split(names, {name: clips[name]["split"] for name in names})
    sides = []
    for part in (train, test):
        windowed = [window_clip(corpus.clip(name), corpus.skeleton) for name in part]
        sides.append(tuple(clip for clip in windowed if len(clip.starts)))
        if not sides[-1]:
            raise ConfigError(f"clips of {speaker!r}", f"{len(names)}, none long enough",
                              f"one of {WINDOW_KEYPOINTS / KEYPOINT_RATE:.1f} s or more for training, one for the test",
                              "Prepare longer clips, with arms in the picture.")
    return SpeakerData(speaker, sides[0], sides[1], measure_keypoints(sides[0]))


def window_clip(clip: Clip, skeleton: Skeleton) -> WindowedClip:
    """Return the features and keypoints of a clip."""
    if clip.keypoints is not None:
        keypoints, confidence = clip.keypoints[..., :2].astype(np.float64), clip.keypoints[..., 2]
        detected = np.all(confidence[:, [ROOT_KEYPOINT, *ARM_KEYPOINTS]] > 0, axis=1)
        width = shoulder_width(keypoints[detected]) if detected.any() else 1.0
        scale = shoulder_width(keypoints_from_pose(skeleton.rest_xyz, skeleton)[None]) / max(width, 1e-6)
    else:
        assert clip.joint_xyz is not None  # a clip has one or the other
        keypoints, scale = at_keypoint_rate(keypoints_from_pose(clip.joint_xyz, skeleton)), 1.0
        detected = np.ones(len(keypoints), dtype=bool)
    relative = (keypoints - keypoints[:, ROOT_KEYPOINT:ROOT_KEYPOINT + 1])[:, 1:] * scale
    counts = np.zeros(0, dtype=int)
    if len(detected) >= WINDOW_KEYPOINTS:
        counts = np.convolve(detected, np.ones(WINDOW_KEYPOINTS, dtype=int), "valid")
    return WindowedClip(compute_log_mel(clip.samples), relative.astype(np.float32),
                        np.flatnonzero(counts == WINDOW_KEYPOINTS))


def at_keypoint_rate(values: npt.NDArray[np.floating]) -> npt.NDArray[np.float64]:
    """Return (T, ...) at 25 Hz resampled to 15 Hz by a cubic spline."""
    times = np.arange(len(values)) / POSE_RATE
    new_times = np.arange(len(values) * KEYPOINT_RATE // POSE_RATE) / KEYPOINT_RATE
    if len(values) < 2:
        return np.asarray(values[:len(new_times)], dtype=np.float64)
    return np.asarray(CubicSpline(times, values, axis=0)(new_times))


def measure_keypoints(clips: tuple[WindowedClip, ...]) -> KeypointStatistics:
    """Return mean and standard deviation of each coordinate over all frames."""
    frames = np.concatenate([clip.keypoints for clip in clips]).astype(np.float64)
    return KeypointStatistics(frames.mean(axis=0).astype(np.float32),
                              np.maximum(frames.std(axis=0), MIN_STD_M).astype(np.float32))


def spaced(starts: npt.NDArray[np.int64], distance: int) -> list[int]:
    """Return those of (W,) increasing starts that are at least `distance` apart."""
    kept: list[int] = []
    for start in starts:
        if not kept or start - kept[-1] >= distance:
            kept.append(int(start))
    return kept


def _split(names: list[str], splits: dict[str, str]) -> tuple[list[str], list[str]]:
    train, test = ([name for name in names if splits[name] == split] for split in ("train", "test"))
    if train and test:
        return train, test
    count = max(1, round(TEST_SHARE * len(names)))
    return names[:-count], names[-count:]
