"""Poses fit for a body: smoothed, blended with idle by voice activity, and whole whatever comes in.

    PoseChunk ─────► repair ─► Smoother ───────────────┐
                       │ usable?                       ├─► blend_poses ─► Amplitude ─► RequestedGestures ─► PoseChunk
    ActivityChunk ─► SpeechDemand ─► × ─► Fade ─► weight┤                  set_controls     request
                                     IdleMotion(index) ─┘

Two streams come in at different times: activity knows about the voice long before the network has seen enough of it
to pose. Both are indexed by stream time, and frame k leaves as soon as both know enough about it:

    pose of frame k + half the smoother, and activity of frame k + anticipation.

So behind a network with at least `anticipation_s` of look-ahead, looking ahead costs nothing: see `total_latency_s`.

A pose that is no pose (NaN, infinite, bones of impossible length) is replaced by the last good one while the weight
fades towards idle. A long fault therefore ends in idle, without a jump; after a short one the motion catches up within
the smoother's width, and the limits of the control stage have the last word as always.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.chunks import ActivityChunk, PoseChunk
from speech_gesture_ros.core.controls import GestureControls
from speech_gesture_ros.core.skeleton import Skeleton
from speech_gesture_ros.pose.amplitude import Amplitude
from speech_gesture_ros.pose.blending import BlendConfig, Fade, SpeechDemand, blend_poses
from speech_gesture_ros.pose.gesture_requests import GestureRequest
from speech_gesture_ros.pose.idle import IdleMotion
from speech_gesture_ros.pose.requested_gestures import GestureTiming, RequestedGestures
from speech_gesture_ros.pose.smoothing import Smoother

LENGTH_RANGE = (0.2, 5.0)  # a bone this many times its length in the skeleton is a fault, not a person
MAX_ROOT_M = 10.0


@dataclass
class PerformanceState:
    """What waits for its counterpart.

    Attributes:
        pose_index: Index of the next pose expected; None before the first push.
        activity_index: Index of the next activity frame expected.
        out_index: Index of the next frame to leave.
        last_good: (J, 3) the last usable pose [m].
        smoothed: (P, J, 3) smoothed poses from `out_index` on.
        usable: (U,) whether the pose was usable, from `out_index` on; as far as poses came in.
        demand: (D,) from `out_index` on.
        replaced: Poses replaced since the last reset.
    """

    pose_index: int | None = None
    activity_index: int = 0
    out_index: int = 0
    last_good: npt.NDArray[np.float64] | None = field(default=None, repr=False)
    smoothed: npt.NDArray[np.float32] = field(default_factory=lambda: np.zeros((0, 0, 3), np.float32), repr=False)
    usable: npt.NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, np.bool_), repr=False)
    demand: npt.NDArray[np.float64] = field(default_factory=lambda: np.zeros(0), repr=False)
    replaced: int = 0


class PerformanceStage:
    """Poses and activity to the poses that the robot performs.

    Args:
        skeleton: Skeleton of the poses.
        seed: Of the idle motion.
        anticipation_s: How far ahead of the pose the activity is looked at [s]: the hands rise before the voice.
        half_width: Of the smoother [frames].
        blend: All times of the cross-fade; overrides `anticipation_s`.

    Raises:
        ConfigError: If a time or the half width is out of range, or the skeleton has no trunk or arms.
    """

    def __init__(self, skeleton: Skeleton, seed: int = 0, anticipation_s: float = 0.24, half_width: int = 1,
                 blend: BlendConfig | None = None) -> None:
        config = blend or BlendConfig(anticipation_s=anticipation_s)
        self._skeleton = skeleton
        low, high = (factor * skeleton.bone_lengths for factor in LENGTH_RANGE)
        high[0] = MAX_ROOT_M  # the root has no bone; its distance from the origin stands here
        self._squared_lengths = low**2, high**2
        self._idle = IdleMotion(skeleton, seed)
        self._smoother = Smoother(skeleton, half_width)
        self._demand = SpeechDemand(config)
        self._fade = Fade(config)
        self._amplitude = Amplitude(skeleton)
        self._requested = RequestedGestures(skeleton)
        self.reset()

    @property
    def latency_s(self) -> float:
        """Delay behind the poses [s], given that activity is `anticipation_s` ahead of them."""
        return self._smoother.latency_s

    @property
    def anticipation_s(self) -> float:
        """Delay behind the activity [s]: what it must be ahead of the output."""
        return self._demand.latency_s

    def total_latency_s(self, pose_latency_s: float, activity_latency_s: float) -> float:
        """Delay of the output when the two inputs have delays of their own [s]."""
        return max(pose_latency_s + self.latency_s, activity_latency_s + self.anticipation_s)

    @property
    def replaced(self) -> int:
        """How many unusable poses were replaced since the last reset."""
        return self._state.replaced

    def set_controls(self, controls: GestureControls) -> None:
        """Take the amplitude, from the next frame to leave on."""
        self._amplitude.set_controls(controls)

    def request(self, request: GestureRequest, stroke: float | None = None) -> GestureTiming:
        """Plan a gesture on top of the motion.

        Args:
            request: Which, how.
            stroke: Pose frame that belongs on its instant, fractions allowed; None for as soon as possible.

        Raises:
            InputError: If it is unknown, would come too late, or finds its part of the body taken.
        """
        return self._requested.plan(request, stroke, self._state.out_index)

    def reset(self) -> None:
        """Forget everything but the controls."""
        for part in (self._smoother, self._demand, self._fade, self._amplitude, self._requested):
            part.reset()
        self._state = PerformanceState()

    def push(self, poses: PoseChunk, activity: ActivityChunk) -> PoseChunk:
        """Feed consecutive poses (T, J, 3) [m] and consecutive activity (U,), either possibly empty.

        Returns:
            The frames about which both have said enough.

        Raises:
            ValueError: If a chunk does not start where the one before it stopped, or a pose has other joints.
        """
        self._check(poses, activity)
        state = self._state
        repaired, usable = self._repair(poses)
        state.usable = np.concatenate([state.usable, usable])
        self._add_poses(self._smoother.push(PoseChunk(poses.start_index, repaired)))
        self._add_demand(self._demand.push(activity))
        return self._emit()

    def flush(self) -> PoseChunk:
        """The frames of all poses still waiting, as if silence followed and the last pose stood still."""
        state = self._state
        silence = np.zeros(max(0, (state.pose_index or 0) - state.activity_index))
        self._add_poses(self._smoother.flush())
        self._add_demand(self._demand.push(ActivityChunk(state.activity_index, silence)))
        self._add_demand(self._demand.flush())
        return self._emit()

    def _check(self, poses: PoseChunk, activity: ActivityChunk) -> None:
        state, joints = self._state, len(self._skeleton)
        if poses.values.shape[1:] != (joints, 3):
            raise ValueError(f"poses have shape {poses.values.shape}, must be (T, {joints}, 3)")
        if state.pose_index is None:
            state.pose_index = state.activity_index = state.out_index = poses.start_index
            state.smoothed = np.zeros((0, joints, 3), np.float32)
        for kind, chunk, expected in (("pose", poses, state.pose_index), ("activity", activity, state.activity_index)):
            if chunk.start_index != expected:
                raise ValueError(f"{kind} chunk starts at {chunk.start_index}, must start at {expected}")
        state.pose_index, state.activity_index = poses.stop_index, activity.stop_index

    def _repair(self, poses: PoseChunk) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.bool_]]:
        """Replace unusable poses by the last good one, or by idle; say which were usable."""
        repaired = np.array(poses.values, dtype=np.float64)
        usable = self._is_usable(repaired)
        for i, is_usable in enumerate(usable.tolist()):
            if not is_usable:
                before = repaired[i - 1] if i else self._state.last_good
                index = poses.start_index + i
                repaired[i] = self._idle.frames(index, index + 1)[0] if before is None else before
                self._state.replaced += 1
        if len(repaired):
            self._state.last_good = repaired[-1]
        return repaired, usable

    def _is_usable(self, joint_xyz: npt.NDArray[np.float64]) -> npt.NDArray[np.bool_]:
        low, high = self._squared_lengths
        with np.errstate(invalid="ignore", over="ignore"):  # NaN and infinity come out as NaN, which no range contains
            bones = self._skeleton.bones_from_xyz(joint_xyz)
            squared = np.einsum("tjc,tjc->tj", bones, bones)
        return np.asarray(((squared >= low) & (squared <= high)).all(axis=1), dtype=np.bool_)

    def _add_poses(self, poses: PoseChunk) -> None:
        self._state.smoothed = np.concatenate([self._state.smoothed, poses.values])

    def _add_demand(self, demand: ActivityChunk) -> None:
        self._state.demand = np.concatenate([self._state.demand, demand.values])

    def _emit(self) -> PoseChunk:
        state = self._state
        count = min(len(state.smoothed), len(state.demand))
        start, stop = state.out_index, state.out_index + count
        if count == 0:
            return PoseChunk(start, np.zeros((0, len(self._skeleton), 3), np.float32))
        demand = np.where(state.usable[:count], state.demand[:count], 0.0)
        weight = self._fade.push(ActivityChunk(start, demand)).values
        idle = self._idle.frames(start, stop)
        mixed = blend_poses(self._skeleton, idle, state.smoothed[:count], weight)
        mixed = self._requested.push(start, self._amplitude.push(idle, mixed))
        state.smoothed, state.usable = state.smoothed[count:], state.usable[count:]
        state.demand = state.demand[count:]
        state.out_index = stop
        return PoseChunk(start, mixed.astype(np.float32))
