"""./run on simulated machines: what it installs, what it says, when it gives up."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from speech_gesture_ros.cli.main import COMMANDS

ROOT = Path(__file__).resolve().parents[2]
SCRIPTS = ("run", "tools/prepare/system_packages.sh", "tools/prepare/python_environment.sh",
           "tools/try_bare_machine.sh", ".ci/run")
DEMO_PACKAGES = ["python3", "python3-venv", "libgomp1", "libegl1", "libopengl0", "libgl1-mesa-dri"]


def test_a_bare_machine_gets_the_packages_of_the_demo_and_runs_it(bare_machine):
    done = bare_machine.run("demo", "--out", "folder")
    assert done.returncode == 0, done.stderr
    assert bare_machine.installed_packages() == DEMO_PACKAGES
    assert bare_machine.calls("speech-gesture") == ["speech-gesture demo --out folder"]


def test_the_packages_are_named_before_apt_is_called(bare_machine):
    bare_machine.add_program("apt-get", "#!/bin/sh\necho apt-get called >&2\nexit 100\n")
    lines = bare_machine.run("demo").stderr.splitlines()
    assert lines[0] == f"run: demo needs system packages, installing: {' '.join(DEMO_PACKAGES)}"
    assert lines[1] == "apt-get called"


def test_the_tests_also_need_a_compiler_headers_git_portaudio_and_a_browser(bare_machine):
    bare_machine.run("test")
    is_debian = "ID=debian" in Path("/etc/os-release").read_text().splitlines()  # others have no package of a browser
    wanted = {*DEMO_PACKAGES, "git", "g++", "python3-dev", "libportaudio2", *(["chromium"] if is_debian else [])}
    assert set(bare_machine.installed_packages()) == wanted


def test_packages_of_python_have_the_version_of_the_python_that_is_used(bare_machine):
    bare_machine.add_python("3.9")
    bare_machine.add_python("3.12", "python3.12")
    bare_machine.run("messages")
    assert bare_machine.installed_packages() == ["python3.12-venv", "g++", "python3.12-dev"]


def test_what_is_present_is_not_installed(ready_machine):
    done = ready_machine.run("test")
    assert not ready_machine.calls("apt-get")
    assert "system packages" not in done.stderr


def test_libraries_count_whether_a_package_brought_them_or_not(bare_machine):
    """Other distributions have the library without Debian's package, and no dpkg-query."""
    bare_machine.add_python("3.11")
    bare_machine.install("python3-venv", "libgomp1", "libegl1", "libopengl0")
    bare_machine.remove("dpkg-query")
    bare_machine.remove("apt-get")
    assert bare_machine.run("demo").returncode == 0


def test_a_driver_of_nvidia_replaces_mesas(ready_machine):
    (ready_machine.folder / "state" / "libgl1-mesa-dri").unlink()
    ready_machine.add_program("ldconfig", "#!/bin/sh\nfor library in libgomp.so.1 libEGL.so.1 libGL.so.1 "
                              "libEGL_nvidia.so.0; do echo \"$library (libc6)\"; done\n")
    assert ready_machine.run("demo").returncode == 0
    assert not ready_machine.calls("apt-get")


def test_without_apt_one_line_names_what_is_missing(bare_machine):
    bare_machine.remove("apt-get")
    done = bare_machine.run("demo")
    assert done.returncode == 1
    assert done.stderr == (f"run: demo needs system packages that are missing: {' '.join(DEMO_PACKAGES)} (names in "
                           "Debian; there is no apt-get here: install the equivalents, then repeat ./run demo)\n")


@pytest.mark.parametrize("sudo", [None, "#!/bin/sh\nexit 1\n"], ids=["no sudo", "sudo refuses"])
def test_without_the_right_to_install_one_line_gives_the_command(bare_machine, sudo):
    bare_machine.become("user")
    if sudo:
        bare_machine.add_program("sudo", sudo)
    done = bare_machine.run("demo")
    assert done.returncode == 1
    names = " ".join(DEMO_PACKAGES)
    assert done.stderr == (f"run: demo needs system packages that are missing: {names}. "
                           f"As root: apt-get install --no-install-recommends {names}\n")
    assert not bare_machine.calls("apt-get")


