"""Names of cached results: a hash of the values and of the source code that a result depends on."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType


def fingerprint(values: object, *sources: ModuleType) -> str:
    """Return 16 hexadecimal digits that change with the values and with the code.

    Args:
        values: Anything that JSON can hold.
        sources: Modules, and packages with all modules directly in them.
    """
    digest = hashlib.sha256(json.dumps(values, sort_keys=True).encode())
    for source in sources:
        for path in _files(source):
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _files(source: ModuleType) -> Iterator[Path]:
    if hasattr(source, "__path__"):
        yield from sorted(Path(source.__path__[0]).glob("*.py"))
    else:
        assert source.__file__ is not None
        yield Path(source.__file__)
