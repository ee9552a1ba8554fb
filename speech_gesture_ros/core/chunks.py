"""Chunks, the data that stages exchange: arrays with their place in the stream.

A chunk is any number of consecutive frames, also none. Axis 0 is time; frame ``i`` of a chunk is frame
``start_index + i`` of the stream, at the rate that `core.rates` gives for its kind.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.floating]


@dataclass(frozen=True)
class Chunk:
    """Consecutive frames of one stream.

    Attributes:
        start_index: Index of the first frame since the start of the stream.
        values: (T, ...) frames, time first. T may be 0.
    """

    start_index: int
    values: FloatArray

    def __len__(self) -> int:
        return len(self.values)

    @property
    def stop_index(self) -> int:
        """Index one past the last frame, the `start_index` of the next chunk."""
        return self.start_index + len(self.values)


class AudioChunk(Chunk):
    """(T,) float32 mono samples in [-1, 1] at `SAMPLE_RATE`."""


class FeatureChunk(Chunk):
    """(T, F) float32 feature frames at `FEATURE_RATE`; columns of the feature set (`features.sets`)."""


class ActivityChunk(Chunk):
    """(T,) float32 probability in [0, 1] that someone speaks, at `POSE_RATE`."""


class PoseChunk(Chunk):
    """(T, J, 3) float32 skeleton joint positions `joint_xyz` [m] at `POSE_RATE`, skeleton frame (REP-103)."""


class ArticulationChunk(Chunk):
    """(T, NUM_ARTICULATION) float32 visemes, articulators, prosody at `FACE_RATE`, in [0, 1]: `core.face_channels`."""


class FaceChunk(Chunk):
    """(T, 52) float32 blendshapes in [0, 1] at `FACE_RATE`, in the order of `core.face_channels.BLENDSHAPES`."""


class BoneChunk(Chunk):
    """(T, 52, 4) float64 unit quaternions x, y, z, w of the bones of an avatar in their parents, at `POSE_RATE`."""


class JointChunk(Chunk):
    """(T, N) float64 robot configurations `q` [rad, or m for prismatic joints] at `POSE_RATE`."""


class PictureChunk(Chunk):
    """(T, H, W, 3) float32 pictures, red, green and blue in [0, 1], at `POSE_RATE`."""


AnyChunk = TypeVar("AnyChunk", bound=Chunk)


def concatenate(chunks: list[AnyChunk]) -> AnyChunk:
    """Join consecutive chunks of one kind.

    Raises:
        ValueError: If the list is empty or a chunk does not start where the one before it stopped.
    """
    if not chunks:
        raise ValueError("cannot concatenate an empty list of chunks: their kind is unknown")
    for before, after in itertools.pairwise(chunks):
        if after.start_index != before.stop_index:
            raise ValueError(f"chunk starts at {after.start_index}, the previous one stops at {before.stop_index}")
    return type(chunks[0])(chunks[0].start_index, np.concatenate([c.values for c in chunks]))
