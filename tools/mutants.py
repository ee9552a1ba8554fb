"""Mutation test: make small random changes to the source, run the tests concerned, report which are noticed.

    python tools/mutants.py                    150 changes of each area, seed 10
    python tools/mutants.py control --count 0  all changes of one area

A first run of the tests of an area records the functions that each test calls. Then each change is made in a process of
its own, in memory; files stay as they are. The tests that call the changed function run, the quickest first, until one
fails; all tests where the change acts while modules are imported. A change is noticed if a test fails or takes far too
long, also when it runs alone, and passes alone without the change.

Results are kept in build/mutants/: a run that was ended goes on, and changes that were noticed are not tried again
until their file is edited. A change that no test notices is explained by its name in docs/mutants.md, or needs a test.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib
import json
import os
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from mutant_changes import Change, list_changes
from mutant_runs import PACKAGE, ROOT, record_calls, try_at_import, try_functions

RESULTS = ROOT / "build" / "mutants"
EXPLAINED = ROOT / "docs" / "mutants.md"
AREAS = {
    "control": (["control"], ["test/control"]),
    "robot": (["robot"], ["test/robot", "test/retargeting"]),
    "agent": (["agent/motion_state.py", "agent/engagement.py", "agent/inhibitors.py", "agent/robot_monitor.py",
               "agent/clock_monitor.py", "agent/window_sender.py"], ["test/agent"]),
}  # name: sources, tests; later tests are run with the changes that earlier ones do not notice
LIBRARIES = ("numpy", "scipy.spatial", "scipy.optimize", "yaml", "pinocchio", "coal", "daqp", "mujoco", "trimesh")
NOTICED_SHARE = 0.9  # smallest share of noticed changes


def digest(paths: Iterable[Path]) -> str:
    """Return a hash of files."""
    return hashlib.sha256(b"".join(path.read_bytes() for path in sorted(paths))).hexdigest()[:12]


def sample(changes: Sequence[Change], count: int, seed: int) -> list[Change]:
    """Return `count` changes drawn at random, all if 0; an edit elsewhere in the code leaves the others drawn."""
    drawn = sorted(changes, key=lambda change: hashlib.sha256(f"{seed}:{change.name}".encode()).digest())
    return drawn[:count or None]


def try_area(area: str, count: int, seed: int) -> bool:
    """Try changes of one area and print the result; return whether enough are noticed and the others explained."""
    sources, folders = AREAS[area]
    files = [file for source in sources for file in
             (sorted((PACKAGE / source).rglob("*.py")) if (PACKAGE / source).is_dir() else [PACKAGE / source])]
    changes = [change for file in files for change in list_changes(file, ROOT)]
    chosen = sample(changes, count, seed)
    say(f"{area}: {len(chosen)} of {len(changes)} changes")
    RESULTS.mkdir(parents=True, exist_ok=True)
    store = RESULTS / f"{area}.jsonl"
    known = read_results(store)
    tests = digest(path for folder in folders for path in (ROOT / folder).rglob("*.py"))
    versions = {file: digest([file]) for file in files}
    todo = [change for change in chosen if not {key := f"{change.name} {versions[change.path]}", f"{key} {tests}"}
            & set(known)]

    def take(change: Change, test: str) -> None:
        key = f"{change.name} {versions[change.path]}"
        with store.open("a") as out:
            out.write(json.dumps([key if test else f"{key} {tests}", test]) + "\n")

    for folder in folders if todo else []:
        recorder = record_calls([folder])
        at_import = [change for change in todo if recorder.acts_at_import(change)]
        try_functions([change for change in todo if change not in at_import], recorder, [folder], take)
        for change in at_import:
            take(change, try_at_import(change, recorder))
        known = read_results(store)
        todo = [change for change in todo if f"{change.name} {versions[change.path]}" not in known]
    explained = EXPLAINED.read_text(encoding="utf-8") if EXPLAINED.exists() else ""
    missed = [change for change in chosen if f"{change.name} {versions[change.path]}" not in known]
    unexplained = [change for change in missed if change.name not in explained]
    for change in missed:
        say(f"{'open' if change in unexplained else 'explained'} {change.name} {change.path.relative_to(ROOT)}:"
            f"{change.line} {change.function}, {change.kind}: {change.text}")
    share = 1 - len(missed) / len(chosen)
    say(f"{area}: {len(chosen) - len(missed)} of {len(chosen)} noticed ({share:.1%}), "
        f"{len(missed) - len(unexplained)} explained, {len(unexplained)} open")
    return share >= NOTICED_SHARE and not unexplained


def read_results(store: Path) -> dict[str, str]:
    """Return which test noticed a change, by name and version of the change; "" where none did."""
    return dict(json.loads(line) for line in store.read_text().splitlines()) if store.exists() else {}


def say(text: str) -> None:
    """Print a line at once."""
    print(text, flush=True)  # noqa: T201


def main() -> None:
    """Read the arguments and try the areas."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("area", nargs="*", help=f"areas: {', '.join(AREAS)} (default: all)")
    parser.add_argument("--count", type=int, default=150, help="changes of each area; 0: all (default: 150)")
    parser.add_argument("--seed", type=int, default=10, help="seed of the draw (default: 10)")
    arguments = parser.parse_args()
    if unknown := set(arguments.area) - set(AREAS):
        parser.error(f"unknown area {sorted(unknown)[0]}; known: {', '.join(AREAS)}")
    if arguments.count < 0:
        parser.error(f"--count {arguments.count} is negative")
    os.chdir(ROOT)
    os.nice(10)
    os.environ["OMP_NUM_THREADS"] = "1"
    for library in LIBRARIES:  # imported once, not in every child
        importlib.import_module(library)
    from hypothesis import Phase, settings
    settings.register_profile("mutants", database=None, phases=[Phase.explicit, Phase.generate], print_blob=False)
    settings.load_profile("mutants")
    sys.path.remove(str(Path(__file__).parent))
    results = [try_area(area, arguments.count, arguments.seed) for area in arguments.area or AREAS]
    sys.exit(not all(results))


if __name__ == "__main__":
    main()
