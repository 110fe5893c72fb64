"""The small breaks of a module: one change each, by cosmic-ray's operators and a few of ours."""

import ast
import difflib
import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import parso
from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code
from cosmic_ray.operators.operator import Operator
from cosmic_ray.operators.provider import OperatorProvider

# Of every operator the neighbours that a slip of the hand would write: all pairs would be mostly noise.
COSMIC = [
    *(f"ReplaceComparisonOperator_{pair}" for pair in ("Eq_NotEq", "NotEq_Eq", "Is_IsNot", "IsNot_Is")),
    *(f"ReplaceComparisonOperator_{pair}" for pair in ("Lt_LtE", "Lt_GtE", "LtE_Lt", "LtE_Gt")),
    *(f"ReplaceComparisonOperator_{pair}" for pair in ("Gt_GtE", "Gt_LtE", "GtE_Gt", "GtE_Lt")),
    *(f"ReplaceBinaryOperator_{pair}" for pair in ("Add_Sub", "Sub_Add", "Mul_FloorDiv", "FloorDiv_Mul")),
    *(f"ReplaceBinaryOperator_{pair}" for pair in ("Mod_Mul", "BitOr_BitAnd", "BitAnd_BitOr")),
    *("ReplaceUnaryOperator_Delete_Not", "ReplaceUnaryOperator_Delete_USub"),
    *("AddNot", "ReplaceAndWithOr", "ReplaceOrWithAnd", "ReplaceTrueWithFalse", "ReplaceFalseWithTrue"),
    *("ReplaceBreakWithContinue", "ReplaceContinueWithBreak", "ZeroIterationForLoop"),
    *("NumberReplacer", "ExceptionReplacer"),
]


class Ours(Operator):
    """An operator that changes the tree in place, at one of the places it names."""

    def places(self, node: Any) -> Iterable[Any]:
        raise NotImplementedError

    def change(self, node: Any, place: Any) -> Any:
        raise NotImplementedError

    def mutation_positions(self, node: Any) -> Iterator[tuple[tuple[int, int], tuple[int, int]]]:
        for place in self.places(node):
            target = place if hasattr(place, "start_pos") else node
            yield target.start_pos, target.end_pos

    def mutate(self, node: Any, index: int) -> Any:
        return self.change(node, list(self.places(node))[index])

    @classmethod
    def examples(cls) -> tuple[()]:
        return ()


class InNotIn(Ours):
    """`in` and `not in` change places."""

    def places(self, node: Any) -> Iterable[Any]:
        return [one for one in _middles(node) if one.get_code().split() in (["in"], ["not", "in"])]

    def change(self, node: Any, place: Any) -> Any:
        other = " in" if place.get_code().split() == ["not", "in"] else " not in"
        node.children[node.children.index(place)] = parso.parse(other)
        return node


def _middles(node: Any) -> list[Any]:
    return node.children[1::2] if node.type == "comparison" else []


class DropStatement(Ours):
    """A call or an in-place change that stands alone is left out."""

    def places(self, node: Any) -> Iterable[Any]:
        if node.type != "simple_stmt":
            return []
        one = node.children[0]
        called = one.type in ("atom_expr", "power") and one.children[-1].get_code().startswith("(")
        changed = one.type == "expr_stmt" and one.children[1].get_code().strip() in ("+=", "-=", "|=", "&=")
        return [one] if called or changed else []

    def change(self, node: Any, place: Any) -> Any:
        node.children[0] = parso.parse(place.get_first_leaf().prefix + "pass")
        return node


class DropKeyword(Ours):
    """One named argument of a call is left out."""

    # Which columns of a locked row are written, or locked along, is a matter of speed.
    SPARED = ("update_fields", "of")

    def places(self, node: Any) -> Iterable[Any]:
        if node.type == "trailer" and node.children[0].value == "(" and len(node.children) == 3:
            inner = node.children[1]
            given = inner.children if inner.type == "arglist" else [inner]
            named = [one for one in given if one.type == "argument" and one.children[1].get_code() == "="]
            return [one for one in named if one.children[0].value not in self.SPARED]
        return []

    def change(self, node: Any, place: Any) -> Any:
        return _without(node, place)


class DropElement(Ours):
    """One element of a set, list, tuple or dictionary as it is written is left out, if another stays."""

    def places(self, node: Any) -> Iterable[Any]:
        if node.type != "atom" or len(node.children) != 3:
            return []
        inner = node.children[1]
        if inner.type not in ("testlist_comp", "dictorsetmaker") or "comp_for" in inner.children[-1].type:
            return []
        found = inner.children[:: 4 if inner.children[1].get_code().strip() == ":" else 2]
        return found if len(found) > 1 else []

    def change(self, node: Any, place: Any) -> Any:
        pairs = node.children[1].type == "dictorsetmaker" and ":" in [
            child.get_code().strip() for child in node.children[1].children
        ]
        return _without(node, place, length=3 if pairs else 1)


def _without(node: Any, place: Any, length: int = 1) -> Any:
    """The brackets without what begins at `place`, and without the comma after it (or before it)."""
    inner = node.children[1]
    if inner is place:
        node.children[1] = parso.parse("")
        return node
    at = inner.children.index(place)
    left, right = inner.children[:at], inner.children[at + length :]
    inner.children = left + right[1:] if right else left[:-1] if len(left) > 2 else left
    return node


