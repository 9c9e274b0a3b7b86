"""Types of array results, against what NumPy returns, over the calls of the rules' tests."""

from __future__ import annotations

import ast
import operator
import random
import warnings
from collections.abc import Sequence
from itertools import product
from typing import Any

import numpy as np
import pytest

from s2sad.ops.arrays.core import ARRAY_OPS
from s2sad.ops.arrays.declare import REQUIRED, constant
from s2sad.ops.arrays.dims import Dim, Result, Type, broadcast_dim, evaluate, shifted, symbol
from s2sad.ops.arrays.infer import (
    Arr,
    Known,
    Num,
    ShapeError,
    Size,
    Sizes,
    Slice,
    Undetermined,
    infer,
    infer_index,
    infer_operator,
)
from tests.array_cases_basic import CASES as BASIC
from tests.array_cases_linalg import CASES as LINALG
from tests.array_cases_products import CASES as PRODUCTS
from tests.array_cases_selection import CASES as SELECTION
from tests.array_eval import Case, bind, call

F = "float64"


def arr(*dims: Dim, dtype: str = F) -> Arr:
    return Arr(dtype, dims)


# --- Claims hold at every size ---------------------------------------------------


class Naming:
    """Types of values: sizes under names, which have the values of this call."""

    def __init__(self, how: str) -> None:
        self.how = how
        self.values: dict[str, int] = {}
        self.arrays = 0

    def type_of(self, value: Any) -> Type:
        if isinstance(value, np.ndarray | np.generic):
            self.arrays += 1
            named = [self.dim(size, axis) for axis, size in enumerate(value.shape)]
            return Arr(value.dtype.name, tuple(named))
        if isinstance(value, float | complex) and self.how != "exact":
            return Num(type(value).__name__)
        return Known(value)

    def dim(self, size: int, axis: int) -> Dim:
        if self.how == "exact":
            return size
        own = f"a{self.arrays}.{axis}"
        base = f"n{size}" if self.how == "equal" else own
        if size == 1:
            base = f"?{base}"
        if self.how == "unknown":
            return "?"
        if self.how == "shifted":
            self.values[base] = size + 2
            return f"{base}.m2"
        self.values[base] = size
        return base


def holds(claim: Result, actual: Any, values: dict[str, int]) -> None:
    if isinstance(claim, tuple):
        assert isinstance(actual, tuple | list)
        assert len(actual) == len(claim)
        for one, other in zip(claim, actual, strict=True):
            holds(one, other, values)
        return
    if isinstance(claim, Num):
        assert type(actual).__name__ == claim.kind
        return
    assert isinstance(actual, np.ndarray | np.generic)
    assert (claim.dtype, len(claim.dims)) == (actual.dtype.name, actual.ndim)
    for dim, size in zip(claim.dims, actual.shape, strict=True):
        base = dim if isinstance(dim, int) else symbol(dim).base
        if dim != "?":
            assert isinstance(base, int) or base in values
            assert evaluate(dim, values) == size, (claim, actual.shape, values)


ALL = [*(case for cases in BASIC.values() for case in cases), *PRODUCTS, *LINALG, *SELECTION]


def by_name() -> dict[str, list[Case]]:
    """One case of each text: the others have the same sizes."""
    found: dict[str, dict[str, Case]] = {}
    for case in ALL:
        # Of nothing NumPy counts in ints, whatever the weights are.
        empty = case.op == "np.bincount" and not np.size(case.args[0])
        # Vectors of unknown size are taken for those of space.
        plane = case.op == "np.cross" and any(np.shape(a)[-1:] == (2,) for a in case.args[:2])
        if not case.op.startswith("_") and not empty and not plane:
            found.setdefault(case.op, {}).setdefault(str(case), case)
    return {name: list(cases.values()) for name, cases in found.items()}


CALLS = by_name()


