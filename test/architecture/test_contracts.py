"""The architecture holds: who may import whom, what runs without what, how long a module may be."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from speech_gesture_ros.core.yaml_config import load_yaml

ROOT = Path(__file__).resolve().parents[2]
MODULES = sorted((ROOT / "speech_gesture_ros").rglob("*.py"))

BLOCK = """
import sys
class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {blocked!r}:
            raise ImportError("blocked: " + name)
sys.meta_path.insert(0, Blocked())
import importlib
for module in {modules!r}:
    importlib.import_module(module)
"""


def _module_names(*folders: str) -> list[str]:
    names = [".".join(p.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__") for p in MODULES]
    return [n for n in names if n.split(".")[1:2] and n.split(".")[1] in folders]


def _import_without(blocked: set[str], modules: list[str]) -> subprocess.CompletedProcess[str]:
    code = BLOCK.format(blocked=blocked, modules=modules)
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, cwd=ROOT,
                          check=False)


def test_import_contracts_are_kept():
    done = subprocess.run([Path(sys.executable).with_name("lint-imports")], capture_output=True, text=True, cwd=ROOT,
                          timeout=120, check=False)
    assert done.returncode == 0, done.stdout


def test_everything_between_audio_and_commands_is_importable_without_ros():
    folders = ("core", "audio", "features", "networks", "pose", "retargeting", "control", "pipeline")
    done = _import_without({"rclpy", "std_msgs", "sensor_msgs", "trajectory_msgs"}, _module_names(*folders))
    assert done.returncode == 0, done.stderr


def test_the_core_and_the_stages_without_networks_need_neither_ros_nor_torch():
    modules = _module_names("core", "audio", "features", "pose", "control")
    done = _import_without({"rclpy", "torch", "mujoco", "pinocchio", "onnxruntime", "matplotlib", "soundfile"}, modules)
    assert done.returncode == 0, done.stderr


def test_a_blocked_import_would_be_noticed():
    done = _import_without({"numpy"}, ["speech_gesture_ros.core.chunks"])
    assert done.returncode != 0
    assert "blocked: numpy" in done.stderr


def test_no_module_is_longer_than_400_lines():
    lengths = {str(path.relative_to(ROOT)): len(path.read_text().splitlines()) for path in MODULES}
    assert not {path: length for path, length in lengths.items() if length > 400}, "split them"


def test_every_module_says_its_one_idea_first():
    silent = [path for path in MODULES if (text := path.read_text()) and not text.startswith(('"""', 'r"""'))]
    assert not silent


def test_no_module_is_named_for_having_no_idea():
    assert not [path for path in MODULES if path.stem in {"utils", "helpers", "common", "misc"}]


@pytest.mark.parametrize("path", sorted((ROOT / "config").rglob("*.yaml")), ids=lambda p: str(p.relative_to(ROOT)))
def test_every_configuration_is_a_mapping(path):
    assert load_yaml(path)


def test_nodes_ask_for_one_thread_before_numpy_is_loaded_and_leave_a_users_choice():
    code = "import os, speech_gesture_ros.nodes, sys; print(os.environ['OMP_NUM_THREADS'], 'numpy' in sys.modules)"
    for given, expected in (({}, "1 False"), ({"OMP_NUM_THREADS": "3"}, "3 False")):
        environment = {k: v for k, v in os.environ.items() if k != "OMP_NUM_THREADS"} | given
        said = subprocess.run([sys.executable, "-c", code], env=environment, cwd=ROOT, capture_output=True, text=True,
                              check=True).stdout.strip()
        assert said == expected
