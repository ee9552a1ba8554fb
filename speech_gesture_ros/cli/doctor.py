"""Check the installation: what works, what is missing, and the remedy.

Everything is tried: a kernel runs on the device, a node starts, a picture is drawn.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import importlib.util
import os
import platform
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import speech_gesture_ros
from speech_gesture_ros.core.assets import PACKAGE_NAME
from speech_gesture_ros.core.errors import SpeechGestureError

HELP = "check the installation"
OLDEST_PYTHON = (3, 10)
NODE_TIMEOUT_S = 60
_NODE_SCRIPT = """
import rclpy
rclpy.init()
node = rclpy.create_node("speech_gesture_doctor")
import std_msgs.msg, sensor_msgs.msg, trajectory_msgs.msg, visualization_msgs.msg, diagnostic_msgs.msg
node.create_publisher(std_msgs.msg.String, "doctor", 1)
print(rclpy.get_rmw_implementation_identifier())
"""


@dataclass(frozen=True)
class Finding:
    """Result of one check.

    Attributes:
        name: What was checked.
        works: True if it can be used.
        detail: Version, place or error.
        remedy: What to do if it does not work.
        is_needed: True if nothing works without it.
    """

    name: str
    works: bool
    detail: str
    remedy: str = ""
    is_needed: bool = False


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add no options."""


def run(args: argparse.Namespace) -> int:
    """Print every finding; 1 if something needed is missing."""
    del args
    worst = 0
    for check in CHECKS:
        finding = check()
        mark = "ok     " if finding.works else "MISSING" if finding.is_needed else "absent "
        print(f"{mark}  {finding.name:<12} {finding.detail}", flush=True)
        if not finding.works:
            print(f"         {'':<12} → {finding.remedy}")
            worst = max(worst, int(finding.is_needed))
    print("\nNothing needed is missing." if not worst else "\nSomething needed is missing: see MISSING above.")
    return worst


def check_python() -> Finding:
    """Version of the interpreter."""
    detail = f"{platform.python_version()} at {sys.executable}, {platform.system()} {platform.machine()}"
    return Finding("Python", sys.version_info >= OLDEST_PYTHON, detail, "Use Python 3.10 or newer.", is_needed=True)


def check_copies() -> Finding:
    """One copy of this package: an older one, of pip beside that of colcon, may be used in its place."""
    used = Path(speech_gesture_ros.__file__).resolve().parent
    found = {Path(str(d.locate_file(""))).resolve(): d.version
             for d in importlib.metadata.distributions(name=PACKAGE_NAME)}
    others = {folder: version for folder, version in found.items()
              if (folder / PACKAGE_NAME / "__init__.py").is_file() and (folder / PACKAGE_NAME).resolve() != used}
    detail = f"{speech_gesture_ros.__version__} at {used}"
    if others:
        detail += "".join(f"; another copy, {version}, at {folder}" for folder, version in others.items())
    remedy = (f"{sys.executable} -m pip uninstall {PACKAGE_NAME}   removes the copy of pip; or leave the workspace of "
              "colcon out of the environment")
    return Finding("package", not others, detail, remedy)


def check_ros() -> Finding:
    """A ROS 2 node starts."""
    remedy = ("Source a ROS 2 (source /opt/ros/<distro>/setup.bash), or on x86-64 Linux: "
              "pip install 'speech_gesture_ros[ros]'")
    try:
        node = subprocess.run([sys.executable, "-c", _NODE_SCRIPT], capture_output=True, text=True,
                              env=ros_environment(), timeout=NODE_TIMEOUT_S, check=False)
    except subprocess.TimeoutExpired:
        return Finding("ROS 2", False, f"a node did not start within {NODE_TIMEOUT_S} s", remedy)
    if node.returncode:
        lines = node.stderr.strip().splitlines() or ["no message"]
        return Finding("ROS 2", False, lines[-1], remedy)
    distro = os.environ.get("ROS_DISTRO", "from PyPI")
    return Finding("ROS 2", True, f"a node starts with {node.stdout.strip().splitlines()[-1]} ({distro})")


def ros_environment() -> dict[str, str]:
    """Environment for child processes that use ROS; wheels from PyPI need their prefix in AMENT_PREFIX_PATH."""
    environment = dict(os.environ)
    found = importlib.util.find_spec("rclpy")
    if found is not None and found.origin is not None and found.origin.startswith(sys.prefix):
        environment["AMENT_PREFIX_PATH"] = sys.prefix
    environment.setdefault("ROS_AUTOMATIC_DISCOVERY_RANGE", "LOCALHOST")
    return environment


def check_torch() -> Finding:
    """Torch, and the device on which a kernel ran."""
    if importlib.util.find_spec("torch") is None:
        return Finding("torch", False, "not installed: no training, no GPU, no speech2gesture model",
                       "pip install torch   (other models run in NumPy without it)")
    from speech_gesture_ros.networks.device import pick_device

    device, reason = pick_device("auto")
    return Finding("torch", True, f"{_version('torch')}, runs on {device}: {reason}")