class BendSql(Ours):
    """A word of an UPDATE is changed: the database decides by it."""

    WORDS = {" AND ": " OR ", "+ 1": "- 1", "- 1": "+ 1", " < ": " <= ", " > ": " >= ", "id = %s": "id <> %s"}

    def places(self, node: Any) -> Iterable[Any]:
        if node.type != "string" or "UPDATE " not in node.value:
            return []
        return [found for word in self.WORDS for found in re.finditer(re.escape(word), node.value)]

    def change(self, node: Any, place: Any) -> Any:
        node.value = node.value[: place.start()] + self.WORDS[place[0]] + node.value[place.end() :]
        return node


OURS: list[type[Ours]] = [InNotIn, DropStatement, DropKeyword, DropElement, BendSql]


@dataclass(frozen=True)
class Mutant:
    code: str
    diff: str
    lines: frozenset[int]  # of the statement that is changed
    key: str  # the same for the same change to the same function, wherever it stands


def mutants(source: str) -> Iterator[Mutant]:
    """Every mutant of a module, in the order of its lines. Some things are spared: see `_untouched`."""
    tree = ast.parse(source)
    spared, found, seen = _untouched(tree), [], {_meaning(source)}
    for operator in _operators():
        for occurrence, (start, end) in enumerate(_positions(source, operator)):
            code = mutate_code(source, operator, occurrence)
            meaning = _meaning(code)
            if meaning is not None and meaning not in seen and not _inside(start, end, spared):
                seen.add(meaning)
                found.append((start, _mutant(source, code, tree, start[0])))
    yield from (one for _start, one in sorted(found, key=lambda pair: pair[0]))


def _operators() -> Iterator[Operator]:
    provider = OperatorProvider()
    yield from (provider[name]() for name in COSMIC)
    yield from (operator() for operator in OURS)


def _positions(source: str, operator: Operator) -> Iterator[Any]:
    for node in ast_nodes(get_ast(source)):
        yield from operator.mutation_positions(node)


def _meaning(code: str) -> str | None:
    """What the code says, the same for `not a < b` and `a >= b`; None when it is no Python."""
    try:
        return ast.unparse(_Plainly().visit(ast.parse(code)))
    except SyntaxError:
        return None


class _Plainly(ast.NodeTransformer):
    OPPOSITE = {ast.Eq: ast.NotEq, ast.Is: ast.IsNot, ast.In: ast.NotIn, ast.Lt: ast.GtE, ast.Gt: ast.LtE}
    OPPOSITE |= {other: one for one, other in OPPOSITE.items()}

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.AST:
        self.generic_visit(node)
        inner = node.operand
        if isinstance(node.op, ast.Not) and isinstance(inner, ast.UnaryOp) and isinstance(inner.op, ast.Not):
            return inner.operand
        if isinstance(node.op, ast.Not) and isinstance(inner, ast.Compare) and len(inner.ops) == 1:
            return ast.Compare(inner.left, [self.OPPOSITE[type(inner.ops[0])]()], inner.comparators)
        return node


def _mutant(source: str, code: str, tree: ast.Module, line: int) -> Mutant:
    changed = list(difflib.unified_diff(source.splitlines(), code.splitlines(), lineterm="", n=0))[2:]
    diff = "\n".join(row for row in changed if not row.startswith("@@"))
    home = "\n".join(source.splitlines()[row - 1] for row in sorted(_definition(tree, line)))
    offset = line - min(_definition(tree, line))
    key = hashlib.sha256(f"{home}\0{offset}\0{diff}".encode()).hexdigest()[:16]
    return Mutant(code, f"{line}:\n{diff}", frozenset(_statement(tree, line)), key)


def _definition(tree: ast.Module, line: int) -> range:
    """The lines of the outermost function, class or statement that holds the line."""
    return next(range(one.lineno, _end(one) + 1) for one in tree.body if one.lineno <= line <= _end(one))


def _statement(tree: ast.Module, line: int) -> range:
    """The lines of the innermost statement; of one with a body, its head."""
    holding = [one for one in ast.walk(tree) if isinstance(one, ast.stmt) and one.lineno <= line <= _end(one)]
    inner = max(holding, key=lambda one: (one.lineno, -_end(one)))
    body = getattr(inner, "body", None)
    return range(inner.lineno, max(inner.lineno, body[0].lineno - 1) + 1 if body else _end(inner) + 1)


def _end(node: Any) -> int:
    return int(node.end_lineno)


Span = tuple[tuple[int, int], tuple[int, int]]


def _inside(start: tuple[int, int], end: tuple[int, int], spans: list[Span]) -> bool:
    return any(first <= start and end <= last for first, last in spans)


def _untouched(tree: ast.Module) -> list[Span]:
    """No rule: imports and `__all__`, annotations, decorators, what is logged, what an exception prints."""
    found: list[Any] = []
    for node in ast.walk(tree):
        found += [getattr(node, name) for name in ("annotation", "returns") if getattr(node, name, None)]
        found += getattr(node, "decorator_list", [])
        if (
            isinstance(node, ast.Import | ast.ImportFrom)
            or (isinstance(node, ast.Call) and ast.unparse(node.func).startswith("logger."))
            or (isinstance(node, ast.FunctionDef) and node.name == "__str__")
            or (isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__")
            or (isinstance(node, ast.Subscript) and ast.unparse(node.value) == "Callable")
        ):
            found.append(node)
    return [((one.lineno, one.col_offset), (_end(one), one.end_col_offset)) for one in found]