def test_a_user_with_sudo_installs_through_it(bare_machine):
    bare_machine.become("user")
    bare_machine.add_program("sudo", '#!/bin/sh\necho "sudo $*" >> {log}\n[ "$1" != -n ] || shift\nexec "$@"\n')
    assert bare_machine.run("demo").returncode == 0
    assert bare_machine.installed_packages() == DEMO_PACKAGES
    assert [line.split()[1] for line in bare_machine.calls("sudo")] == ["-n", "sh"]


def test_failed_installation_of_packages_ends_the_run(bare_machine):
    bare_machine.install("apt-fails")
    done = bare_machine.run("demo")
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].endswith("apt-get failed, see above")
    assert not bare_machine.calls("speech-gesture")


def test_an_installation_that_brings_nothing_is_reported(bare_machine):
    bare_machine.add_program("apt-get", "#!/bin/sh\n")
    done = bare_machine.run("demo")
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].endswith("is not found after the installation")


def test_an_old_python_is_named_with_the_remedy(ready_machine):
    ready_machine.add_python("3.9")
    done = ready_machine.run("demo")
    assert done.returncode == 1
    assert done.stderr == ("run: no Python of version 3.10 to 3.14 on PATH, python3 is Python 3.9.0: install one and "
                           "name it, PYTHON=/path/to/python ./run demo\n")


def test_a_python_that_is_named_must_be_supported(ready_machine):
    ready_machine.add_python("3.15", "python3.15")
    done = ready_machine.run("demo", PYTHON="python3.15")
    assert (done.returncode, done.stderr) == (1, "run: PYTHON=python3.15 is not a Python of version 3.10 to 3.14\n")


def test_another_python_than_that_of_the_environment_is_refused(ready_machine):
    ready_machine.add_python("3.13", "python3.13")
    assert ready_machine.run("demo").returncode == 0
    done = ready_machine.run("demo", PYTHON="python3.13")
    assert done.returncode == 1
    assert "PYTHON=python3.13 is Python 3.13, .venv has 3.11" in done.stderr


def test_the_second_run_installs_nothing(ready_machine):
    ready_machine.run("demo")
    assert ready_machine.pip_installs()
    assert ready_machine.run("demo").returncode == 0
    assert not ready_machine.pip_installs()


def test_another_command_adds_its_extras_and_keeps_those_installed(ready_machine):
    ready_machine.run("demo")
    ready_machine.run("live")
    assert ready_machine.pip_installs()[-1].endswith("checkout[agent,ros,sim,view]")
    ready_machine.run("demo")
    assert not ready_machine.pip_installs()


def test_changed_requirements_are_installed(ready_machine):
    ready_machine.run("demo")
    with (ready_machine.folder / "checkout" / "constraints.txt").open("a") as file:
        file.write("six==1.17.0\n")
    ready_machine.run("demo")
    assert ready_machine.pip_installs()


def test_an_unfinished_environment_is_made_again(ready_machine):
    ready_machine.run("demo")
    (ready_machine.folder / "checkout" / ".venv" / "bin" / "pip").unlink()
    assert ready_machine.run("demo").returncode == 0
    assert [line for line in ready_machine.calls("python") if line.startswith("python -m venv")]


def test_without_a_gpu_the_cpu_build_of_torch_comes_first_at_its_pinned_version(ready_machine):
    ready_machine.run("demo")
    pin = re.search(r"^torch==\S+", (ROOT / "constraints.txt").read_text(), re.MULTILINE)
    assert pin is not None
    first, second = ready_machine.pip_installs()
    assert first.endswith(f"--index-url https://download.pytorch.org/whl/cpu {pin[0]}")
    assert "--index-url" not in second


def test_a_chosen_index_of_torch_is_used(ready_machine):
    ready_machine.run("demo", TORCH_INDEX="https://example.org/cpu")
    assert "--index-url https://example.org/cpu torch==" in ready_machine.pip_installs()[0]