@pytest.mark.parametrize("how", ["exact", "distinct", "equal", "shifted", "unknown"])
@pytest.mark.parametrize("name", CALLS)
def test_claims_hold(name: str, how: str) -> None:
    vague = 0
    for case in CALLS[name]:
        op, bound = ARRAY_OPS[case.op], bind(case)
        naming = Naming(how)
        types: list[Type] = []
        for param in op.params:
            values = bound[param.name] if param.rest else [bound[param.name]]
            types += [naming.type_of(value) for value in values]
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            actual = call(case, bound)
        try:
            claim = infer(op, types)
        except Undetermined:
            assert how != "exact"
            continue
        except ShapeError as error:
            # Shifted sizes are never those that NumPy takes for equal to others.
            if how != "shifted":
                pytest.fail(f"{case} of {types}: {error}")
            continue
        holds(claim, actual, naming.values)
        vague += "?" in str(claim)
    assert how != "exact" or not vague or op.varies


def test_the_sizes_that_matter_are_found() -> None:
    x, w = arr("x.0", "x.1"), arr("y.0", "y.1")
    wanted: list[tuple[str, tuple[Type, ...], Result]] = [
        ("np.sum", (x, Known(0), Known(None), Known(False)), arr("x.1")),
        ("np.sum", (x, Known(-1), Known(None), Known(True)), arr("x.0", 1)),
        ("np.matmul", (x, w), arr("x.0", "y.1")),
        ("np.matmul", (arr("b.0", "x.0", "x.1"), w), arr("b.0", "x.0", "y.1")),
        ("np.matmul", (arr("?b", 2, 3), arr("?c", 3, 4)), arr("?", 2, 4)),
        ("np.linalg.solve", (x, arr("y.0")), arr("x.0")),
        ("np.linalg.inv", (arr("b.0", "x.0", "x.0"),), arr("b.0", "x.0", "x.0")),
        ("np.concatenate", (arr("x.0"), arr("y.0"), Known(0)), arr("?")),
        ("np.concatenate", (arr("x.0.m2"), arr(1), arr(1), Known(0)), arr("x.0.m2.p2")),
        ("np.stack", (arr("x.0"), arr("y.0"), Known(-1)), arr("x.0", 2)),
        ("np.diff", (x, Known(1), Known(-1)), arr("x.0", "x.1.m1")),
        ("np.transpose", (x, Known(None)), arr("x.1", "x.0")),
        ("np.zeros", (Sizes(("x.0", 3)), Known(None)), arr("x.0", 3)),
        ("np.zeros", (Num("int"), Known(None)), arr("?")),
        ("np.ones", (Known((10**6, 10**6)), Known("float32")),
         arr(10**6, 10**6, dtype="float32")),
        ("np.eye", (Size("x.0"), Known(None), Known(0), Known(None)), arr("x.0", "x.0")),
        ("np.arange", (Size("x.0"), Known(None), Known(1)), arr("x.0", dtype="int64")),
        ("np.reshape", (x, Known(-1), Known("C")), arr("?")),
        ("np.reshape", (arr("x.0"), Known((-1, 1)), Known("C")), arr("x.0", 1)),
        ("np.reshape", (arr(12, 4), Known((-1, 6)), Known("C")), arr(8, 6)),
        ("np.maximum", (x, Num("float")), arr("x.0", "x.1")),
        ("np.repeat", (arr("x.0"), Num("int"), Known(None)), arr("?")),
        ("np.isnan", (arr("x.0"),), arr("x.0", dtype="bool")),
        ("np.nonzero", (x,), (arr("?", dtype="int64"),) * 2),
        ("np.linalg.norm", (x, Known(None), Known(None), Known(False)), arr()),
        ("np.pad", (arr("x.0"), Known(1), Known("constant"), Known(0)), arr("x.0.p2")),
    ]  # fmt: skip
    for name, args, result in wanted:
        assert infer(ARRAY_OPS[name], args) == result, name
    svd = infer(constant("np.linalg.svd", "a, full_matrices=True"), (x, Known(False)))
    assert svd == (arr("x.0", "?"), arr("?"), arr("?", "x.1"))


def test_what_depends_on_a_value_is_said_to() -> None:
    total = ARRAY_OPS["np.sum"]
    with pytest.raises(Undetermined):
        infer(total, (arr("x.0"), Known(None), Known(None), Num("bool")))
    by_axis = infer(total, (arr("x.0", "x.1"), Num("int"), Known(None), Known(False)))
    assert by_axis == arr("?")


