"""The table of scalar primitives: name, type rule, derivative rule, bounds.

PRIMITIVES["sqrt"].partials          ("0.5 / y if y else math.inf",)
lookup_callable("math.sqrt", 1)      "sqrt"
lookup_operator("Add")               "add"
variadic_partials("hypot", 2)        ("x0 / y if y else 0.0", "x1 / y if y else 0.0")
"""

from __future__ import annotations

from s2sad.ops.derived import DERIVED
from s2sad.ops.families import DECLARATIONS
from s2sad.ops.families.variadic import variadic_partials
from s2sad.ops.helpers import HELPERS
from s2sad.ops.primitive import Declaration, Primitive

__all__ = [
    "HELPERS",
    "PRIMITIVES",
    "REFUSED",
    "TOTAL",
    "Primitive",
    "lookup_callable",
    "lookup_operator",
    "variadic_partials",
]


def _complete(declaration: Declaration) -> Primitive:
    primitive = declaration.primitive
    if not declaration.symbolic:
        return primitive
    partials, textbook = DERIVED[primitive.name]
    return primitive._replace(partials=partials, textbook=textbook)


# Before the name of a function of the user's own of which no derivative is known.
UNKNOWN = "unknown."

PRIMITIVES: dict[str, Primitive] = {d.primitive.name: _complete(d) for d in DECLARATIONS}

# Sums and products: they cannot raise, so that it does not matter when they are computed.
# They are what may leave a loop, and what prints where it is used.
TOTAL = frozenset(("add", "sub", "mul", "neg", "pos"))

_OF_INTEGERS = "it is defined for integers only, which have no derivative"
_OF_BITS = "it works on the bits of an integer, which have no derivative"

# Primitives that take inactive arguments only, with the reason.
REFUSED: dict[str, str] = {
    **dict.fromkeys(
        ("comb", "perm", "perm_all", "factorial", "isqrt", "gcd", "lcm", "pow_modulo"),
        _OF_INTEGERS,
    ),
    **dict.fromkeys(("bitand", "bitor", "bitxor", "lshift", "rshift", "invert"), _OF_BITS),
}

_OPERATORS = {
    "Add": "add",
    "Sub": "sub",
    "Mult": "mul",
    "Div": "div",
    "FloorDiv": "floordiv",
    "Mod": "mod",
    "Pow": "pow",
    "USub": "neg",
    "UAdd": "pos",
    "Not": "not_",
    "Lt": "lt",
    "LtE": "le",
    "Gt": "gt",
    "GtE": "ge",
    "Eq": "eq",
    "NotEq": "ne",
    "BitAnd": "bitand",
    "BitOr": "bitor",
    "BitXor": "bitxor",
    "LShift": "lshift",
    "RShift": "rshift",
    "Invert": "invert",
}

_ANY = -1


def _callables() -> dict[tuple[str, int], tuple[str, ...]]:
    """(dotted name, number of arguments) → the primitives, read off how they print."""
    found: dict[tuple[str, int], tuple[str, ...]] = {
        ("divmod", 2): ("floordiv", "mod"),
        ("pow", 2): ("pow",),
        # The start of a sum is one more term, before the others.
        ("sum", 2): ("sum",),
    }
    for primitive in PRIMITIVES.values():
        name, call, arguments = primitive.python.partition("(")
        if not call or not name.replace(".", "").replace("_", "").isalnum():
            continue
        count = _ANY if arguments == "*x)" else len(primitive.params)
        found[name, count] = (*found.get((name, count), ()), primitive.name)
    return found


_CALLABLES = _callables()


def lookup_operator(kind: str) -> str | None:
    """The primitive of an operator class of `ast`, None if there is none."""
    return _OPERATORS.get(kind)


def lookup_callable(dotted: str, count: int) -> str | tuple[str, ...] | None:
    """The primitive of a callable with so many arguments, None if there is none.

    A tuple of names where the callable returns a tuple (`math.modf`, `math.frexp`,
    `divmod`). `max`, `min`, `math.gcd`, … take any number of arguments; a single one of
    `max` or `min`, and those of `sum`, `math.fsum`, `math.prod`, `math.dist` and
    `math.sumprod`, are sequences, whose elements are the primitive's arguments.
    """
    name = dotted.removeprefix("builtins.")
    names = _CALLABLES.get((name, count)) or _CALLABLES.get((name, _ANY), ())
    return names[0] if len(names) == 1 else names or None
