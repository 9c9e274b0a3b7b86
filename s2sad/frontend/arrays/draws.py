"""Random draws: constants, drawn once, in the forward sweep.

    rng = np.random.default_rng(0)       python("np.random.default_rng({0})", 0)
    z = rng.normal(size=n)               python("{0}.normal(size={1})", rng, n)

An opaque expression keeps its place and runs once, whatever the reverse sweep reads: what
it gave is recorded. A draw whose parameters depend on what is differentiated is refused
(`analysis/activity.py`).
"""

from __future__ import annotations

import ast
from itertools import takewhile

from s2sad.frontend.arrays.special import Special
from s2sad.frontend.values import Value, is_none
from s2sad.ir.nodes import NOTHING, Atom
from s2sad.ir.types import FLOAT, GENERATOR, INT, NONE, Array, Dim, Scalar, element_of
from s2sad.ops.arrays.dims import broadcast

# The parameters before `size`, by the name of a distribution.
_FLOATS = {
    "normal": ("loc", "scale"), "uniform": ("low", "high"), "exponential": ("scale",),
    "laplace": ("loc", "scale"), "logistic": ("loc", "scale"), "gumbel": ("loc", "scale"),
    "lognormal": ("mean", "sigma"), "gamma": ("shape", "scale"), "beta": ("a", "b"),
    "chisquare": ("df",), "standard_t": ("df",), "standard_gamma": ("shape",),
    "rayleigh": ("scale",), "weibull": ("a",), "vonmises": ("mu", "kappa"),
    "triangular": ("left", "mode", "right"), "random": (), "standard_normal": (),
    "standard_exponential": (), "standard_cauchy": (), "random_sample": (), "ranf": (),
    "sample": (),
}  # fmt: skip
_INTS = {
    "integers": ("low", "high"), "randint": ("low", "high"), "poisson": ("lam",),
    "binomial": ("n", "p"), "geometric": ("p",), "negative_binomial": ("n", "p"),
}  # fmt: skip
_ADVICE = "use rng.normal, rng.uniform, rng.integers, rng.permutation, …"


class Draws(Special):
    """`rng.normal(size=3)`, `np.random.rand(3)`"""

    def draw(
        self,
        owner: Atom | None,
        name: str,
        args: list[Value],
        named: dict[str, Value],
        node: ast.AST,
    ) -> Value:
        """A draw of a generator, or of NumPy's own."""
        frame = self.frame
        if owner is None and name in ("default_rng", "RandomState", "seed"):
            type_ = NONE if name == "seed" else GENERATOR
            seeds = [self._plain(arg, node) for arg in (*args, *named.values())]
            holes = ", ".join(f"{{{k}}}" for k in range(len(seeds)))
            return frame.python(f"np.random.{name}({holes})", tuple(seeds), node, type_)
        if name in ("rand", "randn") and not named:
            sizes = [self._plain(arg, node) for arg in args]
            return self._drawn(owner, name, FLOAT, self._dims(sizes), [*enumerate(sizes)], node)
        if name in ("permutation", "choice"):
            return self._of_array(owner, name, args, named, node)
        params = _FLOATS.get(name) or _INTS.get(name)
        if params is None and name not in _FLOATS:
            raise frame.refuse(node, f"{name} of a random generator", _ADVICE)
        params = (*(params or ()), "size")
        if len(args) > len(params) or not named.keys() <= set(params):
            raise frame.refuse(node, f"{name} with these arguments", "leave dtype and out away")
        given = {**dict(zip(params, args, strict=False)), **named}
        size = given.pop("size", NOTHING)
        leading = takewhile(given.__contains__, params)
        places: dict[str, object] = {key: k for k, key in enumerate(leading)}
        parts = [
            (places.get(key, key), self.atom(given[key], node))
            for key in params
            if key in given
        ]
        if is_none(size):
            dims = broadcast([a.type.dims for _, a in parts if isinstance(a.type, Array)])
            sizes = []
        else:
            items = frame.static_items(size, node)
            sizes = [self._plain(item, node) for item in ((size,) if items is None else items)]
            dims = self._dims(sizes)
        dtype = INT if name in _INTS else FLOAT
        return self._drawn(
            owner, name, dtype, dims, parts, node, None if is_none(size) else sizes
        )

    def _of_array(
        self,
        owner: Atom | None,
        name: str,
        args: list[Value],
        named: dict[str, Value],
        node: ast.AST,
    ) -> Value:
        frame = self.frame
        taken = {"size", "replace", "p"} if name == "choice" else set()
        if not args or not named.keys() <= taken or len(args) > 1 + len(taken):
            raise frame.refuse(node, f"{name} with these arguments", "pass one, and size=")
        array = self.atom(args[0], node)
        dtype = array.type.dtype if isinstance(array.type, Array) else INT
        named = {**dict(zip(("size", "replace", "p"), args[1:], strict=False)), **named}
        size = named.get("size")
        parts: list[tuple[object, Atom]] = [(0, array)]
        if "replace" in named:
            parts.append(("replace", self._plain(named["replace"], node)))
        if "p" in named and not is_none(named["p"]):
            parts.append(("p", self.atom(named["p"], node)))
        if name == "permutation":
            dims = array.type.dims if isinstance(array.type, Array) else self._dims([array])
            return self._drawn(owner, name, dtype, dims, parts, node)
        rest = array.type.dims[1:] if isinstance(array.type, Array) else ()
        if size is None or is_none(size):
            return self._drawn(owner, name, dtype, rest, parts, node)
        items = frame.static_items(size, node)
        sizes = [self._plain(item, node) for item in ((size,) if items is None else items)]
        return self._drawn(owner, name, dtype, (*self._dims(sizes), *rest), parts, node, sizes)

    def _plain(self, value: Value, node: ast.AST) -> Atom:
        atom = self.frame.as_atom(value, node)
        return self.frame.emitter.raw(atom)

    def _dims(self, sizes: list[Atom]) -> tuple[Dim, ...]:
        return tuple(map(self.dim, sizes))

    def _drawn(
        self,
        owner: Atom | None,
        name: str,
        dtype: Scalar,
        dims: tuple[Dim, ...],
        parts: list[tuple[object, Atom]],
        node: ast.AST,
        sizes: list[Atom] | None = None,
    ) -> Value:
        atoms: list[Atom] = [] if owner is None else [owner]

        def hole(atom: Atom) -> str:
            atoms.append(atom)
            return f"{{{len(atoms) - 1}}}"

        shown = [hole(a) if isinstance(k, int) else f"{k}={hole(a)}" for k, a in parts]
        if sizes is not None:
            inner = ", ".join(map(hole, sizes))
            shown.append(f"size={inner}" if len(sizes) == 1 else f"size=({inner})")
        text = f"{'np.random' if owner is None else '{0}'}.{name}({', '.join(shown)})"
        type_ = Array(dtype, dims) if dims else element_of(dtype)
        made = self.frame.python(text, tuple(atoms), node, type_)
        self.open_sizes(made)
        return self.fresh(made)