def test_sizes_that_cannot_work_raise() -> None:
    with pytest.raises(ShapeError, match=r"ValueError: .*mismatch"):
        infer(ARRAY_OPS["np.matmul"], (arr("x.0", 3), arr(4, "y.1")))
    with pytest.raises(ShapeError, match="AxisError"):
        infer(ARRAY_OPS["np.sum"], (arr("x.0"), Known(1), Known(None), Known(False)))
    with pytest.raises(ShapeError, match="broadcast"):
        infer_operator("add", (arr(3), arr(4)))
    with pytest.raises(ShapeError, match="ValueError: cannot reshape"):
        infer(ARRAY_OPS["np.reshape"], (arr(12), Known((5, -1)), Known("C")))


def test_random_draws_of_the_user_are_not_disturbed() -> None:
    np.random.seed(3)
    expected = np.random.normal()
    np.random.seed(3)
    infer(ARRAY_OPS["np.random.normal"], (Num("float"), Known(1.0), Known(5)))
    assert np.random.normal() == expected


# --- Operators -------------------------------------------------------------------

OPERATORS = {"add": operator.add, "mul": operator.mul, "div": operator.truediv,
             "sub": operator.sub, "pow": operator.pow, "floordiv": operator.floordiv,
             "lt": operator.lt, "eq": operator.eq}  # fmt: skip
OPERANDS: dict[Type, Any] = {
    **{
        Arr(dtype, dims): np.ones([2] * len(dims), dtype)
        for dtype in ("bool", "int32", "int64", "float32", "float64", "complex64")
        for dims in ((), ("n",))
    },
    Num("bool"): True,
    Num("int"): 1,
    Num("float"): 1.0,
    Num("complex"): 1j,
    Known(2): 2,
}


@pytest.mark.parametrize("name", OPERATORS)
def test_operators_have_numpys_dtypes(name: str) -> None:
    for (left, a), (right, b) in product(OPERANDS.items(), repeat=2):
        try:
            actual = OPERATORS[name](a, b)
        except TypeError:
            with pytest.raises(ShapeError, match="TypeError"):
                infer_operator(name, (left, right))
            continue
        holds(infer_operator(name, (left, right)), actual, {"n": 2})


def test_broadcasting_of_sizes() -> None:
    rows: list[tuple[Dim, Dim, Dim]] = [
        ("n", "n", "n"), ("n", 1, "n"), ("n", "?m", "n"), ("?n", "?m", "?"), ("n", 3, 3),
        ("n", "m", "n"), ("?n", 1, "?n"), ("?n", "?n", "?n"), ("?", "?", "?"), ("?", 0, 0),
        ("n.m1", "n", "n"), ("n.m1", "m.m1", "?"), ("n.p2", "?", "n.p2"), (3, "n.m1", 3),
    ]  # fmt: skip
    for left, right, result in rows:
        assert broadcast_dim(left, right) == result
    assert shifted("n.m2", 1) == "n.m2.p1"
    assert shifted("n.m2.p1", -1) == "n.m2"
    assert shifted("n.m2.p1", -2) == "n.m3"
    assert shifted("n.p1", -3) == "n.m2"


# --- Indexing --------------------------------------------------------------------


