"""Names, docstrings, messages and documents use the terms of docs/glossary.md; public names are unique."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections import defaultdict
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

# Words that hide a term of the field, with the term to use instead.
BANNED = {
    "told": "reported, commanded, sent, logged", "tell": "report, command, send", "tells": "reports, sends",
    "telling": "reporting, sending",
    "wish": "request", "wishes": "requests", "wished": "requested", "promise": "failsafe trajectory, guarantee",
    "promises": "failsafe trajectories, guarantees", "promised": "published, guaranteed",
    "nobody": "no subscriber, no node", "somebody": "another node, a user", "whoever": "the node that",
    "anew": "again", "farewell": "stop window",
    "unhurried": "slow", "outlook": "look-ahead", "obey": "apply", "worry": "fault", "astray": "tracking error",
    "stranger": "unknown name", "strangers": "unknown names", "entangled": "in collision", "practise": "solve",
    "heard": "received", "hear": "receive", "hears": "receives", "ours": "of this package, commanded",
    "rehearsal": "closed-loop simulation", "believe": "accept", "believes": "accepts", "believed": "accepted",
    "mend": "repair", "mended": "repaired",
}
# Words that are names in files of other versions.
ALLOWED = {
    "speech_gesture_ros/networks/bundle_upgrade.py": {"outlook"},  # name in old bundles
    "test/worlds/browser.py": {"promise"},  # parameter of the DevTools protocol
    "config/training/face_texts.yaml": {"ours", "heard"},  # sentences to be spoken
}
TEXTS = (".md", ".rst", ".yaml", ".yml")
THIS = Path(__file__).resolve()
WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")


def _files(*suffixes: str) -> list[Path]:
    tops = ("speech_gesture_ros", "test", "launch", "docs", "config", "tools", "examples", "models")
    found = [p for top in tops for p in (ROOT / top).rglob("*") if p.suffix in suffixes]
    found += [p for p in ROOT.iterdir() if p.suffix in suffixes]
    return sorted(p for p in found if p != THIS)


def _words_of_code(path: Path) -> list[tuple[int, str]]:
    """Words of names, comments and strings, each with its line."""
    tokens = tokenize.generate_tokens(io.StringIO(path.read_text()).readline)
    wanted = {tokenize.NAME, tokenize.COMMENT, tokenize.STRING, getattr(tokenize, "FSTRING_MIDDLE", tokenize.STRING)}
    return [(token.start[0] + token.string[:match.start()].count("\n"), match[0].lower())
            for token in tokens if token.type in wanted for match in WORD.finditer(token.string)]


def _words_of_text(path: Path) -> list[tuple[int, str]]:
    lines = path.read_text().splitlines()
    return [(i, match[0].lower()) for i, line in enumerate(lines, 1) for match in WORD.finditer(line)]


@pytest.mark.parametrize("path", _files(".py", *TEXTS), ids=lambda p: str(p.relative_to(ROOT)))
def test_the_words_are_those_of_the_glossary(path: Path) -> None:
    words = _words_of_code(path) if path.suffix == ".py" else _words_of_text(path)
    banned = set(BANNED) - ALLOWED.get(path.relative_to(ROOT).as_posix(), set())
    found = [f"line {line}: {word!r}, say: {BANNED[word]}" for line, word in words if word in banned]
    assert not found, "\n".join(found)


def test_a_banned_word_would_be_found(tmp_path: Path) -> None:
    path = tmp_path / "module.py"
    path.write_text('"""Say it."""\n\n\ndef takeWish(x):\n    """One.\n\n    Told.\n    """\n'
                    '    return f"{x} anew"  # nobody\n')
    words = [(line, word) for line, word in _words_of_code(path) if word in BANNED]
    assert words == [(4, "wish"), (7, "told"), (9, "anew"), (9, "nobody")]


def test_public_class_names_are_unique() -> None:
    places = defaultdict(list)
    for path in sorted((ROOT / "speech_gesture_ros").rglob("*.py")):
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                places[node.name].append(path.relative_to(ROOT).as_posix())
    assert not {name: found for name, found in places.items() if len(found) > 1}


def test_docstrings_begin_with_a_noun_or_a_verb() -> None:
    clauses = []
    for path in _files(".py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
                continue
            text = ast.get_docstring(node) or ""
            if re.match(r"(What|Where|Whether|How|Who|Whose|Which|When|Why|As)\b", text):
                clauses.append(f"{path.relative_to(ROOT)}:{getattr(node, 'lineno', 1)}: {text.splitlines()[0]}")
    assert not clauses, "\n".join(clauses)
