"""Films of the human alone, for a judge of gestures in video (`judge_gestures.py`): the model, recorded people, rest.

    python tools/draw_judge_films.py build/judge [models/default]

model_<voice>   the first 30 s of three voices that were held out of the training
people_<name>   recordings of data/motion: flesh_zas2025 and labanotation_kinect (no speech), movebox_conversation
still           the first pose of the model, held

All are drawn by the same renderer, 720 x 720 at 25 Hz, without sound. Needs the data folder and the `sim` extra.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import mujoco
import numpy as np
import numpy.typing as npt
from scipy.spatial.transform import Rotation, Slerp

from speech_gesture_ros.audio.files import load_mono_16k
from speech_gesture_ros.core.rates import POSE_RATE, SAMPLE_RATE
from speech_gesture_ros.core.skeleton import Skeleton
from speech_gesture_ros.datasets.mapping import SkeletonMapping, resolve_mapping
from speech_gesture_ros.datasets.motion_recordings import read_recordings
from speech_gesture_ros.datasets.retarget import retarget
from speech_gesture_ros.datasets.source_motion import SourceMotion
from speech_gesture_ros.datasets.speech_recordings import data_folder, list_recordings
from speech_gesture_ros.evaluation.acceptance.trials import Performer, Trial
from speech_gesture_ros.networks.strokes.bundle import load_stroke_bundle
from speech_gesture_ros.rendering import opengl
from speech_gesture_ros.rendering.robot_view import RobotView
from speech_gesture_ros.rendering.skeleton_view import HumanPlacement, human_shapes
from speech_gesture_ros.rendering.staging import FOV_DEG, LEG_LENGTH_M, TURN_DEG, Staging
from speech_gesture_ros.rendering.video import write_video

Array = npt.NDArray[np.floating]

VOICES = ("azure_call", "thorsten", "vctk_p228")
VOICE_S, STILL_S = 30, 8
PIXELS, VIEW_HEIGHT_M, VIEW_CENTRE_M = 720, 1.5, -0.2
MOVEBOX = Path("motion", "movebox_conversation", "RB_conversation_nolips.anim")
MOVEBOX_BEGINS_S = 3.4  # before, the person stands with raised arms and steps into place
HAND_TURN_DEG = {"L": -90.0, "R": 90.0}  # of the hands about the forearms, which the file leaves out
SCENE = """<mujoco>
  <visual><headlight ambient=".45 .45 .45" diffuse=".4 .4 .4" specular="0 0 0"/>
    <global offwidth="720" offheight="720"/></visual>
  <asset><texture name="sky" type="skybox" builtin="gradient" rgb1=".80 .825 .85" rgb2=".94 .95 .96" width="64"
    height="384"/></asset>
  <worldbody><light pos="2 1 3" dir="-2 -1 -2.5" directional="true" diffuse=".5 .5 .5"/>
    <geom type="plane" size="20 20 .1" rgba=".80 .825 .85 1"/></worldbody>
