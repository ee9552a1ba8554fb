"""One speaker of a prepared corpus as windows: 418 frames of log-mel and the 64 frames of keypoints they belong to.

    samples    ─► log-mel                                        (T100, 64)
    keypoints  ─► base at 0, shoulders as wide as our skeleton's (T15, 48, 2) [m], where a clip has them
    joint_xyz  ─► seen from the front, 15 Hz                     the same, where it has only these

Where the corpus has split the speaker's clips, so it stays; else (all in one split, for other models have other
speakers in the test) the last tenth of them is the test.
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
TEST_SHARE = 0.1


@dataclass(frozen=True)
class WindowedClip:
    """One clip, ready for windows.

    Attributes:
        log_mel: (T100, 64).
        keypoints: (T15, 48, 2) [m] on our skeleton's shoulders.
        starts: (W,) keypoint frames at which a window can start: all of the arms were seen throughout.
    """

    log_mel: Array
    keypoints: Array
    starts: npt.NDArray[np.int64]

    def window(self, start: int) -> tuple[Array, Array]:
        """(418, 64) log-mel and (64, 48, 2) keypoints from a keypoint frame on."""
        first = round(start * FEATURE_RATE / KEYPOINT_RATE)
        heard = self.log_mel[first:first + WINDOW_FEATURES]
        missing = WINDOW_FEATURES - len(heard)
        return (np.pad(heard, ((0, missing), (0, 0)), constant_values=LOG_MEL_MIN) if missing else heard,
                self.keypoints[start:start + WINDOW_KEYPOINTS])


@dataclass(frozen=True)
class SpeakerData:
    """Everything of one speaker.

    Attributes:
        speaker: Who.
        train: Takes to learn from, each with at least one window.
        test: Takes to measure on.
        statistics: Of the keypoints of `train`.
    """

    speaker: str
    train: tuple[WindowedClip, ...]
    test: tuple[WindowedClip, ...]
    statistics: KeypointStatistics

    def minutes(self) -> tuple[float, float]:
        """Length of training and test [min]."""
        train, test = (sum(len(take.keypoints) for take in takes) / KEYPOINT_RATE / 60
                       for takes in (self.train, self.test))
        return train, test

    def test_windows(self) -> tuple[Array, Array]:
        """Windows of the test that do not overlap: (W, 418, 64) and (W, 64, 48, 2) [m]."""
        windows = [take.window(int(start)) for take in self.test for start in spaced(take.starts, WINDOW_KEYPOINTS)]
        return np.stack([w[0] for w in windows]), np.stack([w[1] for w in windows])


class WindowBatches:
    """Batch n is a function of the seed and n: windows anywhere in the takes, each as likely as any other.

    Args:
        data: Of the speaker.
        size: Windows in a batch.
        seed: Draws them.
    """

    def __init__(self, data: SpeakerData, size: int, seed: int) -> None:
        self._data, self._size, self._seed = data, size, seed
        self._ends = np.cumsum([len(take.starts) for take in data.train])

    def __call__(self, index: int) -> tuple[Tensor, Tensor]:
        """(B, 418, 64) log-mel and (B, 64, 96) normalised keypoints."""
        picks = np.random.default_rng([self._seed, index]).integers(self._ends[-1], size=self._size)
        heard, moved = [], []
        for pick in picks:
            number = int(np.searchsorted(self._ends, pick, side="right"))
            take = self._data.train[number]
            log_mel, keypoints = take.window(int(take.starts[pick - self._ends[number]]))
            heard.append(log_mel)
            moved.append(self._data.statistics.normalise(keypoints).reshape(WINDOW_KEYPOINTS, 2 * NUM_MOVING))
        return torch.from_numpy(np.stack(heard)), torch.from_numpy(np.stack(moved))


def read_speaker(corpus: Corpus, speaker: str) -> SpeakerData:
    """The clips of a speaker; "" where there is one only.

    Raises:
        ConfigError: If there is no such speaker, or not enough for one window of training and one of test.
    """
    clips = corpus.manifest["clips"]
    speakers = sorted({entry["speaker"] for entry in clips.values()})
    if speaker not in speakers and not (speaker == "" and len(speakers) == 1):
        raise ConfigError("speaker", speaker, f"one of {speakers}", "A model has one speaker: name it.")
    wanted = speaker or speakers[0]
    names = [name for name, entry in clips.items() if entry["speaker"] == wanted]
    train, test = _split(names, {name: clips[name]["split"] for name in names})
    sides = []
    for part in (train, test):
        takes = [make_take(corpus.clip(name), corpus.skeleton) for name in part]
        sides.append(tuple(take for take in takes if len(take.starts)))
        if not sides[-1]:
            raise ConfigError(f"clips of {wanted!r}", f"{len(names)}, none long enough",
                              f"one of {WINDOW_KEYPOINTS / KEYPOINT_RATE:.1f} s or more for training, one for the test",
                              "Prepare longer clips, with arms in the picture.")
    return SpeakerData(wanted, sides[0], sides[1], measure(sides[0]))


def make_take(clip: Clip, skeleton: Skeleton) -> WindowedClip:
    """A clip's features and keypoints."""
    if clip.keypoints is not None:
        keypoints, confidence = clip.keypoints[..., :2].astype(np.float64), clip.keypoints[..., 2]
        seen = np.all(confidence[:, [ROOT_KEYPOINT, *ARM_KEYPOINTS]] > 0, axis=1)
        width = shoulder_width(keypoints[seen]) if seen.any() else 1.0
        scale = shoulder_width(keypoints_from_pose(skeleton.rest_xyz, skeleton)[None]) / max(width, 1e-6)
    else:
        assert clip.joint_xyz is not None  # a clip has one or the other
        keypoints, scale = at_keypoint_rate(keypoints_from_pose(clip.joint_xyz, skeleton)), 1.0
        seen = np.ones(len(keypoints), dtype=bool)
    relative = (keypoints - keypoints[:, ROOT_KEYPOINT:ROOT_KEYPOINT + 1])[:, 1:] * scale
    runs = np.zeros(0, dtype=int)
    if len(seen) >= WINDOW_KEYPOINTS:
        runs = np.convolve(seen, np.ones(WINDOW_KEYPOINTS, dtype=int), "valid")
    return WindowedClip(compute_log_mel(clip.samples), relative.astype(np.float32),
                        np.flatnonzero(runs == WINDOW_KEYPOINTS))


def at_keypoint_rate(values: npt.NDArray[np.floating]) -> npt.NDArray[np.float64]:
    """(T, ...) at 25 Hz to 15 Hz, by a cubic spline."""
    times = np.arange(len(values)) / POSE_RATE
    wanted = np.arange(len(values) * KEYPOINT_RATE // POSE_RATE) / KEYPOINT_RATE
    if len(values) < 2:
        return np.asarray(values[:len(wanted)], dtype=np.float64)
    return np.asarray(CubicSpline(times, values, axis=0)(wanted))


def measure(takes: tuple[WindowedClip, ...]) -> KeypointStatistics:
    """Mean and standard deviation of each coordinate over all frames."""
    frames = np.concatenate([take.keypoints for take in takes]).astype(np.float64)
    return KeypointStatistics(frames.mean(axis=0).astype(np.float32),
                              np.maximum(frames.std(axis=0), MIN_STD_M).astype(np.float32))


def spaced(starts: npt.NDArray[np.int64], distance: int) -> list[int]:
    """Those of (W,) increasing starts that keep a distance."""
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
