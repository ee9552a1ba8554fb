"""Small changes of Python source that tests should notice: operators, bounds, constants, statements."""

from __future__ import annotations

import ast
import copy
import hashlib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

COMPARISONS = {ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq,
               ast.NotEq: ast.Eq, ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In}
NEGATIONS = {ast.Lt: ast.GtE, ast.LtE: ast.Gt, ast.Gt: ast.LtE, ast.GtE: ast.Lt}
OPERATORS = {ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.FloorDiv: ast.Mult,
             ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd}
NAMES = dict(pair for one, other in (("min", "max"), ("minimum", "maximum"), ("argmin", "argmax"), ("floor", "ceil"),
                                     ("any", "all"), ("left", "right")) for pair in ((one, other), (other, one)))

WITHOUT_EFFECT = ("annotation", "returns", "decorator_list", "type_params")  # fields of nodes that are left as they are


@dataclass(frozen=True)
class Change:
    """One change of one file.

    Attributes:
        path: The file.
        source: Its text.
        site: Number of the change in the file.
        line: Line of the change.
        function: Name of the function or method that contains it; "" at the level of the module or of a class.
        first_line: Line on which that function begins (its first decorator); 0 without a function.
        kind: Kind of the change.
        text: Code before and after.
        name: Hash of file, function and text: stays the same while other lines are added or removed.
    """

    path: Path
    source: str
    site: int
    line: int
    function: str
    first_line: int
    kind: str
    text: str
    name: str


def list_changes(path: Path, root: Path) -> list[Change]:
    """Return all changes of a file in the order of the syntax tree; names use the path from `root`."""
    source = path.read_text(encoding="utf-8")
    changes: list[Change] = []
    repeated: Counter[str] = Counter()
    for site, (node, function, index) in enumerate(_sites(ast.parse(source))):
        twin = copy.deepcopy(node)
        kind, apply = list(_changes_of(twin))[index]
        apply()
        text = f"{_one_line(node)} -> {'(dropped)' if kind == 'statement' else _one_line(twin)}"
        key = f"{path.relative_to(root)}:{function.name if function else ''}:{text}"
        name = hashlib.sha256(f"{key}:{repeated[key]}".encode()).hexdigest()[:8]
        repeated[key] += 1
        first = min([function.lineno, *(d.lineno for d in function.decorator_list)]) if function else 0
        changes.append(Change(path, source, site, node.lineno, function.name if function else "", first, kind, text,
                              name))
    return changes


def changed_tree(change: Change) -> ast.Module:
    """Return the syntax tree of the file with the change made."""
    tree = ast.parse(change.source)
    node, _, index = list(_sites(tree))[change.site]
    list(_changes_of(node))[index][1]()
    return ast.fix_missing_locations(tree)


def _one_line(node: ast.AST) -> str:
    return " ".join(ast.unparse(node).split())[:100]


def _sites(tree: ast.Module) -> Iterator[tuple[ast.expr | ast.stmt, ast.FunctionDef | None, int]]:
    """Yield each node that can be changed, its outermost function, and the number of the change among the node's."""
    pending: list[tuple[ast.AST, ast.FunctionDef | None]] = [(tree, None)]
    while pending:
        node, function = pending.pop()
        inside = node if isinstance(node, ast.FunctionDef) and function is None else function
        # Default values of arguments are computed where the function is defined, not in it.
        pending.extend((child, function if child is getattr(node, "args", None) else inside)
                       for child in reversed(list(_relevant_children(node))))
        if isinstance(node, (ast.expr, ast.stmt)):
            for index in range(len(list(_changes_of(node)))):
                yield node, function, index


def _relevant_children(node: ast.AST) -> Iterator[ast.AST]:
    """Yield the children without annotations, texts and error messages: changes there alter no behaviour."""
    if isinstance(node, (ast.JoinedStr, ast.Raise, ast.Import, ast.ImportFrom)):
        return
    for field, value in ast.iter_fields(node):
        if field in WITHOUT_EFFECT or (field == "test" and _is_type_checking(value)):
            continue
        yield from (v for v in (value if isinstance(value, list) else [value]) if isinstance(v, ast.AST))


def _is_type_checking(node: object) -> bool:
    return isinstance(node, ast.Name) and node.id == "TYPE_CHECKING"


def _changes_of(node: ast.AST) -> Iterator[tuple[str, Callable[[], None]]]:
    if isinstance(node, ast.Compare):
        for i, op in enumerate(node.ops):
            for table in (COMPARISONS, NEGATIONS):
                if type(op) in table:
                    yield "comparison", _put(node.ops, i, table[type(op)]())
    elif isinstance(node, (ast.BinOp, ast.AugAssign)) and type(node.op) in OPERATORS:
        yield "sign", _set(node, "op", OPERATORS[type(node.op)]())
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        yield "sign", _set(node, "op", ast.UAdd())
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, (ast.Not, ast.Invert)):
        yield "boolean", _become(node, node.operand)
    elif isinstance(node, ast.BoolOp):
        yield "boolean", _set(node, "op", ast.Or() if isinstance(node.op, ast.And) else ast.And())
    elif isinstance(node, ast.Constant) and isinstance(node.value, bool):
        yield "boolean", _set(node, "value", not node.value)
    elif isinstance(node, ast.Constant) and isinstance(node.value, int):
        yield "off by one", _set(node, "value", node.value + 1)
    elif isinstance(node, ast.Call) and (attribute := _name_of(node.func)):
        field, old = attribute
        if old in NAMES:
            yield "min/max", _set(node.func, field, NAMES[old])
    elif isinstance(node, ast.Dict) and len(node.keys) > 1:
        for i in range(len(node.keys)):
            yield "table", _drop_entry(node, i)
    if _can_be_dropped(node):
        yield "statement", _become(node, ast.Pass())


def _name_of(function: ast.expr) -> tuple[str, str] | None:
    if isinstance(function, ast.Name):
        return "id", function.id
    return ("attr", function.attr) if isinstance(function, ast.Attribute) else None


def _can_be_dropped(node: ast.AST) -> bool:
    """Return whether a statement can go and names stay defined: calls, raises, jumps, stores to objects."""
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Call)
    if isinstance(node, ast.Assign):
        return all(isinstance(target, (ast.Attribute, ast.Subscript)) for target in node.targets)
    return isinstance(node, (ast.AugAssign, ast.Raise, ast.Continue, ast.Break))


def _set(node: ast.AST, field: str, value: object) -> Callable[[], None]:
    return lambda: setattr(node, field, value)


def _put(values: list[ast.cmpop], index: int, value: ast.cmpop) -> Callable[[], None]:
    return lambda: values.__setitem__(index, value)


def _drop_entry(node: ast.Dict, index: int) -> Callable[[], None]:
    def apply() -> None:
        del node.keys[index], node.values[index]
    return apply


def _become(node: ast.AST, other: ast.AST) -> Callable[[], None]:
    """Return a function that turns a node into another one in place."""
    def apply() -> None:
        node.__class__ = type(other)  # type: ignore[assignment]
        node.__dict__ = {**other.__dict__, "lineno": node.lineno, "col_offset": node.col_offset}
    return apply
