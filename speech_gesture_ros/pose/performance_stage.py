"""PerformanceStage: poses of a model to the poses that the robot performs; idle in silence, valid for any input.

    PoseChunk ─────► repair ───────────────────────────┐
                       │ usable?                       ├─► blend_poses ─► Amplitude ─► RequestedGestures ─► PoseChunk
    ActivityChunk ─► SpeechDemand ─► × ─► Fade ─► weight┤                  set_controls     request
                                     IdleMotion(index) ─┘

The two inputs arrive at different times: activity of a frame is known before its pose, which needs the look-ahead of
the network. Both are indexed by stream time, and frame k is returned as soon as its pose is known, and the activity of
frame k + anticipation.

So with a network look-ahead of `anticipation_s` or more, the anticipation adds no latency: see `total_latency_s`.
Where poses are kept back because the speech is known ahead, activity is known that much earlier, too, and the hands
rise `MAX_EARLIER_FRAMES` earlier at most.

An unusable pose (NaN, infinite, bones of impossible length) is replaced by the last usable one while the weight fades
towards idle. A long fault therefore ends in idle motion, without a jump; after a short one the motion returns at once,
and the control stage limits it in any case. Poses are not smoothed here but in the interpolation of the control stage.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.chunks import ActivityChunk, PoseChunk
from speech_gesture_ros.core.controls import GestureControls
from speech_gesture_ros.core.skeleton import Skeleton
from speech_gesture_ros.pose.amplitude import Amplitude
from speech_gesture_ros.pose.blending import blend_poses
from speech_gesture_ros.pose.cross_fade import CrossFadeConfig, Fade, SpeechDemand
from speech_gesture_ros.pose.gesture_requests import GestureRequest
from speech_gesture_ros.pose.idle import IdleMotion
from speech_gesture_ros.pose.requested_gestures import GestureTiming, RequestedGestures

LENGTH_RATIO_RANGE = (0.2, 5.0)  # of a bone to its length in the skeleton; outside it the pose is unusable
MAX_EARLIER_FRAMES = 8  # by which the hands rise earlier before a voice that is known ahead: voice activity is late
MAX_ROOT_M = 10.0  # distance of the root from the origin


@dataclass
class PerformanceState:
    """Poses and activity that wait for each other.

    Attributes:
        pose_index: Index of the next expected pose; None before the first push.
        activity_index: Index of the next expected activity frame.
        out_index: Index of the next frame to return.
        last_good: (J, 3) the last usable pose [m].
        repaired: (P, J, 3) poses from `out_index` on [m].
        usable: (U,) True for usable poses, from `out_index` to the last received one.
        demand: (D,) from `out_index` on.
        replaced: Poses replaced since the last reset.
    """

    pose_index: int | None = None
    activity_index: int = 0
    out_index: int = 0
    last_good: npt.NDArray[np.float64] | None = field(default=None, repr=False)
    repaired: npt.NDArray[np.float64] = field(default_factory=lambda: np.zeros((0, 0, 3)), repr=False)
    usable: npt.NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, np.bool_), repr=False)
    demand: npt.NDArray[np.float64] = field(default_factory=lambda: np.zeros(0), repr=False)
    replaced: int = 0


class PerformanceStage:
    """PoseChunk and ActivityChunk to PoseChunk (T, J, 3) [m] at 25 Hz.

    Args:
        skeleton: Skeleton of the poses.
        seed: Seed of the idle motion.
        anticipation_s: Look-ahead of the activity relative to the pose [s]: the hands rise before the voice.

    Raises:
        ConfigError: If the anticipation is out of range, or the skeleton has no trunk or arms.
    """

    def __init__(self, skeleton: Skeleton, seed: int = 0, anticipation_s: float = 0.24) -> None:
        config = CrossFadeConfig(anticipation_s=anticipation_s)
        self._skeleton = skeleton
        low, high = (ratio * skeleton.bone_lengths for ratio in LENGTH_RATIO_RANGE)
        high[0] = MAX_ROOT_M  # the root has no bone; its value is the distance from the origin
        self._squared_lengths = low**2, high**2
        self._idle = IdleMotion(skeleton, seed)
        self._demand = SpeechDemand(config)
        self._fade = Fade(config)
        self._amplitude = Amplitude(skeleton)
        self._requested = RequestedGestures(skeleton)
        self.reset()

    @property
    def anticipation_s(self) -> float:
        """Latency relative to the activity [s]."""
        return self._demand.latency_s

    def total_latency_s(self, pose_latency_s: float, activity_latency_s: float) -> float:
        """Latency of the output from the latencies of the two inputs [s]."""
        return max(pose_latency_s, activity_latency_s + self.anticipation_s)

    @property
    def replaced(self) -> int:
        """Number of unusable poses that were replaced since the last reset."""
        return self._state.replaced

    @property
    def requested_shapes(self) -> npt.NDArray[np.int8]:
        """(T, 2) `HandShape` that requests ask for at the T poses returned last; -1: none."""
        return self._shapes

    def set_controls(self, controls: GestureControls) -> None:
        """Apply amplitude and activity, from the next returned frame on."""
        self._amplitude.set_controls(controls)

    def hold_back(self, frames: int) -> None:
        """Take note that the poses are kept back by a number of frames, from the next push on; 0 after a reset."""
        self._earlier = min(frames, MAX_EARLIER_FRAMES)

    def request(self, request: GestureRequest, stroke: float | None = None) -> GestureTiming:
        """Plan a gesture in addition to the motion; see `RequestedGestures.plan`.

        Args:
            request: The gesture and its parameters.
            stroke: Pose frame of the stroke instant, fractions allowed; None for as soon as possible.

        Raises:
            InputError: If the gesture is unknown, would be too late, or a part of the body is in use.
        """
        return self._requested.plan(request, stroke, self._state.out_index)

    def reset(self) -> None:
        """Return to the state of a new stage; the controls stay."""
        for part in (self._demand, self._fade, self._amplitude, self._requested):
            part.reset()
        self._state = PerformanceState()
        self._earlier = 0
        self._shapes = np.zeros((0, 2), np.int8)

    def push(self, poses: PoseChunk, activity: ActivityChunk) -> PoseChunk:
        """Feed consecutive poses (T, J, 3) [m] and consecutive activity (U,), either possibly empty.

        Returns:
            The frames for which both are complete.

        Raises:
            ValueError: If a chunk does not start where the one before it stopped, or a pose has other joints.
        """
        self._check(poses, activity)
        state = self._state
        repaired, usable = self._repair(poses)
        state.usable = np.concatenate([state.usable, usable])
        state.repaired = np.concatenate([state.repaired, repaired])
        self._add_demand(self._demand.push(activity))
        return self._emit()

    def flush(self) -> PoseChunk:
        """Return the frames of all waiting poses, as if silence followed."""
        state = self._state
        silence = np.zeros(max(0, (state.pose_index or 0) - state.activity_index))
        self._add_demand(self._demand.push(ActivityChunk(state.activity_index, silence)))
        self._add_demand(self._demand.flush())
        return self._emit()

    def _check(self, poses: PoseChunk, activity: ActivityChunk) -> None:
        state, joints = self._state, len(self._skeleton)
        if poses.values.shape[1:] != (joints, 3):
            raise ValueError(f"poses have shape {poses.values.shape}, must be (T, {joints}, 3)")
        if state.pose_index is None:
            state.pose_index = state.activity_index = state.out_index = poses.start_index
            state.repaired = np.zeros((0, joints, 3))
        for kind, chunk, expected in (("pose", poses, state.pose_index), ("activity", activity, state.activity_index)):
            if chunk.start_index != expected:
                raise ValueError(f"{kind} chunk starts at {chunk.start_index}, must start at {expected}")
        state.pose_index, state.activity_index = poses.stop_index, activity.stop_index

    def _repair(self, poses: PoseChunk) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.bool_]]:
        """Replace unusable poses by the last usable one, or by idle; return the poses and which were usable."""
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
        with np.errstate(invalid="ignore", over="ignore"):  # NaN and infinity give NaN, which is outside every range
            bones = self._skeleton.bones_from_xyz(joint_xyz)
            squared = np.einsum("tjc,tjc->tj", bones, bones)
        return np.asarray(((squared >= low) & (squared <= high)).all(axis=1), dtype=np.bool_)

    def _add_demand(self, demand: ActivityChunk) -> None:
        self._state.demand = np.concatenate([self._state.demand, demand.values])

    def _emit(self) -> PoseChunk:
        state = self._state
        count = min(len(state.repaired), len(state.demand))
        start, stop = state.out_index, state.out_index + count
        self._shapes = np.zeros((0, 2), np.int8)
        if count == 0:
            return PoseChunk(start, np.zeros((0, len(self._skeleton), 3), np.float32))
        known = np.array([state.demand[k:k + self._earlier + 1].max() for k in range(count)])
        demand = np.where(state.usable[:count], known, 0.0)
        weight = self._fade.push(ActivityChunk(start, demand)).values
        idle = self._idle.frames(start, stop)
        mixed = blend_poses(self._skeleton, idle, state.repaired[:count], weight)
        mixed = self._requested.push(start, self._amplitude.push(idle, mixed))
        self._shapes = self._requested.shapes
        state.repaired, state.usable = state.repaired[count:], state.usable[count:]
        state.demand = state.demand[count:]
        state.out_index = stop
        return PoseChunk(start, mixed.astype(np.float32))
