"""The derivation that the lecture writes, of any function, as far as it ran.

    the function            f(x) = √(x² + e^(x²)) + cos(x² + e^(x²))         its (30)
    intermediate variables  a = x², b = e^a, …                               (31)-(36)
    local partials          ∂a/∂x = 2x, ∂b/∂a = e^a, …                       (37)-(42)
    accumulation            ∂f/∂c = ∂f/∂d·∂d/∂c + ∂f/∂e·∂e/∂c, …              (43)-(46)
    substitution            ∂f/∂c = 1 · 0.5c^(-0.5) + 1 · (-sin(c)), …       (47)-(50)

Here it is data; `render.py` writes it.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from s2sad.errors import Loc
from s2sad.inspect import folding
from s2sad.inspect.adjoints import Partial, is_of_arrays, needed, operands_of
from s2sad.inspect.counts import Counts, counted
from s2sad.inspect.events import Event, Note, Operand, Passes, plain
from s2sad.inspect.formula import (
    derivative,
    dot,
    number,
    partial,
    simplified,
    substituted,
    total,
)
from s2sad.inspect.naming import named
from s2sad.inspect.subject import Run
from s2sad.inspect.uses import applied, pulled
from s2sad.ir.nodes import Lit, Var

_LONGEST = 48
_MOST_TERMS = 12


class Row(NamedTuple):
    """An equation, its sides; or a note: a branch, a loop, what was folded.

    value: at the point. about: what value it speaks of, by its name in the program.
    """

    sides: tuple[ast.expr, ...] = ()
    value: Any = None
    loc: Loc | None = None
    passes: Passes = ()
    about: str = ""
    note: str = ""
    number: int | None = None


class Section(NamedTuple):
    key: str
    title: str
    rows: tuple[Row, ...]


class Derivation(NamedTuple):
    """`point` is None where there is none; `gradient` the derivatives, by input."""

    name: str
    loc: Loc | None
    point: tuple[tuple[str, Any], ...] | None
    sections: tuple[Section, ...]
    value: Any
    gradient: tuple[tuple[ast.expr, Any], ...]
    counts: Counts | None
    remarks: tuple[str, ...]

    def _repr_html_(self) -> str:
        from s2sad.inspect.render import as_html

        return as_html(self)

    def _repr_latex_(self) -> str:
        from s2sad.inspect.render import as_latex

        return as_latex(self)

    def __str__(self) -> str:
        from s2sad.inspect.render import as_text

        return as_text(self)


def derivation(
    run: Run, forward: bool = False, whole: bool = False, first: int = 1
) -> Derivation:
    """The derivation of a run; `whole` folds nothing, `first` is the first number."""
    made = Maker(run, whole)
    sections = [section for section in made.sections(forward) if section.rows]
    if not whole:
        sections = [s._replace(rows=folding.folded(s.rows, made.last)) for s in sections]
    loc = run.subject.entry.loc
    point = None
    if run.trace.known:
        point = tuple(
            (event.label, event.value)
            for events in run.trace.inputs.values()
            for event in events
        )
    return Derivation(
        run.subject.entry.name,
        loc,
        point,
        tuple(numbered(sections, first)),
        plain(run.value) if run.trace.known else None,
        tuple((made.of_output(event), made.bar(event)) for event in run.wrt),
        counted(run) if forward else None,
        tuple(made.remarks()),
    )


def numbered(sections: list[Section], first: int) -> Iterator[Section]:
    for section in sections:
        rows = []
        for row in section.rows:
            rows.append(row._replace(number=first) if row.sides else row)
            first += bool(row.sides)
        yield section._replace(rows=tuple(rows))


class Maker:
    """`whole`: rows that would be folded are made too."""

    def __init__(self, run: Run, whole: bool = True) -> None:
        self.run = run
        self.whole = whole
        self.known = run.trace.known
        self.output = run.output
        self.active = run.swept.active
        wanted = needed(run.output) if run.output is not None else set()
        inputs = {event for events in run.trace.inputs.values() for event in events}
        self.shown = [e for e in run.trace.events if e in wanted or e in inputs]
        self.names = named(self.shown, run.output, run.subject.entry.name)
        self.last = folding.last_passes(event.passes for event in self.shown)
        self.consumers: dict[Event, list[Event]] = {event: [] for event in self.active}
        for event in self.shown:
            if event in self.active:
                for parent in dict.fromkeys(event.parents):
                    if parent in self.active:
                        self.consumers[parent].append(event)

    def is_folded(self, passes: Passes) -> bool:
        return not self.whole and folding.is_hidden(passes, self.last) is not None

    def told(self, users: list[Event]) -> list[Event]:
        """Of a long sum the terms that are written."""
        return users if self.whole or len(users) <= _MOST_TERMS else [*users[:6], *users[-2:]]

    def summed(self, terms: list[ast.expr], count: int) -> ast.expr:
        """The sum of `count` terms, of which these are told."""
        if len(terms) == count:
            return total(terms)
        left_out = ast.Name(f"… ({count - len(terms)} more)", ast.Load())
        return total([*terms[:6], left_out, *terms[6:]])

    def sections(self, forward: bool) -> Iterator[Section]:
        yield Section("function", "The function", tuple(self.function()))
        yield Section("intermediates", "Intermediate variables", tuple(self.intermediates()))
        yield Section("partials", "Local partial derivatives", tuple(self.partials()))
        if forward:
            for event in self.run.wrt[:3]:
                rows = tuple(self.forwards(event))
                by = event.label
                yield Section(f"forward-{by}", f"Forward from {by}: along the graph", rows)
            return
        yield Section("accumulation", "Back through the graph", tuple(self.accumulated(False)))
        title = "With the local partials put in"
        yield Section("substitution", title, tuple(self.accumulated(True)))

    def bar(self, event: Event) -> Any:
        """The derivative in an input; None without a point."""
        if not self.known:
            return None
        found = self.run.swept.bars.get(event)
        if found is None:
            return np.zeros_like(event.value) if isinstance(event.value, np.ndarray) else 0.0
        return found

    def remarks(self) -> Iterator[str]:
        output = self.output
        if output is None:
            yield "The result does not depend on a float argument: every derivative is 0."
            return
        for event in self.run.wrt:
            if event not in self.active:
                yield f"{event.label} has no influence on the result here: its derivative is 0."
        if any(self.fixed(event) for event in self.active):
            yield "(∂f/∂a)|b is the local partial, b held fixed: a reaches f by other ways too."

    # Names and formulas.

    def operand(self, operand: Operand) -> ast.expr:
        """What an operand is called: the name of its event, or a constant."""
        if operand.event is not None and operand.event in self.names:
            return self.names[operand.event]
        value = plain(operand.value) if operand.event is None else None
        known = not isinstance(value, bool) and not self.named_constant(operand)
        if isinstance(value, (int, float)) and known:
            return number(value)
        if isinstance(operand.atom, Var) and operand.atom.hint:
            return ast.Name(operand.atom.hint, ast.Load())
        return ast.Constant(value if not isinstance(operand.atom, Lit) else operand.atom.value)

    def named_constant(self, operand: Operand) -> bool:
        """Is it a parameter, or a number read from outside?"""
        atom = operand.atom
        return isinstance(atom, Var) and atom in self.run.subject.entry.params

    def formula(self, event: Event) -> ast.expr:
        return simplified(applied(event, self.operand))

    def partial_formula(self, found: list[Partial]) -> ast.expr | None:
        """The partials in one operand; several where it is used several times."""
        parts = []
        for one in found:
            if one.formula is None:
                return None
            names = operands_of(one.event)
            mapping = {name: self.operand(arg) for name, arg in names.items()}
            parts.append(simplified(substituted(one.formula, mapping)))
        return simplified(total(parts)) if parts else None

    def edges(self, event: Event) -> dict[Event, list[Partial]]:
        found: dict[Event, list[Partial]] = {}
        for one in self.run.swept.partials.get(event, ()):
            found.setdefault(one.parent, []).append(one)
        return found

    def fixed(self, parent: Event) -> tuple[ast.expr, ...]:
        """What is held fixed in ∂f/∂parent, where that could be read as the total one."""
        output = self.output
        if output is None or parent is output:
            return ()
        users = self.consumers.get(parent, [])
        if output not in users or len(users) == 1:
            return ()
        others = dict.fromkeys(
            p for p in output.parents if p in self.active and p is not parent
        )
        return tuple(self.names[other] for other in others)

    def local(self, event: Event, parent: Event) -> ast.expr:
        fixed = self.fixed(parent) if event is self.output else ()
        return partial(self.names[event], self.names[parent], fixed)

    def of_output(self, event: Event) -> ast.expr:
        if self.output is None:
            return partial(
                ast.Name(self.run.subject.entry.name, ast.Load()), parsed_name(event)
            )
        return partial(self.names[self.output], self.names.get(event, parsed_name(event)))

    def arriving(self, event: Event) -> ast.expr:
        """The adjoint of a value, 1 of the result."""
        return number(1) if event is self.output else self.of_output(event)

    # The sections.

    def function(self) -> Iterator[Row]:
        """The function as one expression, where it is a short one."""
        output = self.output
        if output is None or output.is_input or self.run.trace.notes:
            return
        if any(is_of_arrays(event) for event in self.shown if not event.is_input):
            return
        inputs = [self.names[e] for events in self.run.trace.inputs.values() for e in events]
        whole: dict[Event, ast.expr] = {}
        for event in self.shown:
            if event.is_input:
                whole[event] = self.names[event]
                continue
            whole[event] = simplified(applied(event, lambda arg: self.composed(arg, whole)))
            if _size(whole[event]) > _LONGEST:
                return
        name = self.run.subject.entry.name
        if not name.isidentifier():
            return
        call = ast.Call(ast.Name(name, ast.Load()), list(inputs), [])
        value = plain(output.value) if self.known else None
        yield Row((call, whole[output]), value, self.run.subject.entry.loc)

    def composed(self, operand: Operand, whole: dict[Event, ast.expr]) -> ast.expr:
        if operand.event is not None and operand.event in whole:
            return whole[operand.event]
        return self.operand(operand)

    def intermediates(self) -> Iterator[Row]:
        notes = iter(self.run.trace.notes)
        note = next(notes, None)
        for event in self.shown:
            while note is not None and note.before <= event.index:
                row = self.noted(note)
                if row is not None:
                    yield row
                note = next(notes, None)
            if event.is_input:
                continue
            if self.is_folded(event.passes):
                yield Row(passes=event.passes)
                continue
            sides = self.names[event], self.formula(event)
            value = plain(event.value) if self.known else None
            yield Row(sides, value, event.loc, event.passes, about(event))
        while note is not None:
            row = self.noted(note)
            if row is not None:
                yield row
            note = next(notes, None)

    def noted(self, note: Note) -> Row | None:
        line = source_line(note.loc)
        match note.kind:
            case "if":
                if not line.startswith(("if ", "elif ", "while ")) and " if " not in line:
                    return None
                taken = "holds" if note.taken else "does not hold"
                own = line.startswith(("if ", "elif "))
                text = f"{line.rstrip(':')}: {'' if own else 'the condition '}{taken}"
            case "loop":
                text = f"{line.rstrip(':')}: {note.text}"
            case "except":
                text = f"{note.text} is raised here, and caught"
            case _:
                text = f"{note.text}() is called"
        return Row(loc=note.loc, passes=note.passes, note=text)

    def partials(self) -> Iterator[Row]:
        for event in self.shown:
            if event not in self.active or event.is_input:
                continue
            if self.is_folded(event.passes):
                yield Row(passes=event.passes)
                continue
            if is_of_arrays(event):
                yield from self.array_partials(event)
                continue
            group: list[tuple[Event, ast.expr, Any]] = []
            for parent, found in self.edges(event).items():
                formula = self.partial_formula(found)
                if formula is None:
                    continue
                value = sum(one.value for one in found if one.value is not None)
                group.append((parent, formula, value if self.known else None))
            while group:
                parent, formula, value = group.pop(0)
                sides = [self.local(event, parent), formula]
                if isinstance(formula, ast.Constant):
                    same = [g for g in group if ast.dump(g[1]) == ast.dump(formula)]
                    group = [g for g in group if g not in same]
                    sides += [self.local(event, other) for other, _, _ in same]
                constant = isinstance(formula, ast.Constant)
                yield Row(
                    tuple(sides),
                    None if constant else value,
                    event.loc,
                    event.passes,
                    about(event),
                )

    def array_partials(self, event: Event) -> Iterator[Row]:
        """How the product of an adjoint with the Jacobian is computed."""
        if not self.known:
            return
        names: dict[Event, ast.expr] = {}
        for k, text in pulled(event, self.operand, self.arriving).items():
            parent = event.args[k].event
            assert parent is not None
            terms = [names[parent], text] if parent in names else [text]
            names[parent] = simplified(total(terms))
        if not names:
            method = ast.Name(f"by the pullback of {event.op.removeprefix('np.')}", ast.Load())
            names = dict.fromkeys(event.parents, method)
        for parent, text in names.items():
            if parent in self.active:
                product = dot(self.of_output(event), self.local(event, parent))
                sides = (
                    (product, text)
                    if event is not self.output
                    else (
                        self.local(event, parent),
                        text,
                    )
                )
                yield Row(sides, None, event.loc, event.passes, about(event))

    def accumulated(self, put_in: bool) -> Iterator[Row]:
        if self.output is None:
            return
        order = sorted(self.active, key=lambda event: -event.index)
        inner = [event for event in order if not event.is_input]
        inputs = [event for event in self.run.wrt if event in self.active]
        for event in (*inner, *inputs):
            users = self.consumers[event]
            direct = users == [self.output]
            if event is self.output or direct:
                continue  # what it gets is a local partial, which stands above
            if self.is_folded(event.passes):
                yield Row(passes=event.passes)
                continue
            terms = [self.term(user, event, put_in) for user in self.told(users)]
            bar = self.run.swept.bars.get(event) if put_in or event.is_input else None
            yield Row(
                (self.of_output(event), self.summed(terms, len(users))),
                bar if self.known and put_in else None,
                event.loc,
                event.passes,
                about(event),
            )

    def term(self, user: Event, event: Event, put_in: bool) -> ast.expr:
        """∂f/∂user · ∂user/∂event, or what the two are."""
        local = self.local(user, event)
        if put_in and not is_of_arrays(user):
            local = self.partial_formula(self.edges(user).get(event, [])) or number(0)
        if user is self.output:
            return local
        outer = self.of_output(user)
        if self.consumers[user] == [self.output]:
            if put_in and self.output is not None and not is_of_arrays(self.output):
                outer = self.partial_formula(self.edges(self.output)[user]) or outer
            else:
                outer = self.local(self.output, user) if self.output else outer
        if put_in:
            return dot(outer, local)
        return ast.BinOp(outer, ast.Mult(), local)

    def forwards(self, start: Event) -> Iterator[Row]:
        """The other direction: what each intermediate gets of one input."""
        reached = {start}
        by = self.names[start]
        for event in self.shown:
            parents = [p for p in dict.fromkeys(event.parents) if p in reached]
            if event.is_input or event not in self.active or not parents:
                continue
            reached.add(event)
            if self.is_folded(event.passes):
                yield Row(passes=event.passes)
                continue
            terms: list[ast.expr] = []
            for parent in self.told(parents):
                local = partial(self.names[event], self.names[parent])
                along = derivative(self.names[parent], by)
                terms.append(local if parent is start else ast.BinOp(local, ast.Mult(), along))
            yield Row(
                (derivative(self.names[event], by), self.summed(terms, len(parents))),
                None,
                event.loc,
                event.passes,
                about(event),
            )


def about(event: Event) -> str:
    """The name of a value in the program, without what tells it from others."""
    found = re.match(r"\w+", event.label if event.is_input else event.name)
    return found[0] if found else ""


def parsed_name(event: Event) -> ast.expr:
    return ast.Name(event.label, ast.Load())


def source_line(loc: Loc | None) -> str:
    import linecache

    return linecache.getline(loc.file, loc.line).strip() if loc else ""


def _size(node: ast.AST) -> int:
    return sum(1 for _ in ast.walk(node) if isinstance(_, ast.expr))
