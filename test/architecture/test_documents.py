"""Documents: links lead somewhere, the index has all of them, and the API pages have all public names."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
from pathlib import Path

import pytest

import speech_gesture_ros

ROOT = Path(__file__).resolve().parents[2]
LINK = re.compile(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)")
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "models" / "default").glob("*.md"),
                    *(ROOT / "tools").glob("*.md")])


def linked(document: Path) -> set[Path]:
    """Return the files and folders that a document links to."""
    return {(document.parent / match[1]).resolve() for match in LINK.finditer(document.read_text())}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_to_files(document: Path) -> None:
    assert [str(path) for path in linked(document) if not path.exists()] == []


def test_the_index_links_to_every_document() -> None:
    documents = {path for path in (ROOT / "docs").rglob("*.md") if path.name != "index.md"}
    assert {str(path) for path in documents - linked(ROOT / "docs" / "index.md")} == set()


def test_the_page_on_the_api_names_what_the_package_exports() -> None:
    table = (ROOT / "docs" / "api.md").read_text().split("./run api")[0]
    rows = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `")]
    assert sorted(name for row in rows for name in re.findall(r"`(\w+)`", row)) == sorted(speech_gesture_ros.__all__)


def test_every_public_name_is_imported_on_first_use_only() -> None:
    code = ("import sys, speech_gesture_ros as package; assert not {'numpy', 'torch', 'pinocchio'} & set(sys.modules); "
            "print(sorted(package.__all__) == sorted(name for name in package.__all__ if getattr(package, name)), "
            "set(package.__all__) <= set(dir(package)))")
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120)
    assert result.stdout.split() == ["True", "True"]
    with pytest.raises(AttributeError, match="has no attribute 'Robot'"):
        speech_gesture_ros.Robot  # noqa: B018


def test_the_api_pages_are_built_without_a_warning_and_have_every_public_name(tmp_path: Path) -> None:
    pytest.importorskip("pdoc")
    spec = importlib.util.spec_from_file_location("build_api_pages", ROOT / "tools" / "build_api_pages.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.build_pages(tmp_path)  # warnings are errors
    page = (tmp_path / "speech_gesture_ros.html").read_text()
    assert [name for name in speech_gesture_ros.__all__ if f'id="{name}"' not in page] == []
    assert (tmp_path / "index.html").is_file()