@pytest.mark.parametrize("case", ["gpu", "empty index", "already installed"])
def test_no_cpu_build_is_installed_where_it_is_not_wanted(ready_machine, case):
    if case == "gpu":
        ready_machine.add_program("nvidia-smi", "#!/bin/sh\n")
    if case == "already installed":
        ready_machine.install("torch")
    ready_machine.run("demo", **({"TORCH_INDEX": ""} if case == "empty index" else {}))
    assert len(ready_machine.pip_installs()) == 1


def test_without_a_cpu_build_of_torch_pypis_is_installed(ready_machine):
    ready_machine.install("no-cpu-torch")
    done = ready_machine.run("demo")
    assert done.returncode == 0
    assert "has no CPU build of torch" in done.stderr


def test_where_ros_has_no_wheels_one_line_says_so(ready_machine):
    ready_machine.add_program("uname", "#!/bin/sh\necho aarch64\n")
    done = ready_machine.run("demo")
    assert done.returncode == 1
    assert done.stderr == ("run: demo needs ROS 2, whose PyPI packages are for x86-64 only, not aarch64: "
                           "see docs/install.md\n")
    assert ready_machine.run("robot", "inspect", "my.urdf").returncode == 0


def test_a_sourced_ros_does_not_reach_the_command(ready_machine):
    ready_machine.run("demo", PYTHONPATH="/opt/ros/lib", LD_LIBRARY_PATH="/opt/ros/lib", AMENT_PREFIX_PATH="/opt/ros")
    environment = ready_machine.log.read_text()
    assert "/opt/ros" not in environment.split("speech-gesture demo")[1]
    assert f"AMENT_PREFIX_PATH={ready_machine.folder}/checkout/.venv" in environment


def test_an_unknown_command_is_refused_with_the_list(bare_machine):
    done = bare_machine.run("dmeo")
    assert done.returncode == 1
    assert "  demo  " in done.stderr
    assert done.stderr.splitlines()[-1] == "run: unknown command: dmeo"


def test_every_command_of_the_command_line_can_be_run(ready_machine):
    for command in COMMANDS:
        assert ready_machine.run(command).returncode == 0, command
        assert ready_machine.calls("speech-gesture") == [f"speech-gesture {command}"]


def test_supported_versions_are_the_same_everywhere():
    script = (ROOT / "tools/prepare/system_packages.sh").read_text()
    versions = re.search(r'^supported_versions="(.*)"', script, re.MULTILINE)
    assert versions is not None
    in_setup = re.findall(r'"Programming Language :: Python :: (3\.\d+)"', (ROOT / "setup.py").read_text())
    assert versions[1].split() == in_setup
    for path in ("README.md", "run"):
        assert f"{in_setup[0]} to {in_setup[-1]}" in (ROOT / path).read_text()


def test_extras_of_the_script_exist():
    everything = re.search(r"^everything=(\S+)", (ROOT / "run").read_text(), re.MULTILINE)
    extras = re.search(r"^EXTRAS = (\{.*?^\})", (ROOT / "setup.py").read_text(), re.MULTILINE | re.DOTALL)
    assert everything is not None
    assert extras is not None
    assert set(everything[1].split(",")) == set(ast.literal_eval(extras[1]))


@pytest.mark.parametrize("script", SCRIPTS)
def test_scripts_are_valid_for_a_posix_shell(script):
    for shell in ("sh", "dash", "busybox"):
        if shutil.which(shell):
            command = [shell, "sh", "-n"] if shell == "busybox" else [shell, "-n"]
            subprocess.run([*command, ROOT / script], check=True, timeout=20)


@pytest.mark.skipif(not shutil.which("shellcheck"), reason="no shellcheck: apt-get install shellcheck")
@pytest.mark.parametrize("script", SCRIPTS)
def test_scripts_have_no_findings_of_shellcheck(script):
    done = subprocess.run(["shellcheck", "-x", "-P", str(ROOT), script], cwd=ROOT, capture_output=True, text=True,
                          timeout=60, check=False)
    assert done.returncode == 0, done.stdout
