"""Package metadata: valid, complete, and the same in every file."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
import zipfile
from pathlib import Path

import pytest

import speech_gesture_ros
from speech_gesture_ros.core.yaml_config import load_yaml
from speech_gesture_ros.nodes import executables

ROOT = Path(__file__).resolve().parents[2]
SETUP = (ROOT / "setup.py").read_text()
PACKAGE_XML = ET.parse(ROOT / "package.xml").getroot()

# Python modules that come with a rosdep key of another name.
KEYS = {"yaml": "python3-yaml", "numpy": "python3-numpy", "scipy": "python3-scipy"}
# ROS packages that are imported when a profile or parameter names them, with an error that says how to get them.
OPTIONAL = {"audio_common_msgs", "naoqi_bridge_msgs", "py_nanotts"}
NOT_ON_PYPI = {"control_msgs", "launch", "launch_ros"}  # come with ROS 2
# Imported by a name in a string, or used with this package by every integrator.
BY_NAME = {"controller_manager_msgs", "lifecycle_msgs", "tf2_msgs"}


def _literal(name: str) -> object:
    for node in ast.walk(ast.parse(SETUP)):
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", None) == name:
            return ast.literal_eval(node.value)
    raise AssertionError(f"setup.py has no {name}")


def _imports(folder: Path) -> set[str]:
    names = set()
    for path in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                names |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                names.add(node.module.split(".")[0])
    return names


def test_every_place_states_the_same_version():
    version = _literal("VERSION")
    newest = re.search(r"^(\d+\.\d+\.\d+) \(", (ROOT / "CHANGELOG.rst").read_text(), re.MULTILINE)
    assert newest is not None
    assert PACKAGE_XML.findtext("version") == version == speech_gesture_ros.__version__ == newest[1]


def test_maintainer_author_and_urls_have_the_form_that_release_tools_require():
    address = re.compile(r"[-\w%+]+(\.[-\w%+]+)*@[-\w%]+(\.[-\w%]+)*\.[a-zA-Z]{2,}")
    for tag in ("maintainer", "author"):
        people = PACKAGE_XML.findall(tag)
        assert people
        assert all(address.fullmatch(person.get("email", "")) and person.text for person in people)
    urls = {element.get("type"): element.text or "" for element in PACKAGE_XML.findall("url")}
    assert set(urls) == {"website", "bugtracker", "repository"}
    assert all(url.startswith("https://") for url in urls.values())


def test_metadata_files_name_the_same_home():
    home, address = _literal("URL"), _literal("EMAIL")
    citation = load_yaml(ROOT / "CITATION.cff")
    assert citation["repository-code"] == home
    assert citation["version"] == _literal("VERSION")
    assert home in {element.text for element in PACKAGE_XML.findall("url")}
    assert {element.get("email") for element in PACKAGE_XML if "email" in element.attrib} == {address}


@pytest.mark.parametrize("path", sorted((ROOT / ".github" / "ISSUE_TEMPLATE").glob("*.yml")), ids=lambda p: p.name)
def test_fields_of_an_issue_form_have_labels_and_distinct_names(path):
    form = load_yaml(path)
    fields = [field for field in form.get("body", []) if field["type"] != "markdown"]
    assert len({field["id"] for field in fields}) == len(fields)
    assert all(field["attributes"]["label"] for field in fields)


def test_package_xml_has_no_pip_keys():
    keys = [e.text or "" for e in PACKAGE_XML if e.tag.endswith("depend")]
    assert keys
    assert not [key for key in keys if key.endswith("-pip")], "a pip key bars a release into a ROS distribution"


def test_package_xml_names_every_ros_package_that_is_imported():
    from_ros = re.compile(r"^(rclpy|launch|launch_ros|ament_index_python|.*_interfaces|.*_msgs|.*_srvs)$")
    imported = {n for n in _imports(ROOT / "speech_gesture_ros") | _imports(ROOT / "launch") if from_ros.match(n)}
    declared = {e.text for e in PACKAGE_XML if e.tag.endswith("depend")}
    assert imported - OPTIONAL <= declared
    assert {n for n in declared if n and from_ros.match(n)} <= imported | BY_NAME, "package.xml names more"


def test_package_xml_names_what_the_core_imports_from_python():
    declared = {e.text for e in PACKAGE_XML if e.tag.endswith("depend")}
    imported = _imports(ROOT / "speech_gesture_ros" / "core")
    assert {KEYS[n] for n in imported if n in KEYS} <= declared


def test_config_and_models_hold_data_only():
    """Scripts that made the data are in tools/, which is not installed."""
    kinds = {path.suffix for folder in ("config", "models") for path in (ROOT / folder).rglob("*") if path.is_file()}
    assert kinds <= {".yaml", ".urdf", ".xml", ".sdf", ".rviz", ".json", ".safetensors", ".glb", ".flac", ".md"}


def test_every_node_has_an_executable_and_a_module_with_a_main():
    assert _literal("NODES") == executables.NODES
    assert {p.stem for p in (ROOT / "speech_gesture_ros" / "nodes").glob("*_node.py")} <= set(executables.NODES)
    for module in executables.NODES:
        assert "def main(" in (ROOT / "speech_gesture_ros" / "nodes" / f"{module}.py").read_text()


def test_every_third_party_import_is_in_an_extra_or_required():
    requirements = " ".join(re.findall(r'"([A-Za-z][A-Za-z0-9_.\-]*)(?:\[|[!<>=]|")', SETUP)).lower()
    names = {"pytorch_lightning": "pytorch-lightning", "yaml": "pyyaml", "pinocchio": "pin", "coal": "pin",
             "PIL": "matplotlib", "eigenpy": "pin", "ai_edge_litert": "ai-edge-litert"}
    for name in sorted(_imports(ROOT / "speech_gesture_ros")):
        if name in sys.stdlib_module_names or name == "speech_gesture_ros" or name in OPTIONAL | NOT_ON_PYPI:
            continue
        package = names.get(name, name)
        is_from_ros = package.endswith(("_msgs", "_srvs", "_interfaces", "rclpy"))
        known = f"ros-{package.replace('_', '-')}" if is_from_ros else package
        if name == "rcl_interfaces":  # comes with rclpy
            known = "ros-rclpy"
        assert known.lower() in requirements.split(), f"{name} is imported but setup.py does not name {known}"


def test_constraints_pin_every_direct_requirement():
    pins = {re.split(r"[=;]", line)[0].lower().replace("_", "-")
            for line in (ROOT / "constraints.txt").read_text().splitlines() if "==" in line}
    extras = re.search(r"^EXTRAS = (\{.*?^\})", SETUP, re.MULTILINE | re.DOTALL)
    assert extras is not None
    for names in ast.literal_eval(extras[1]).values():
        for name in names:
            assert re.split(r"[\[!<>=]", name)[0].lower().replace("_", "-") in pins


@pytest.mark.slow
def test_the_wheel_carries_launch_config_models_and_executables(tmp_path):
    command = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "-w", str(tmp_path), "."]
    copy = tmp_path / "source"
    subprocess.run(["git", "clone", "-q", str(ROOT), str(copy)], check=True, timeout=60)
    subprocess.run(command, check=True, cwd=copy, timeout=240, capture_output=True)
    with zipfile.ZipFile(next(tmp_path.glob("*.whl"))) as wheel:
        names = [name.split(".data/data/")[-1] for name in wheel.namelist()]
    share = "share/speech_gesture_ros"
    for path in ("launch/agent.launch.py", "config/skeletons/upper_body.yaml", "config/nodes/gesture_node.yaml",
                 "package.xml"):
        assert f"{share}/{path}" in names
    assert "share/ament_index/resource_index/packages/speech_gesture_ros" in names
    assert "speech_gesture_ros/py.typed" in names
    for node in _literal("NODES"):
        assert f"lib/speech_gesture_ros/{node}" in names
