"""Is the text of a rule in the language of rules?"""

from __future__ import annotations

import ast

from s2sad.ops.arrays.core import ARRAY_OPS
from s2sad.ops.arrays.declare import ArrayOp
from s2sad.ops.arrays.helpers import HELPERS
from tests.array_eval import Case, Seen, adjoint, bind, call, slots_of, text_of

_PARTS = (
    ast.Expression, ast.Name, ast.Load, ast.Attribute, ast.Call, ast.keyword, ast.Constant,
    ast.BinOp, ast.UnaryOp, ast.Compare, ast.Subscript, ast.Slice, ast.Tuple, ast.IfExp,
    ast.operator, ast.unaryop, ast.cmpop,
)  # fmt: skip


def _dotted(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return f"{_dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else "…"


def outside(text: str, op: ArrayOp) -> set[str]:
    """What a rule has that is not of the language of rules, and unknown functions."""
    known = {p.name for p in op.params} | {f"{p.name}_dot" for p in op.params}
    found = set()
    for node in ast.walk(ast.parse(text, mode="eval")):
        match node:
            case ast.Call(func=func, args=args, keywords=keywords):
                name = _dotted(func)
                called = ARRAY_OPS.get(name)
                if called is not None:
                    params = called.params
                    found |= {k.arg or "**" for k in keywords} - {p.name for p in params}
                    if not any(p.starred for p in params) and len(args) > len(params):
                        found.add(f"{name} of {len(args)}")
                elif name not in ("min", "max"):
                    found.add(name)
            case ast.Attribute(attr=attr) if _dotted(node).partition(".")[0] not in (
                "np",
                "scipy",
            ):
                found |= {attr} - {"T", "shape", "size"}
            case ast.Name(id=name):
                if name not in known | {"y", "y_bar", "np", "scipy", "min", "max", *HELPERS}:
                    found.add(name)
            case _ if not isinstance(node, _PARTS):
                found.add(type(node).__name__)
    return found


def rules(case: Case) -> list[str]:
    """The texts that a call uses."""
    op, bound = ARRAY_OPS[case.op], bind(case)
    y = call(case, bound)
    of = case.of or (tuple(range(len(y))) if isinstance(y, tuple | list) else ())
    facts = Seen(op, {**bound, "y": y, "y_bar": y}, of)
    texts = []
    for slot in slots_of(bound, op, case.wrt):
        texts.append(adjoint(op, slot, facts))
        if slot[0] in op.tangents:
            texts.append(text_of(op.tangents[slot[0]], facts))
    return [text for text in texts if text]
