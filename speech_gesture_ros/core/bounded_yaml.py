"""YAML text to plain values, with bounds on depth and on what aliases add.

An alias repeats an anchored node. Ten lines of nested aliases stand for billions of nodes, which need no memory until
something walks over them. So the nodes that the text stands for are counted from the parser's events before any value
is made.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import yaml

MAX_DEPTH = 100  # of nested lists and mappings
MAX_ALIAS_NODES = 10_000  # that aliases add, merged mappings included

_SAFE_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the compiled one where PyYAML has it
_UNITS = {"!degrees": math.radians, "!radians": float}  # tags of xacro and of robot drivers


class _Loader(_SAFE_LOADER):  # type: ignore[misc]
    """Safe loader that converts angles with a unit to radians."""

    def angle(self, node: yaml.ScalarNode) -> float:
        """Return the value of a number with a unit [rad]."""
        try:
            return _UNITS[node.tag](float(self.construct_scalar(node)))
        except ValueError as error:
            raise yaml.constructor.ConstructorError(None, None, f"{node.tag} {node.value}: must be a number",
                                                    node.start_mark) from error


for _tag in _UNITS:
    _Loader.add_constructor(_tag, _Loader.angle)


def parse_yaml(text: str) -> Any:
    """Return the value of a YAML document.

    Raises:
        ValueError: If the text is not YAML, beyond a bound, or has a value that Python cannot represent.
    """
    try:
        _check_events(text)
        return yaml.load(text, Loader=_Loader)  # a safe loader: plain values only
    except yaml.YAMLError as error:
        raise ValueError(str(error)) from error
    except (OverflowError, RecursionError) as error:
        raise ValueError(f"a value is out of range: {error}") from error


@dataclass
class _OpenNode:
    anchor: str | None
    size: int = 1


def _check_events(text: str) -> None:
    """Check depth and number of the nodes that a text stands for."""
    open_nodes, added = [_OpenNode(None)], 0
    sizes: dict[str, int] = {}  # by anchor
    for event in yaml.parse(text, Loader=_SAFE_LOADER):
        if isinstance(event, yaml.CollectionStartEvent):
            open_nodes.append(_OpenNode(event.anchor))
            if len(open_nodes) > MAX_DEPTH + 1:
                raise ValueError(f"lists and mappings are nested deeper than {MAX_DEPTH}")
            if event.anchor is not None:
                sizes.pop(event.anchor, None)
        elif isinstance(event, yaml.CollectionEndEvent):
            node = open_nodes.pop()
            open_nodes[-1].size += node.size
            if node.anchor is not None:
                sizes[node.anchor] = node.size
        elif isinstance(event, yaml.ScalarEvent):
            open_nodes[-1].size += 1
            if event.anchor is not None:
                sizes[event.anchor] = 1
        elif isinstance(event, yaml.AliasEvent):
            anchor = str(event.anchor)
            if anchor not in sizes and any(node.anchor == anchor for node in open_nodes):
                raise ValueError(f"the node {anchor[:40]!r} contains itself")
            size = sizes.get(anchor, 1)
            open_nodes[-1].size += size
            added += size
            if added > MAX_ALIAS_NODES:
                raise ValueError(f"aliases add more than {MAX_ALIAS_NODES} nodes")
