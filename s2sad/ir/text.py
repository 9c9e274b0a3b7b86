"""The IR as text: `show` writes it, `parse` reads it back.

One statement a line, a region between braces. `parse(show(m))` is `m` but for the
identity of its variables, its locations and origins; `show(parse(t))` is `t` for any
text that `show` wrote.

    module    = { record } { func }                          the entry comes last
    record    = "record" NAME types
    func      = "func" NAME "(" [ param { "," param } ] ")" "->" structure
                [ "inputs" "(" [ input { "," input } ] ")" ] [ "forward" INT ]
                "{" [ STRING ] region "}"                        STRING: docstring
    param     = var ":" type [ "=" literal ]
    structure = INT | "(" [ structure { "," structure } [ "," ] ] ")"
              | KIND [ NAME | STRING ] "(" [ part { "," part } ] ")"     NAME: of a class
    part      = [ ( STRING | INT ) ":" ] structure
    input     = NAME ":" structure

    region    = { stmt } [ "yield" atoms ]
    passes    = { stmt } [ "yield" [ "stop" atom ] [ "next" "(" [ atoms ] ")" ]
                           [ "record" "(" [ atoms ] ")" ] ]  without "stop": False
    stmt      = bind "=" OP "(" [ atoms ] ")"                                 Let
              | "if" atom "{" region "}" [ "else" "{" region "}" ] results
              | "loop" bind [ "in" domain ] [ "carry" "(" carries ")" ]
                [ "over" "(" elements ")" ] "{" passes "}" results
              | "while" "(" [ carries ] ")" "{" region "}"
                "do" "(" [ binds ] ")" "{" passes "}" results
              | "call" NAME "(" [ atoms ] ")" results
              | "try" [ "with" atom ] opened { "except" exc opened } results "path" bind
              | "raise" atom [ "from" atom ]
    opened    = [ "(" binds ")" ] "{" region "}"
    domain    = "range" ends | "reversed" "(" "range" ends ")"       reversed: backward
    ends      = "(" atom "," atom "," atom ")"
    carries   = bind "=" atom { "," bind "=" atom }
    elements  = bind "in" list { "," bind "in" list }
    list      = atom | "reversed" "(" atom ")"
    exc       = NAME | STRING
    results   = [ "->" "(" [ binds ] ")" ] [ "lists" "(" binds ")" ]

    binds     = bind { "," bind }          bind = var [ ":" type ]
    atoms     = atom { "," atom }          atom = var | literal | "undef" "<" type ">"
    var       = NAME | "%" NAME | "%" INT
    literal   = ( "True" | "False" | "None" | INT | FLOAT | STRING
                | "complex" "(" FLOAT "," FLOAT ")" ) [ ":" type ]
    type      = "bool" | "int" | "float" | "complex" | "none" | "never"
              | SCALAR "[" [ dim { "," dim } ] "]" | types | "list" "<" type ">"
              | "places" "<" type ">"
              | "@" NAME | "<" ( NAME | STRING ) ">"
    types     = "(" [ type { "," type } ] ")"
    dim       = INT | NAME | "?" | STRING

A variable is written as its hint: `x` if the hint is the user's, `%x` if the
compiler's, `%0`, `%1`, … without one; `x.1`, `x.2`, … are further variables of the same
hint. A name means the same variable in all of a function: scopes are for `verify` to
check. FLOAT has a point, an exponent, or is `+inf`, `-inf`, `+nan`. A type is left out
where it follows: of a `Let` from its arguments, of a carry from its first value, of a
result from what is yielded; the results of a call always have theirs. `#` begins a
comment.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from s2sad.errors import assert_never
from s2sad.ir.nodes import (
    Atom,
    Block,
    Call,
    Func,
    If,
    Let,
    Lit,
    Loop,
    Module,
    Raise,
    Range,
    Seq,
    Shape,
    Stmt,
    Structure,
    Try,
    Undef,
    Var,
    While,
)
from s2sad.ir.parser import inferred, item_of, joined, parse
from s2sad.ir.tokens import literal_type
from s2sad.ir.types import (
    INT,
    Array,
    Dim,
    List,
    Named,
    Opaque,
    Places,
    Record,
    Scalar,
    Tuple,
    Type,
)

__all__ = ["names_of", "parse", "show", "show_stmt", "show_type"]


def show(thing: Module | Func) -> str:
    if isinstance(thing, Func):
        return _Printer({}).func(thing)
    records = [f"record {name} {_types(types)}\n" for name, types in thing.records.items()]
    return "\n".join(records + [_Printer(thing.records).func(f) for f in thing.funcs.values()])


def show_stmt(stmt: Stmt, names: dict[Var, str]) -> str:
    """The first line of a statement, its variables called as in `names`."""
    printer = _Printer({})
    printer.names = dict(names)
    printer.stmt(stmt)
    return printer.lines[0].strip()


def names_of(func: Func) -> dict[Var, str]:
    """The variables of a function, each with the name that `show` gives it."""
    printer = _Printer({})
    printer.func(func)
    return printer.names


def show_type(type_: Type) -> str:
    match type_:
        case Scalar(name):
            return name
        case Array(dtype, dims):
            return f"{dtype}[{', '.join(map(_dim, dims))}]"
        case Tuple(items):
            return _types(items)
        case List(item):
            return f"list<{show_type(item)}>"
        case Places(key):
            return f"places<{show_type(key)}>"
        case Named(name):
            return f"@{name}"
        case Opaque(what):
            return f"<{_word(what)}>"
        case Record():
            return str(type_)
        case _:
            assert_never(type_)


def _structure(structure: Structure) -> str:
    match structure:
        case int():
            return str(structure)
        case Shape(kind, keys, parts, cls):
            texts = list(map(_structure, parts))
            if keys:
                pairs = zip(keys, texts, strict=True)
                texts = [f"{key!r}: {text}" for key, text in pairs]
            return f"{kind}{f' {_word(cls)}' if cls else ''}({', '.join(texts)})"
        case _:
            comma = "," if len(structure) == 1 else ""
            return f"({', '.join(map(_structure, structure))}{comma})"


def _types(types: Iterable[Type]) -> str:
    return f"({', '.join(map(show_type, types))})"


def _dim(dim: Dim) -> str:
    return str(dim) if isinstance(dim, int) or dim == "?" else _word(dim)


def _word(text: str) -> str:
    """A name, dotted or not, as it is; any other text in quotes."""
    dotted = all(part.isidentifier() for part in text.split("."))
    return text if dotted else repr(text)


def _value(value: object) -> str:
    match value:
        case complex():
            return f"complex({_value(value.real)}, {_value(value.imag)})"
        case float() if value != value or value in (float("inf"), float("-inf")):
            return f"{value:+}"
        case _:
            return repr(value)


class _Printer:
    def __init__(self, records: dict[str, tuple[Type, ...]]) -> None:
        self.records = records
        self.names: dict[Var, str] = {}
        self.lines: list[str] = []
        self.depth = 0
        self.counts: dict[str, int] = {}

    def func(self, func: Func) -> str:
        self.names, self.lines, self.counts = {}, [], {}
        params = ", ".join(self.params(func))
        forward = f" forward {func.forward}" if func.forward else ""
        inputs = ", ".join(f"{name}: {_structure(shape)}" for name, shape in func.inputs)
        given = f" inputs ({inputs})" if inputs else ""
        result = _structure(func.structure)
        self.line(f"func {func.name}({params}) -> {result}{given}{forward} {{")
        if func.doc:
            self.lines.append(f"  {func.doc!r}")
        self.region(func.body)
        self.line("}")
        return "\n".join(self.lines) + "\n"

    def params(self, func: Func) -> list[str]:
        plain = [f"{self.name(p)}: {show_type(p.type)}" for p in func.params]
        last = zip(reversed(range(len(plain))), reversed(func.defaults), strict=False)
        for i, lit in last:
            plain[i] += f" = {self.atom(lit)}"
        return plain

    def line(self, text: str) -> None:
        self.lines.append("  " * self.depth + text)

    def region(self, block: Block) -> None:
        self.stmts(block)
        if block.yields:
            self.line(f"  yield {self.atoms(block.yields)}")

    def passes(self, loop: Loop | While) -> None:
        """The body of a loop."""
        self.stmts(loop.body)
        parts = []
        if not (isinstance(loop.stop, Lit) and loop.stop.value is False):
            parts.append(f"stop {self.atom(loop.stop)}")
        if loop.nexts:
            parts.append(f"next ({self.atoms(loop.nexts)})")
        if loop.recorded:
            parts.append(f"record ({self.atoms(loop.recorded)})")
        if parts:
            self.line(f"  yield {' '.join(parts)}")

    def stmts(self, block: Block) -> None:
        self.depth += 1
        for stmt in block.stmts:
            self.stmt(stmt)
        self.depth -= 1

    def stmt(self, stmt: Stmt) -> None:
        match stmt:
            case Let(out, op, args):
                text = f"{op}({self.atoms(args)})"
                type_ = inferred(op, args, self.records)
                self.line(f"{self.bind(out, type_)} = {text}")
            case If():
                self.if_(stmt)
            case Loop():
                self.loop(stmt)
            case While():
                self.while_(stmt)
            case Call(outs, func, args):
                text = f"call {func}({self.atoms(args)})"
                self.line(text + self.results(outs, (None,) * len(outs)))
            case Try():
                self.try_(stmt)
            case Raise(exc, _, cause):
                reason = "" if cause is None else f" from {self.atom(cause)}"
                self.line(f"raise {self.atom(exc)}{reason}")
            case _:
                assert_never(stmt)

    def if_(self, stmt: If) -> None:
        self.line(f"if {self.atom(stmt.cond)} {{")
        self.region(stmt.then)
        if stmt.orelse.stmts or stmt.orelse.yields:
            self.line("} else {")
            self.region(stmt.orelse)
        types = joined((stmt.then, stmt.orelse), len(stmt.outs))
        self.line("}" + self.results(stmt.outs, types))

    def loop(self, stmt: Loop) -> None:
        head = [f"loop {self.bind(stmt.index, INT)}"]
        if stmt.domain is not None:
            head.append(f"in {self.domain(stmt.domain)}")
        if stmt.inits:
            head.append(f"carry ({self.carried(stmt.carries, stmt.inits)})")
        if stmt.seqs:
            pairs = zip(stmt.elements, stmt.seqs, strict=False)
            texts = [f"{self.bind(e, item_of(s.list))} in {self.seq(s)}" for e, s in pairs]
            head.append(f"over ({', '.join(texts)})")
        self.line(f"{' '.join(head)} {{")
        self.passes(stmt)
        self.line("}" + self.loop_results(stmt))

    def while_(self, stmt: While) -> None:
        self.line(f"while ({self.carried(stmt.cond.params, stmt.inits)}) {{")
        self.region(stmt.cond)
        types = [param.type for param in stmt.cond.params]
        self.line(f"}} do ({self.binds(stmt.body.params, types)}) {{")
        self.passes(stmt)
        self.line("}" + self.loop_results(stmt))

    def try_(self, stmt: Try) -> None:
        around = "" if stmt.manager is None else f"with {self.atom(stmt.manager)} "
        self.line(f"try {around}{self.opened(stmt.body)}{{")
        self.region(stmt.body)
        for handler in stmt.handlers:
            opened = self.opened(handler.block)
            self.line(f"}} except {_word(handler.exc)} {opened}{{")
            self.region(handler.block)
        regions = (stmt.body, *(handler.block for handler in stmt.handlers))
        results = self.results(stmt.outs, joined(regions, len(stmt.outs)))
        self.line(f"}}{results} path {self.bind(stmt.path, INT)}")

    def opened(self, block: Block) -> str:
        types = (None,) * len(block.params)
        return f"({self.binds(block.params, types)}) " if block.params else ""

    def results(self, outs: Sequence[Var], types: Sequence[Type | None]) -> str:
        return f" -> ({self.binds(outs, types)})" if outs else ""

    def loop_results(self, loop: Loop | While) -> str:
        text = self.results(loop.outs, [carry.type for carry in loop.carries])
        types = [List(atom.type) for atom in loop.recorded]
        return text + (f" lists ({self.binds(loop.lists, types)})" if loop.lists else "")

    def carried(self, carries: Sequence[Var], inits: Sequence[Atom]) -> str:
        pairs = zip(carries, inits, strict=False)
        return ", ".join(f"{self.bind(c, i.type)} = {self.atom(i)}" for c, i in pairs)

    def domain(self, domain: Range) -> str:
        text = f"range({self.atoms(domain[:3])})"
        return f"reversed({text})" if domain.backward else text

    def seq(self, seq: Seq) -> str:
        return f"reversed({self.atom(seq.list)})" if seq.reversed else self.atom(seq.list)

    def binds(self, variables: Sequence[Var], types: Sequence[Type | None]) -> str:
        known = (*types, *(None,) * (len(variables) - len(types)))
        return ", ".join(map(self.bind, variables, known))

    def bind(self, variable: Var, type_: Type | None) -> str:
        name = self.name(variable)
        return name if variable.type == type_ else f"{name}: {show_type(variable.type)}"

    def atoms(self, atoms: Sequence[Atom]) -> str:
        return ", ".join(map(self.atom, atoms))

    def atom(self, atom: Atom) -> str:
        match atom:
            case Var():
                return self.name(atom)
            case Lit(value):
                text = _value(value)
                known = atom.type == literal_type(value)
                return text if known else f"{text}: {show_type(atom.type)}"
            case Undef():
                return f"undef<{show_type(atom.type)}>"
            case _:
                assert_never(atom)

    def name(self, variable: Var) -> str:
        name = self.names.get(variable)
        if name is None:
            name = self.names[variable] = self.fresh_name(variable)
        return name

    def fresh_name(self, variable: Var) -> str:
        hint = variable.hint if variable.hint.isidentifier() else ""
        root = hint if hint and variable.user else f"%{hint}"
        count = self.counts.get(root, 0)
        self.counts[root] = count + 1
        if not hint:
            return f"%{count}"
        return f"{root}.{count}" if count else root
