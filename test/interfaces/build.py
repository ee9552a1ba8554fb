"""Builder of message packages that no package index has, from the definitions here, for this environment's Python.

    <package>/msg/*.msg  ──►  .idl  ──►  C structures, their wire format, their Python side  ──►  one extension module

Two packages share the name audio_common_msgs: each <package>.<family> gets a folder of its own.

The generators come with the ROS 2 wheels; a build also needs a compiler (`apt-get install g++ python3-dev`). Only
Python and Fast DDS are supported, so a package takes seconds and needs no CMake. Results are cached under a name made
of everything they depend on.

    python test/interfaces/build.py            build what is missing and print the folder for PYTHONPATH
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

HERE = Path(__file__).resolve().parent
PREFIX = Path(os.environ.get("AMENT_PREFIX_PATH", sys.prefix).split(os.pathsep)[0])
WIRE = "rosidl_typesupport_fastrtps_c"
KINDS = ("msg", "srv", "action")
REMEDY = "On Debian and Ubuntu: apt-get install g++ python3-dev"


def definitions() -> list[str]:
    """Return the folders of all packages defined here; none depends on another one of them."""
    return sorted(path.name for path in HERE.iterdir() if any((path / kind).is_dir() for kind in KINDS))


def fingerprint() -> str:
    """Return a hash, 16 characters, of definitions, this file, interpreter and generators."""
    digest = hashlib.sha256(f"{sys.version}{sys.platform}{PREFIX}".encode())
    digest.update((PREFIX / "share" / "rosidl_generator_py" / "package.xml").read_bytes())
    for path in sorted([Path(__file__), *(p for kind in KINDS for p in HERE.glob(f"*/{kind}/*"))]):
        digest.update(str(path.relative_to(HERE)).encode() + path.read_bytes())
    return digest.hexdigest()[:16]


def build_all(cache: Path | None = None) -> Path:
    """Build the packages unless they are cached.

    Args:
        cache: Folder of the cache; None for one in the environment.

    Returns:
        The folder that has all packages, for sys.path; in it one for each family.

    Raises:
        RuntimeError: If there is no compiler, or it fails.
    """
    folder = (cache or Path(sys.prefix) / "interfaces") / fingerprint()
    if folder.is_dir():
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as temporary:
        made, work = Path(temporary) / "made", Path(temporary) / "work"
        for definition in definitions():
            name, _, family = definition.partition(".")
            with contextlib.redirect_stdout(sys.stderr):  # the generators print
                _build(name, HERE / definition, work / definition, made / definition if family else made)
        try:
            made.rename(folder)  # atomic: several processes may build at once
        except OSError:
            if not folder.is_dir():
                raise
    return folder


def _build(name: str, source: Path, work: Path, made: Path) -> None:
    output = work / name
    _generate(name, source, output)
    together = output / "all.cpp"  # one source file reads the common headers once
    together.write_text("".join(f'#include "{path}"\n' for path in sorted(output.rglob("*.cpp"))))
    sources = [together, *sorted(output.rglob("*.c"))]
    include = [work, PREFIX / "include", *sorted((PREFIX / "include").iterdir()), *_python_headers()]
    flags = ["-O0", "-w", "-fPIC", *(f"-I{path}" for path in include)]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        objects = list(pool.map(lambda path: _compile(path, flags), sources))
    dependencies = sorted({path.relative_to(PREFIX / "share").parts[0] for path in _known_idl()})
    parts = ("rosidl_generator_c", "rosidl_generator_py", "rosidl_typesupport_c", WIRE)
    libraries = [f"{dependency}__{part}" for dependency in dependencies for part in parts]
    libraries += ["rosidl_runtime_c", "rosidl_typesupport_c", WIRE, "rosidl_typesupport_fastrtps_cpp", "fastcdr",
                  "rcutils", "rmw"]
    there = [name for name in libraries if (PREFIX / "lib" / f"lib{name}.so").exists()]
    module = made / name / f"{name}_s__rosidl_typesupport_c{sysconfig.get_config_var('EXT_SUFFIX')}"
    for path in output.rglob("*.py"):
        target = made / name / path.relative_to(output)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, target)
    (made / name / "__init__.py").touch()
    _run(["g++", "-shared", "-o", str(module), *map(str, objects), f"-L{PREFIX / 'lib'}",
          f"-Wl,-rpath,{PREFIX / 'lib'}", "-Wl,--as-needed", *(f"-l{name}" for name in there)])


def _compile(source: Path, flags: list[str]) -> Path:
    target = source.with_suffix(source.suffix + ".o")
    language = ["gcc", "-std=gnu11"] if source.suffix == ".c" else ["g++", "-std=gnu++17"]
    _run([*language, "-c", str(source), "-o", str(target), *flags])
    return target


def _python_headers() -> list[Path]:
    import numpy as np

    headers = Path(sysconfig.get_path("include"))
    if not (headers / "Python.h").exists():
        raise RuntimeError(f"{headers} has no Python.h. {REMEDY}")
    return [headers, Path(np.get_include())]


def _run(command: list[str]) -> None:
    try:
        done = subprocess.run(command, check=False, capture_output=True, text=True)
    except FileNotFoundError:
        raise RuntimeError(f"{command[0]} is not installed. {REMEDY}") from None
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)} failed:\n{done.stderr[-3000:]}")


# -- from definitions to sources -----------------------------------------------------------------------------------


def _known_idl() -> list[Path]:
    return sorted((PREFIX / "share").glob("*/*/*.idl"))


def _generate(name: str, source: Path, output: Path) -> None:
    import rosidl_adapter.action
    import rosidl_adapter.msg
    import rosidl_adapter.srv
    from rosidl_cli.command.helpers import generate_visibility_control_file
    from rosidl_generator_c import generate_c
    from rosidl_generator_py import generate_py
    from rosidl_generator_type_description import generate_type_hash
    from rosidl_typesupport_c import generate_c as generate_dispatch
    from rosidl_typesupport_fastrtps_c import generate_typesupport_fastrtps_c

    converters = {"msg": rosidl_adapter.msg.convert_msg_to_idl, "srv": rosidl_adapter.srv.convert_srv_to_idl,
                  "action": rosidl_adapter.action.convert_action_to_idl}
    definitions = [(kind, path) for kind in KINDS for path in sorted((source / kind).glob(f"*.{kind}"))]
    idl = [converters[kind](source, name, path.relative_to(source), output / kind)
           for kind, path in definitions]
    relative = [path.relative_to(output) for path in idl]
    common = {
        "package_name": name,
        "output_dir": str(output),
        "idl_tuples": [f"{output}:{path}" for path in relative],
        "ros_interface_dependencies": [f"{path.parents[1].name}:{path}" for path in _known_idl()],
        "target_dependencies": [],
    }

    def arguments(generator: str, **more: object) -> str:
        path = output / f"{generator}.json"
        path.write_text(json.dumps({**common, "template_dir": str(PREFIX / "share" / generator / "resource"), **more}))
        return str(path)

    hashes = generate_type_hash(arguments(
        "rosidl_generator_type_description",
        include_paths=sorted({f"{path.parents[1].name}:{path.parents[1]}" for path in _known_idl()})))
    for generator in ("rosidl_generator_c", WIRE):
        visibility = f"{generator}__visibility_control.h"
        generate_visibility_control_file(
            package_name=name, template_path=PREFIX / "share" / generator / "resource" / f"{visibility}.in",
            output_path=output / "msg" / visibility)
    generate_c(arguments("rosidl_generator_c", type_description_tuples=[f"{p}:{h}" for p, h in zip(relative, hashes)],
                         ros_interface_files=[str(path) for _, path in definitions]))
    generate_typesupport_fastrtps_c(arguments(WIRE))
    generate_dispatch(arguments("rosidl_typesupport_c"), [WIRE])
    generate_py(arguments("rosidl_generator_py"), ["rosidl_typesupport_c"])


if __name__ == "__main__":
    sys.stdout.write(f"{build_all()}\n")
