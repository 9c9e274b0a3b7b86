"""Tuples that may be None: records of calls that are not made on every path.

    rec = None                        a name of type @rec, a named record: its
    if n > 0:                         layout may hold records of its own kind,
        y, rec = f_fwd(x, n - 1)      as those of recursive functions do

Packing is the primitive `tuple`, unpacking `item`, which raises for None as Python does.
"""

from __future__ import annotations

from collections.abc import Iterator

from s2sad.frontend.joins import join_templates, same_template
from s2sad.frontend.values import (
    Boxed,
    Inline,
    ListValue,
    Mixed,
    Struct,
    TupleValue,
    Value,
    leaves,
    purely_atoms,
)
from s2sad.ir.nodes import Func, Undef, Var
from s2sad.ir.types import List, Named, Tuple, Type
from s2sad.ir.walk import blocks, bound, defines, walk

Site = tuple[object, ...]


class Records:
    """The layouts known so far; `version` counts their changes."""

    def __init__(self) -> None:
        self.shapes: dict[str, Value] = {}
        self.sites: dict[Site, str] = {}
        self.merged: dict[str, str] = {}
        self.version = 0

    def settled(self, shape: Value, site: Site) -> Value:
        """A joined template with its nullable tuples replaced by named records."""
        match shape:
            case Boxed(inner, records):
                return self._boxed(inner, records, site)
            case Undef(type=Named(name)):
                return Undef(Named(self.current(name)))
            case TupleValue(items):
                return TupleValue(self._all_settled(items, site))
            case Struct(layout, items):
                return Struct(layout, self._all_settled(items, site))
            case Inline(content, origins):
                return Inline(self.settled(content, site), origins)
            case ListValue(item):
                made = self.settled(item, (*site, "item"))
                return made if isinstance(made, Mixed) else ListValue(made)
            case _:
                return shape

    def _all_settled(self, items: tuple[Value, ...], site: Site) -> tuple[Value, ...]:
        return tuple(self.settled(item, (*site, k)) for k, item in enumerate(items))

    def current(self, name: str) -> str:
        """The name that a record has now: records that meet become one."""
        while name in self.merged:
            name = self.merged[name]
        return name

    def _boxed(self, inner: Value | None, records: tuple[str, ...], site: Site) -> Value:
        names = list(dict.fromkeys(map(self.current, records)))
        shapes = [self.shapes[name] for name in names]
        if inner is not None:
            shapes.append(self.settled(inner, (*site, "inner")))
        if not all(map(purely_atoms, shapes)):
            return Mixed("a tuple or None")
        name = names[0] if names else self._name(shapes[0], site)
        for other in names[1:]:
            self.merged[other] = name
            del self.shapes[other]
            self.version += 1
        return self._widened(name, shapes)

    def _widened(self, name: str, shapes: list[Value]) -> Value:
        known = self.shapes.get(name)
        joined = known or shapes[0]
        for shape in shapes:
            joined = self.settled(join_templates(joined, shape), (name,))
            if isinstance(joined, Mixed):
                return joined
        # What was merged meanwhile, while the parts were joined.
        name = self.current(name)
        if known is None or not same_template(known, joined):
            self.shapes[name] = joined
            self.version += 1
        return Undef(Named(name))

    def _name(self, shape: Value, site: Site) -> str:
        for name, known in self.shapes.items():
            if same_template(known, shape):
                return name
        if site not in self.sites:
            hint = next((str(s) for s in reversed(site) if _is_name(s)), "record")
            if hint.endswith("_bar"):
                hint += "_record"  # what ends so is the adjoint of a record
            taken = set(self.sites.values())
            names = (hint if k == 1 else f"{hint}_{k}" for k in range(1, len(taken) + 2))
            self.sites[site] = next(name for name in names if name not in taken)
        return self.current(self.sites[site])

    def layouts(self, funcs: dict[str, Func]) -> dict[str, tuple[Type, ...]]:
        """The records that the functions use, each as the types of its parts."""
        if not self.shapes:
            return {}
        used: dict[str, None] = {}
        pending = [type_ for func in funcs.values() for type_ in _types(func)]
        while pending:
            for name in _names(pending.pop()):
                if name not in used:
                    used[name] = None
                    pending += [leaf.type for leaf in leaves(self.shapes[name])]
        return {
            name: tuple(leaf.type for leaf in leaves(self.shapes[name]))
            for name in sorted(used)
        }


def _is_name(part: object) -> bool:
    return isinstance(part, str) and part.isidentifier()


def _types(func: Func) -> Iterator[Type]:
    variables: list[Var] = list(func.params)
    for stmt in walk(func.body):
        variables += defines(stmt) + bound(stmt)
        for block in blocks(stmt):
            variables += block.params
    return (variable.type for variable in variables)


def _names(type_: Type) -> Iterator[str]:
    match type_:
        case Named(name):
            yield name
        case List(item):
            yield from _names(item)
        case Tuple(items):
            for item in items:
                yield from _names(item)
        case _:
            return
