"""A simulated machine for ./run: a PATH of stand-ins for apt-get, sudo, ldconfig and python3 that log their calls."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TOOLS = ("cat", "cksum", "dirname", "env", "grep", "mkdir", "paste", "rm", "sed", "sh", "sort", "touch", "tr", "true")
LIBRARIES = {"libgomp1": "libgomp.so.1", "libegl1": "libEGL.so.1", "libopengl0": "libOpenGL.so.0",
             "libportaudio2": "libportaudio.so.2"}

# A Python that answers the questions of ./run from files of the machine, and makes environments that contain itself.
PYTHON = r"""#!/bin/sh
echo "python $*" >> {log}
case "$*" in
  *version_info*) echo {version} ;;
  "-c import ensurepip"*) [ -e {state}/python{version}-venv ] || [ -e {state}/python3-venv ] ;;
  *Python.h*) [ -e {state}/python{version}-dev ] || [ -e {state}/python3-dev ] ;;
  -V) echo Python {version}.0 ;;
  "-m venv "*) mkdir -p "$3/bin"; cat "$0" > "$3/bin/python"; chmod +x "$3/bin/python"; touch "$3/bin/pip"
    printf '#!/bin/sh\necho "speech-gesture $*" >> {log}\n' > "$3/bin/speech-gesture"
    printf 'env >> {log}\n' >> "$3/bin/speech-gesture"; chmod +x "$3/bin/speech-gesture" ;;
  *"pip --disable-pip-version-check show"*) [ -e {state}/torch ] ;;
  *"pip --disable-pip-version-check install"*--index-url*) [ ! -e {state}/no-cpu-torch ] ;;
esac
"""
APT_GET = r"""#!/bin/sh
echo "apt-get $*" >> {log}
[ ! -e {state}/apt-fails ] || exit 100
case $1 in install)
  for package; do
    case $package in install | -*) continue ;; esac
    touch {state}/$package
    case $package in python3) cat {state}/new-python > {bin}/python3; chmod +x {bin}/python3 ;; g++ | git | chromium)
      printf '#!/bin/sh\n' > {bin}/$package; chmod +x {bin}/$package ;; esac
  done ;;
esac
"""


@dataclass
class Machine:
    """The simulated machine.

    Attributes:
        folder: Holds bin/ (the PATH), state/ (a file for each package that is installed), checkout/ and log.
    """

    folder: Path

    def __post_init__(self) -> None:
        for name in ("bin", "state", "checkout/tools"):
            (self.folder / name).mkdir(parents=True)
        for tool in TOOLS:
            (self.folder / "bin" / tool).symlink_to(shutil.which(tool) or "")
        for name in ("run", "setup.py", "constraints.txt"):
            shutil.copy(ROOT / name, self.folder / "checkout" / name)
        shutil.copytree(ROOT / "tools" / "prepare", self.folder / "checkout" / "tools" / "prepare")
        self.log.touch()
        self.add_program("chmod", f'#!/bin/sh\nexec {shutil.which("chmod")} "$@"\n')
        libraries = "".join(f"[ ! -e {{state}}/{package} ] || echo '\t{library} (libc6,x86-64) => /lib/{library}'\n"
                            for package, library in LIBRARIES.items())
        self.add_program("ldconfig", f"#!/bin/sh\n{libraries}")
        self.add_program("dpkg-query", "#!/bin/sh\n"
                         "for package; do :; done\n[ -e {state}/$package ] && echo 'install ok installed'\n")
        self.add_program("apt-get", APT_GET)
        self.add_program("uname", "#!/bin/sh\necho x86_64\n")
        self.become("root")
        (self.folder / "state" / "new-python").write_text(self._filled(PYTHON, "3.11"))

    @property
    def log(self) -> Path:
        return self.folder / "log"

    def add_program(self, name: str, text: str, version: str = "") -> None:
        path = self.folder / "bin" / name
        path.write_text(self._filled(text, version))
        path.chmod(0o755)

    def add_python(self, version: str, name: str = "python3") -> None:
        self.add_program(name, PYTHON, version)

    def remove(self, name: str) -> None:
        (self.folder / "bin" / name).unlink()

    def install(self, *packages: str) -> None:
        for package in packages:
            (self.folder / "state" / package).touch()

    def become(self, user: str) -> None:
        self.add_program("id", f"#!/bin/sh\necho {0 if user == 'root' else 1000}\n")

    def run(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        self.log.write_text("")
        return subprocess.run(["/bin/sh", str(self.folder / "checkout" / "run"), *arguments], capture_output=True,
                              text=True, stdin=subprocess.DEVNULL, timeout=60, check=False,
                              env={"PATH": str(self.folder / "bin"), "HOME": str(self.folder), **environment})

    def calls(self, program: str) -> list[str]:
        """The logged command lines of a program, in order."""
        return [line for line in self.log.read_text().splitlines() if line.startswith(f"{program} ")]

    def installed_packages(self) -> list[str]:
        """The packages of the call of `apt-get install`."""
        calls = [line for line in self.calls("apt-get") if line.startswith("apt-get install")]
        return [word for line in calls for word in line.split()[2:] if not word.startswith(("-", "Dpkg::"))]

    def pip_installs(self) -> list[str]:
        return [line for line in self.calls("python") if "pip-version-check install" in line]

    def _filled(self, text: str, version: str) -> str:
        for name, value in (("log", self.log), ("state", self.folder / "state"), ("bin", self.folder / "bin"),
                            ("version", version)):
            text = text.replace("{" + name + "}", str(value))
        return text


@pytest.fixture
def bare_machine(tmp_path: Path) -> Machine:
    """A machine with a shell and apt, and nothing else."""
    return Machine(tmp_path / "machine")


@pytest.fixture
def ready_machine(tmp_path: Path) -> Machine:
    """A machine with Python 3.11 and all system packages."""
    machine = Machine(tmp_path / "machine")
    machine.add_python("3.11")
    machine.install("python3-venv", "python3-dev", "libgl1-mesa-dri", *LIBRARIES)
    for program in ("g++", "git", "chromium"):
        machine.add_program(program, "#!/bin/sh\n")
    return machine