</mujoco>"""


def motions(bundle_folder: Path, data: Path) -> Iterator[tuple[str, Array]]:
    """Yield name and (T, J, 3) motion at 25 Hz [m] of each film."""
    skeleton = load_stroke_bundle(bundle_folder).skeleton
    voices = [recording for recording in list_recordings(data) if recording.speaker in VOICES]
    for seed, recording in enumerate(voices):
        samples = load_mono_16k(recording.path)[:VOICE_S * SAMPLE_RATE]
        motion = Performer(bundle_folder, seed).perform(Trial.of(samples, seed).samples)
        if seed == 0:
            yield "still", np.repeat(motion[:1], STILL_S * round(POSE_RATE), axis=0)
        yield f"model_{recording.speaker}", motion
    for part in read_recordings(data, skeleton):
        if part.source != "reachy2_emotions":  # a robot
            yield f"people_{part.source}_{part.name}", part.joint_xyz
    yield "people_movebox_conversation", conversation(data / MOVEBOX, skeleton)


def conversation(path: Path, skeleton: Skeleton) -> Array:
    """Read the key frames of a Unity animation of a biped: (T, J, 3) at 25 Hz on the skeleton [m]."""
    text = re.sub(r"(\n    path: [^\n]*)\n      (?=[^ -])", r"\1 ", path.read_text())
    turns, places = (_curves(text, kind) for kind in ("Rotation", "Position"))
    times = np.arange(MOVEBOX_BEGINS_S, max(keys[-1, 0] for keys in turns.values()), 1.0 / POSE_RATE)
    rotation, at = {"": Rotation.identity(len(times))}, {"": np.zeros((len(times), 3))}
    for name in sorted(places, key=lambda name: name.count("/")):
        parent, _, joint = name.rpartition("/")
        if parent not in rotation:
            continue
        keys = places[name]
        offset = np.stack([np.interp(times, keys[:, 0], column) for column in keys[:, 1:].T], axis=1)
        at[name] = at[parent] + rotation[parent].apply(offset)
        if name in turns:
            keys = turns[name]
            rotation[name] = rotation[parent] * Slerp(keys[:, 0], Rotation.from_quat(keys[:, 1:]))(times)
        elif joint.endswith("Hand"):
            rotation[name] = rotation[parent] * Rotation.from_euler("x", HAND_TURN_DEG[joint.split()[1]], degrees=True)
    # Unity: x right, y up, z ahead.
    joints = {name.rpartition("/")[2].removeprefix("Bip01 "): xyz[:, [2, 0, 1]] * [1, -1, 1]
              for name, xyz in at.items()}
    return _on_skeleton(joints, skeleton)


def _curves(text: str, kind: str) -> dict[str, Array]:
    """Return joint path to (K, 1 + 3 or 4) times [s] and values of one kind of curve."""
    section = re.search(rf"\n  m_{kind}Curves:(.*?)\n  m_", text, re.DOTALL)
    assert section is not None, kind
    found = {}
    for curve in section[1].split("\n  - curve:")[1:]:
        times = [float(t) for t in re.findall(r"\n        time: (\S+)", curve)]
        values = [[float(part.split(":")[1]) for part in value.split(",")]
                  for value in re.findall(r"\n        value: \{(.*?)\}", curve, re.DOTALL)]
        name = re.search(r"\n    path: (.*)", curve)
        if times and name:
            found[name[1]] = np.column_stack([times, values])
    return found


def _on_skeleton(joints: Mapping[str, Array], skeleton: Skeleton) -> Array:
    eyes = (joints["LEye"] + joints["REye"]) / 2
    points = {"pelvis": joints["Pelvis"], "neck": joints["Neck"], "nose": joints["MNose"],
              "head": joints["Head"] + 0.55 * (eyes - joints["Head"])}
    parts = {"shoulder": "UpperArm", "elbow": "Forearm", "wrist": "Hand", "hip": "Thigh", "hand": "Finger2",
             "thumb": "Finger0"}
    for side in ("left", "right"):
        points |= {f"{side}_{part}": joints[f"{side[0].upper()} {joint}"] for part, joint in parts.items()}
    motion = SourceMotion(tuple(points), -np.ones(len(points), dtype=np.int64),
                          np.stack(list(points.values()), axis=1), float(POSE_RATE))
    mapping = resolve_mapping(SkeletonMapping({role: (role,) for role in points}), motion)
    return skeleton.xyz_from_bones(retarget(motion, mapping, skeleton).directions * skeleton.bone_lengths[:, None])


def main() -> None:
    """Draw all films into the folder that is named first."""
    out = Path(sys.argv[1])
    bundle = Path(sys.argv[2] if len(sys.argv) > 2 else "models/default")
    skeleton = load_stroke_bundle(bundle).skeleton
    model = mujoco.MjModel.from_xml_string(SCENE)
    shoulders = LEG_LENGTH_M + float(skeleton.rest_xyz[skeleton.index["left_shoulder"], 2])
    staging = Staging(HumanPlacement((0.0, 0.0, LEG_LENGTH_M)), np.array([0.0, 0.0, shoulders + VIEW_CENTRE_M]),
                      VIEW_HEIGHT_M / 2 / float(np.tan(np.radians(FOV_DEG / 2))), 180.0 + TURN_DEG, 1.0)
    data = mujoco.MjData(model)
    mujoco.mj_forward(model, data)
    backend = opengl.find_backend()
    assert backend is not None, opengl.REMEDY
    view = RobotView(model, data, staging, PIXELS, PIXELS, backend)
    for name, motion in motions(bundle, data_folder()):
        count = write_video(out / f"{name}.mp4", (view.render(human_shapes(skeleton, pose, staging.human))
                                                  for pose in motion), np.zeros(1600), SAMPLE_RATE)
        sys.stdout.write(f"{name}: {count} pictures\n")


if __name__ == "__main__":
    main()