def check_kinematics() -> Finding:
    """Libraries of inverse kinematics."""
    wanted = {"pin": "pinocchio", "daqp": "daqp"}
    missing = [package for package, module in wanted.items() if importlib.util.find_spec(module) is None]
    detail = ", ".join(f"{p} {_version(p)}" for p in wanted if p not in missing)
    return Finding("kinematics", not missing, detail or "none", f"pip install {' '.join(missing)}", is_needed=True)


def check_model() -> Finding:
    """The default model bundle loads."""
    remedy = "Install the package again, or make the model: speech-gesture train"
    from speech_gesture_ros.core.assets import resolve
    from speech_gesture_ros.networks.strokes.bundle import load_stroke_bundle

    try:
        folder = resolve("default", "models")
        bundle = load_stroke_bundle(folder)
    except SpeechGestureError as error:
        return Finding("model", False, str(error), remedy, is_needed=True)
    return Finding("model", True, f"{folder} ({len(bundle.skeleton)} skeleton joints)")


def check_voice_activity() -> Finding:
    """The detector of voice runs."""
    import numpy as np

    from speech_gesture_ros.audio.voice_activity import VoiceActivityStage
    from speech_gesture_ros.core.chunks import AudioChunk

    try:
        VoiceActivityStage().push(AudioChunk(0, np.zeros(1024, dtype=np.float32)))
    except SpeechGestureError as error:
        return Finding("voice", False, str(error), "pip install onnxruntime && pip install --no-deps silero-vad",
                       is_needed=True)
    return Finding("voice", True, f"silero-vad {_version('silero-vad')}, onnxruntime {_version('onnxruntime')}")


def check_robot() -> Finding:
    """The demo robot can be described."""
    if not check_kinematics().works:
        return Finding("robot", False, "cannot be described without kinematics", "See above.", is_needed=True)
    from speech_gesture_ros.retargeting import RobotConfig, load_robot

    try:
        robot = load_robot(RobotConfig())
    except SpeechGestureError as error:
        return Finding("robot", False, str(error), "Install the package again.", is_needed=True)
    return Finding("robot", True, f"{robot.name}: {len(robot.joint_names)} joints in groups {', '.join(robot.groups)}")


def check_audio_files() -> Finding:
    """Audio files can be read."""
    is_installed = importlib.util.find_spec("soundfile") is not None
    detail = f"soundfile {_version('soundfile')}" if is_installed else "not installed"
    return Finding("audio files", is_installed, detail, "pip install soundfile", is_needed=True)


def check_microphone() -> Finding:
    """PortAudio and its input devices."""
    try:
        import sounddevice
    except ImportError:
        return Finding("microphone", False, "sounddevice is not installed", "pip install sounddevice")
    except OSError as error:  # the wheel for Linux does not bring the library
        return Finding("microphone", False, str(error), "sudo apt install libportaudio2")
    inputs = [d["name"] for d in sounddevice.query_devices() if d["max_input_channels"] > 0]
    return Finding("microphone", bool(inputs), ", ".join(inputs[:4]) or "PortAudio works but has no input device",
                   "Connect one; in a container, pass the sound device or PulseAudio socket in. Files work without.")


def check_simulator() -> Finding:
    """MuJoCo."""
    is_installed = importlib.util.find_spec("mujoco") is not None
    detail = f"mujoco {_version('mujoco')}" if is_installed else "mujoco is not installed"
    return Finding("simulator", is_installed, detail, "pip install 'speech_gesture_ros[sim]'")


def check_opengl() -> Finding:
    """OpenGL draws without a display."""
    from speech_gesture_ros.rendering import opengl

    backend = opengl.find_backend() if check_simulator().works else None
    return Finding("OpenGL", backend is not None, f"draws with {backend}" if backend else "none that works without a "
                   "display", "sudo apt install libegl1 libgl1-mesa-dri   (or libosmesa6); plain drawings work without")


def check_extras() -> Finding:
    """Libraries of films, bags and the browser view."""
    wanted = ("av", "rosbags", "matplotlib", "tqdm", "aiohttp", "nicegui")
    missing = [name for name in wanted if importlib.util.find_spec(name) is None]
    detail = ", ".join(f"{name} {_version(name)}" for name in wanted if name not in missing)
    return Finding("demo", not missing, detail or "none", f"pip install {' '.join(missing)}")


def _version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "?"


CHECKS: tuple[Callable[[], Finding], ...] = (
    check_python, check_copies, check_torch, check_kinematics, check_model, check_voice_activity, check_robot,
    check_audio_files, check_ros, check_microphone, check_simulator, check_opengl, check_extras,
)