def random_index(rng: random.Random, shape: Sequence[int]) -> tuple[list[Any], list[Any]]:
    """An index of an array of this shape, and its types."""
    index: list[Any] = []
    types: list[Any] = []
    axis, dots = 0, False

    def add(value: Any, kind: Any) -> None:
        index.append(value)
        types.append(kind)

    while axis < len(shape) and rng.random() < 0.9:
        size = shape[axis]
        match rng.randrange(8):
            case 0 | 1:
                ends = [rng.choice((None, None, *range(-4, 5))) for _ in range(2)]
                step = rng.choice((None, None, 1, -1, 2))
                kinds: list[Type] = [Known(end) for end in (*ends, step)]
                if rng.random() < 0.2 and ends[0] is not None:
                    kinds[0] = Num("int")
                add(slice(ends[0], ends[1], step), Slice(*kinds))
                axis += 1
            case 2 if size:
                at = rng.randrange(-size, size)
                add(at, rng.choice((Num("int"), Known(at))))
                axis += 1
            case 3:
                add(None, Known(None))
            case 4 if not dots:
                add(Ellipsis, Known(Ellipsis))
                skipped = rng.randrange(len(shape) - axis + 1)
                axis, dots = axis + skipped, True
                if axis < len(shape):
                    # What follows must name all the axes that are left.
                    for _ in range(len(shape) - axis):
                        add(slice(None), Slice())
                    axis = len(shape)
            case 5 | 6 if size:
                dims = rng.choice(((2,), (3,), (2, 3), (1,), (2, 1)))
                places = np.array([rng.randrange(size) for _ in range(int(np.prod(dims)))])
                add(places.reshape(dims), Arr("int64", dims))
                axis += 1
            case 7:
                mask = np.array([rng.random() < 0.5 for _ in range(size)], bool)
                add(mask, Arr("bool", (size,)))
                axis += 1
    return index, types


@pytest.mark.parametrize("seed", range(1500))
def test_indexing(seed: int) -> None:
    rng = random.Random(seed)
    shape = tuple(rng.choice((0, 1, 2, 3, 5)) for _ in range(rng.randrange(1, 5)))
    array = np.zeros(shape, rng.choice(("float32", "int64")))
    index, types = random_index(rng, shape)
    values = {f"{'?' if size == 1 else ''}x.{i}": size for i, size in enumerate(shape)}
    for dims in (shape, tuple(values)):
        claimed = Arr(array.dtype.name, dims)
        try:
            actual = array[tuple(index)]
        except IndexError:
            return
        try:
            claim = infer_index(claimed, types)
        except ShapeError:
            pytest.fail(f"{types} of {dims}")
        holds(claim, actual, values)


def test_slices_of_sizes_that_have_names() -> None:
    x = arr("x.0", "x.1")
    one = Known(1)
    wanted: list[tuple[tuple[Any, ...], Arr]] = [
        ((Slice(one, Known(-1)),), arr("x.0.m2", "x.1")),
        ((Slice(one), Slice(Known(None), Known(-1))), arr("x.0.m1", "x.1.m1")),
        ((Num("int"),), arr("x.1")),
        ((Num("int"), Num("int")), arr()),
        ((Slice(Known(None), Size("x.0.m1")),), arr("x.0.m1", "x.1")),
        ((Slice(Known(None), Size("x.0")),), arr("x.0", "x.1")),
        ((Slice(Known(None), Size("x.1")),), arr("?", "x.1")),
        ((Slice(Known(None), Known(None), Known(-1)),), arr("x.0", "x.1")),
        ((Slice(), Known(None)), arr("x.0", 1, "x.1")),
        ((Slice(Num("int"), Num("int")),), arr("?", "x.1")),
        ((Known(Ellipsis), Known(0)), arr("x.0")),
        ((Arr("int64", ("i.0",)),), arr("i.0", "x.1")),
        ((Arr("int64", ("i.0",)), Arr("int64", ("j.0",))), arr("i.0")),
        ((Arr("bool", ("x.0", "x.1")),), arr("?")),
        ((Arr("bool", ("x.0",)), Slice(Known(1))), arr("?", "x.1.m1")),
    ]  # fmt: skip
    for entries, result in wanted:
        assert infer_index(x, entries) == result, entries


def test_indices_that_cannot_work_raise() -> None:
    for entries in ((Known(3),), (Known(-4),), (Num("int"),) * 3, (Num("float"),)):
        with pytest.raises(ShapeError, match="IndexError"):
            infer_index(arr(3, "x.1"), entries)
    with pytest.raises(ShapeError, match="ValueError: slice step"):
        infer_index(arr("x.0"), (Slice(step=Known(0)),))


def test_defaults_are_literals() -> None:
    for op in ARRAY_OPS.values():
        for param in op.params:
            assert param.default == REQUIRED or param.default == repr(
                ast.literal_eval(param.default)
            )
