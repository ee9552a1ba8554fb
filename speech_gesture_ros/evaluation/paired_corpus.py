"""Inputs of a paired evaluation from a prepared corpus: test clips, recorded motion, mean pose, speech matcher."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from speech_gesture_ros.core.errors import ConfigError, InputError
from speech_gesture_ros.core.rates import POSE_RATE
from speech_gesture_ros.datasets.prepared import Corpus
from speech_gesture_ros.evaluation.metrics.motion_clip import Frames
from speech_gesture_ros.evaluation.metrics.speech_match import SpeechMatcher, motion_features, sound_features
from speech_gesture_ros.evaluation.paired import SHORTEST_FRAMES, PairedClip, make_paired_clip
from speech_gesture_ros.evaluation.recorded_motion import recorded_motion

MATCHER_MINUTES = 40.0  # of the training split; more does not improve three components
Progress = Callable[[Sequence[str], str], Iterable[str]]


def read_clips(corpus: Corpus, split: str, count: int | None, progress: Progress) -> list[PairedClip]:
    """Read the clips of a split that have recorded motion.

    Args:
        corpus: The corpus.
        split: Name of the split.
        count: Largest number of clips; None for all.
        progress: Wraps a list of names; gets the name of the step, too.

    Raises:
        ConfigError: If there is no clip.
    """
    names = list(corpus.names(split))
    if count is not None and count < len(names):  # spread over the list, because neighbours are of one speaker
        names = [names[i] for i in np.linspace(0, len(names) - 1, count).astype(int)]
    clips = []
    for name in progress(names, "analysing speech"):
        clip = corpus.clip(name)
        motion = recorded_motion(clip, corpus.skeleton)
        if motion is not None and len(motion) >= SHORTEST_FRAMES:
            clips.append(make_paired_clip(name, clip.samples, motion))
    if not clips:
        raise ConfigError(f"clips of split {split!r} of {corpus.folder}", len(names), "one of 2 s or more with motion",
                          "Choose another split with --split.")
    return clips


def recorded_motions(corpus: Corpus, split: str) -> dict[str, Frames]:
    """Recorded motion of a split by clip, (T, J, 3) each [m]; clips below 2 s are left out."""
    motions = {clip.name: recorded_motion(clip, corpus.skeleton) for clip in corpus.clips(split)}
    return {name: m for name, m in motions.items() if m is not None and len(m) >= SHORTEST_FRAMES}


def mean_pose(recorded: Mapping[str, Frames]) -> np.ndarray[Any, np.dtype[np.float64]]:
    """(J, 3) mean of all recorded frames [m]."""
    frames = np.concatenate([motion.reshape(len(motion), -1) for motion in recorded.values()])
    return np.asarray(frames.mean(axis=0).reshape(-1, 3))


def fit_matcher(corpus: Corpus, recorded: Mapping[str, Frames], progress: Progress) -> SpeechMatcher | None:
    """Fit the speech matcher to recorded pairs of the training split; None with less than a minute."""
    names = [name for name in corpus.names("train") if name in recorded]
    pairs, frames = [], 0
    for name in progress(names, "fitting the speech matcher"):
        sound = sound_features(corpus.clip(name).samples)
        count = min(len(sound), len(recorded[name]))
        pairs.append((sound[:count], motion_features(recorded[name][:count], corpus.skeleton)))
        frames += count
        if frames > MATCHER_MINUTES * 60 * POSE_RATE:
            break
    try:
        return SpeechMatcher.fit(pairs)
    except InputError:
        return None
