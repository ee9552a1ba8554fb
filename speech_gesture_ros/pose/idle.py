"""Idle motion: a standing body that breathes and sways slightly, without repetition.

The idle pose is a pure function of the pose index: nothing is integrated, so every frame costs the same, any chunking
gives the same frames, and a stream may begin anywhere. Every drifting quantity is a sum of three slow sines whose
frequencies have no common multiple and whose phases come from the seed.

        breathing 0.24 Hz ──► shoulders +4 mm, chest back a little, hands +2 mm
        weight shift, turn ──► trunk leans about a degree (0.03 to 0.12 Hz)
        attention          ──► head drifts a few degrees
        hands              ──► rest in front of the lower belly, drift 2 mm

At rest people's hands drift 3 to 5 mm and breathing is 12 to 18 a minute; the mean wrist speed is below 0.01 m/s.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.errors import ConfigError
from speech_gesture_ros.core.rates import POSE_RATE
from speech_gesture_ros.core.skeleton import Skeleton
from speech_gesture_ros.pose.rotations import orthogonal, rotate, unit

Array = npt.NDArray[np.float64]

# Position of the resting left wrist from the pelvis, in arm lengths (0.53 m in the shipped skeleton):
# x 0.226 m forward, y 0.088 m to the side, z 0.097 m up; equal to the rest in composed motion.
REST_WRIST = np.array([0.226, 0.088, 0.097]) / 0.53
ELBOW_POLE = np.array([-0.35, 0.30, -0.9])  # direction of the hanging elbow, slightly back and out
HAND_TURN_IN = np.array([-0.05, -0.07, -0.22])  # added to the forearm's direction: the relaxed hand hangs inwards
THUMB_SIDE = np.array([0.03, -0.03, 1.0])  # thumbs up, palms facing each other

BREATH_HZ = 0.24
SHRUG_RAD = 0.022  # 4 mm at the end of a 0.18 m clavicle
BREATH_LEAN_RAD = 0.004
HAND_BREATH_M = 0.002

# Drifting quantities: name to (standard deviation, slowest frequency [Hz]); angles in rad, hands in m.
DRIFTS = {
    "lean_side": (0.014, 0.031), "lean_forward": (0.008, 0.037), "turn": (0.014, 0.029),
    "head_roll": (0.015, 0.043), "head_nod": (0.025, 0.053), "head_turn": (0.050, 0.041),
    "left_x": (0.002, 0.047), "left_y": (0.002, 0.039), "left_z": (0.002, 0.051),
    "right_x": (0.002, 0.045), "right_y": (0.002, 0.040), "right_z": (0.002, 0.054),
    "breath": (0.35, 0.011),
}  # fmt: skip
# Golden and silver ratios: the sines of a quantity have no common period.
FREQUENCY_RATIOS = np.array([1.0, (1 + 5**0.5) / 2, 1 + 2**0.5])
AMPLITUDE_RATIOS = np.array([1.0, 0.6, 0.35])

BLOCK_FRAMES = 64  # computed at once by `IdleMotion.frames`

REQUIRED_JOINTS = ("chest", *(f"{side}_{part}" for side in ("left", "right")
                              for part in ("shoulder", "elbow", "wrist")))


class IdleMotion:
    """Seeded idle motion of a skeleton.

    Args:
        skeleton: Skeleton with the joint names of the canonical upper body; further joints keep their rest offsets.
        seed: Same seed, same motion.

    Raises:
        ConfigError: If the skeleton lacks a joint of the trunk or arms.
    """

    def __init__(self, skeleton: Skeleton, seed: int = 0) -> None:
        missing = [name for name in REQUIRED_JOINTS if name not in skeleton.index]
        if missing:
            raise ConfigError(f"joints of skeleton {skeleton.name!r}", skeleton.names, f"to include {missing}",
                              "Idle motion needs a trunk and two arms.")
        self._skeleton = skeleton
        rng = np.random.default_rng(seed)
        spread = np.array([DRIFTS[name] for name in DRIFTS])
        # A seeded detuning of a few per cent, so that frequencies differ between seeds.
        detuning = rng.uniform(0.95, 1.05, (len(DRIFTS), len(FREQUENCY_RATIOS)))
        self._omega = 2 * np.pi * spread[:, 1:] * FREQUENCY_RATIOS * detuning
        self._phase = rng.uniform(0, 2 * np.pi, self._omega.shape)
        self._amplitude = spread[:, :1] * AMPLITUDE_RATIOS / np.sqrt(np.sum(AMPLITUDE_RATIOS**2) / 2)
        self._breath_phase = rng.uniform(0, 2 * np.pi)
        self._block: tuple[int, Array] = (-1, np.zeros((0, len(skeleton), 3)))

    def frames(self, start: int, stop: int) -> Array:
        """Return idle poses of consecutive frames, (stop - start, J, 3) [m]: as `pose`, in a tenth of the time.

        They are computed in blocks; the last block is cached.
        """
        frames = np.empty((stop - start, len(self._skeleton), 3))
        done = 0
        while done < len(frames):
            number, first = divmod(start + done, BLOCK_FRAMES)
            if self._block[0] != number:
                self._block = (number, self.pose(np.arange(number * BLOCK_FRAMES, (number + 1) * BLOCK_FRAMES)))
            part = self._block[1][first : first + len(frames) - done]
            frames[done : done + len(part)] = part
            done += len(part)
        return frames

    def pose(self, index: npt.ArrayLike) -> Array:
        """Compute idle poses.

        Args:
            index: (T,) pose indices at `POSE_RATE`.

        Returns:
            (T, J, 3) joint positions [m]; bone lengths are the skeleton's.
        """
        time_s = np.asarray(index, dtype=np.float64) / POSE_RATE
        drift = self._drift(time_s)
        phase = 2 * np.pi * BREATH_HZ * time_s + self._breath_phase + drift["breath"]
        breath = np.sin(phase) + 0.2 * np.sin(2 * phase)  # in faster than out
        bones = np.tile(self._skeleton.offsets, (len(time_s), 1, 1))
        self._set_trunk(bones, drift, breath)
        for side in ("left", "right"):
            self._set_arm(bones, side, drift, breath)
        return self._skeleton.xyz_from_bones(bones)

    def _drift(self, time_s: Array) -> dict[str, Array]:
        waves = np.sin(time_s[:, None, None] * self._omega + self._phase) * self._amplitude
        return dict(zip(DRIFTS, waves.sum(axis=-1).T))

    def _set_trunk(self, bones: Array, drift: dict[str, Array], breath: Array) -> None:
        lean = np.stack([drift["lean_side"], drift["lean_forward"] - BREATH_LEAN_RAD * breath, drift["turn"]], axis=-1)
        head = np.stack([drift["head_roll"], drift["head_nod"], drift["head_turn"]], axis=-1)
        # Joints further up have a larger share of the lean: the spine bends.
        turns = {"spine1": 0.2 * lean, "spine2": 0.6 * lean, "chest": lean, "neck": lean + 0.4 * head,
                 "head": 0.5 * lean + head, "nose": head}
        for side, sign in (("left", 1.0), ("right", -1.0)):
            shrug = np.zeros_like(lean)
            shrug[:, 0] = sign * SHRUG_RAD * breath
            turns[f"{side}_shoulder"] = lean + shrug
        joints = {self._skeleton.index[name]: turn for name, turn in turns.items() if name in self._skeleton.index}
        moved = list(joints)
        bones[:, moved] = rotate(np.stack(list(joints.values()), axis=1), self._skeleton.offsets[moved])

    def _set_arm(self, bones: Array, side: str, drift: dict[str, Array], breath: Array) -> None:
        index, lengths = self._skeleton.index, self._skeleton.bone_lengths
        outwards = np.array([1.0, 1.0 if side == "left" else -1.0, 1.0])
        shoulder_i, elbow_i, wrist_i = (index[f"{side}_{part}"] for part in ("shoulder", "elbow", "wrist"))
        shoulder = self._skeleton.xyz_from_bones(bones)[:, shoulder_i]
        reach = lengths[elbow_i] + lengths[wrist_i]
        wrist = REST_WRIST * outwards * reach + np.stack([drift[f"{side}_{axis}"] for axis in "xyz"], axis=-1)
        wrist[:, 2] += HAND_BREATH_M * breath
        elbow, wrist = bend_arm(shoulder, wrist, lengths[elbow_i], lengths[wrist_i], ELBOW_POLE * outwards)
        bones[:, elbow_i] = elbow - shoulder
        bones[:, wrist_i] = wrist - elbow
        self._set_hand(bones, side, outwards)

    def _set_hand(self, bones: Array, side: str, outwards: Array) -> None:
        index, lengths = self._skeleton.index, self._skeleton.bone_lengths
        forearm = unit(bones[:, index[f"{side}_wrist"]])
        hand = unit(forearm + HAND_TURN_IN * outwards)
        if f"{side}_hand" in index:
            bones[:, index[f"{side}_hand"]] = hand * lengths[index[f"{side}_hand"]]
        if f"{side}_thumb" in index:
            thumb = index[f"{side}_thumb"]
            across = unit(orthogonal(THUMB_SIDE * outwards, hand))
            bones[:, thumb] = unit(0.77 * hand + 0.64 * across) * lengths[thumb]


def bend_arm(shoulder: Array, wrist: Array, upper: float, lower: float, pole: Array) -> tuple[Array, Array]:
    """Compute a two-bone arm that reaches for a point, elbow towards the pole (law of cosines).

    Args:
        shoulder: (T, 3) [m].
        wrist: (T, 3) target [m]; if it is out of reach, the arm is stretched towards it.
        upper: Upper arm [m].
        lower: Forearm [m].
        pole: (3,) direction in which the elbow points.

    Returns:
        Elbow and wrist, (T, 3) each [m].
    """
    line = wrist - shoulder
    distance = np.clip(np.linalg.norm(line, axis=-1, keepdims=True), abs(upper - lower) + 1e-4, upper + lower - 1e-4)
    axis = unit(line)
    along = (upper**2 - lower**2 + distance**2) / (2 * distance)
    height = np.sqrt(np.maximum(upper**2 - along**2, 0.0))
    elbow = shoulder + along * axis + height * unit(orthogonal(pole, axis))
    return elbow, shoulder + distance * axis
