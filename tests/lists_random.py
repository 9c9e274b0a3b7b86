"""Random programs on lists, as IR text: reads, writes, appends and drops of several lists
in branches, loops and a callee that writes to what it is given.

`python -m tests.lists_random FIRST COUNT` checks as many seeds as wanted.
"""

from __future__ import annotations

import random
import sys

OPS = ("add", "sub", "mul")
SMOOTH = ("sin", "cos", "atan", "tanh")
WHOLE = ("list_sum", "list_fsum", "list_max", "list_min", "list_prod")


class Writer:
    """One function; `lists` maps each list to its current version, `rows` the same for a
    list of lists, which never changes its shape."""

    def __init__(self, rng: random.Random, callee: bool) -> None:
        self.rng = rng
        self.callee = callee
        self.lines: list[str] = []
        self.count = 0
        self.floats: list[str] = []
        self.lists: dict[str, str] = {}
        self.rows: dict[str, str] = {}
        self.index = "0"
        self.near: list[str] = []  # what is an index of the shortest list
        self.depth = 0
        self.budget = 26

    def new(self, hint: str = "t") -> str:
        self.count += 1
        return f"{hint}.{self.count}"

    def line(self, text: str) -> None:
        self.lines.append("  " * (self.depth + 1) + text)

    def let(self, text: str, hint: str = "t") -> str:
        name = self.new(hint)
        self.line(f"{name} = {text}")
        return name

    def number(self) -> str:
        if self.rng.random() < 0.15:
            return repr(round(self.rng.uniform(-1.5, 1.5), 2))
        return self.rng.choice(self.floats[-6:])

    def tame(self, text: str) -> None:
        """A new value, kept small."""
        raw = self.let(text)
        half = self.let(f"mul({raw}, 0.8)")
        self.floats.append(self.let(f"{self.rng.choice(SMOOTH)}({half})"))

    def place(self, version: str) -> str:
        pick = self.rng.random()
        if pick < 0.2:
            return self.rng.choice(("0", "-1", "1", "-2"))
        if pick < 0.6 and self.near:
            near = self.rng.choice(self.near)
            return self.let(near, "k") if near.startswith("sub") else near
        size = self.let(f"len({version})", "n")
        shift = self.let(f"add({self.index}, {self.rng.randrange(3)})", "k")
        return self.let(f"mod({shift}, {size})", "k")

    def stmts(self, most: int) -> None:
        for _ in range(self.rng.randint(1, most)):
            if self.budget <= 0:
                return
            self.budget -= 1
            self.stmt()

    def stmt(self) -> None:
        kind = self.rng.random()
        which = self.rng.choice([*self.lists])
        version = self.lists[which]
        if kind < 0.12:
            self.tame(f"{self.rng.choice(OPS)}({self.number()}, {self.number()})")
        elif kind < 0.3:
            self.tame(f"get({version}, {self.place(version)})")
        elif kind < 0.4:
            place = self.place(version)
            self.lists[which] = self.let(f"set({version}, {self.number()}, {place})", which)
        elif kind < 0.45:
            place = self.place(version)
            self.lists[which] = self.let(f"acc({version}, {self.number()}, {place})", which)
        elif kind < 0.53:
            self.lists[which] = self.let(f"append({version}, {self.number()})", which)
        elif kind < 0.6:
            self.pop(which)
        elif kind < 0.66:
            self.tame(f"{self.rng.choice(WHOLE)}({version})")
        elif kind < 0.72 and self.rows:
            self.in_rows()
        elif kind < 0.8 and self.depth < 3:
            self.if_()
        elif kind < 0.9 and self.depth < 3:
            self.loop()
        elif kind < 0.94 and self.callee:
            self.call(which)
        elif kind < 0.97 and self.depth < 3:
            self.local()
        else:
            self.tame(f"{self.rng.choice(SMOOTH)}({self.number()})")

    def pop(self, which: str) -> None:
        version = self.lists[which]
        size = self.let(f"len({version})", "n")
        test = self.let(f"gt({size}, 2)", "c")
        out, value = self.new(which), self.new()
        last, rest = self.new(), self.new(which)
        self.line(f"if {test} {{")
        self.line(f"  {last} = get({version}, -1)")
        self.line(f"  {rest} = drop({version})")
        self.line(f"  yield {rest}, {last}")
        self.line("} else {")
        self.line(f"  yield {version}, {self.number()}")
        self.line(f"}} -> ({out}, {value}: float)")
        self.lists[which] = out
        self.floats.append(value)

    def in_rows(self) -> None:
        which = self.rng.choice([*self.rows])
        version = self.rows[which]
        row = self.rng.choice(("0", "1", "-1"))
        pick = self.rng.random()
        if pick < 0.4:
            self.rows[which] = self.let(f"set({version}, {self.number()}, {row}, 0)", which)
        elif pick < 0.6:
            self.tame(f"get({version}, {row}, 1)")
        elif pick < 0.8:
            view = self.let(f"get({version}, {row})", "row")
            self.tame(f"{self.rng.choice(WHOLE)}({view})")
            self.tame(f"get({view}, 1)")
        else:
            view = self.let(f"get({version}, {row})", "row")
            copy = self.let(f"copy({view})", "row")
            copy = self.let(f"set({copy}, {self.number()}, 1)", "row")
            self.rows[which] = self.let(f"set({version}, {copy}, 0)", which)

    def local(self) -> None:
        """A list that lives in this block only."""
        version = self.let(f"list({self.number()}, {self.number()})", "own")
        copy = self.let(f"copy({self.lists[self.rng.choice([*self.lists])]})", "own")
        for _ in range(self.rng.randint(0, 2)):
            version = self.let(f"append({version}, {self.number()})", "own")
        self.tame(f"list_prod({version})")
        self.tame(f"get({copy}, {self.place(copy)})")
        self.over(version, self.rng.random() < 0.5)

    def over(self, version: str, backward: bool) -> None:
        element, total, following, out = (self.new() for _ in range(4))
        listed = f"reversed({version})" if backward else version
        start = self.number()
        carried = f"carry ({total}: float = {start})"
        self.line(f"loop {self.new('i')} {carried} over ({element} in {listed}) {{")
        raw = self.new()
        self.line(f"  {raw} = mul({element}, {total})")
        self.line(f"  {following} = sin({raw})")
        stop = ""
        if self.rng.random() < 0.2 and not backward:
            test = self.new("c")
            self.line(f"  {test} = gt({following}, 0.31)")
            stop = f"stop {test} "
        self.line(f"  yield {stop}next ({following})")
        self.line(f"}} -> ({out})")
        self.floats.append(out)

    def state(self) -> tuple[list[str], int]:
        return [*self.lists.values(), *self.rows.values()], len(self.floats)

    def renew(self) -> list[str]:
        for table in (self.lists, self.rows):
            for which in table:
                table[which] = self.new(which)
        return [*self.lists.values(), *self.rows.values()]

    def if_(self) -> None:
        test = self.let(f"gt({self.number()}, {round(self.rng.uniform(-0.5, 0.5), 3)})", "c")
        before = dict(self.lists), dict(self.rows), list(self.floats)
        types = ["list<float>"] * len(self.lists) + ["list<list<float>>"] * len(self.rows)
        self.line(f"if {test} {{")
        for arm in range(2):
            self.lists, self.rows = dict(before[0]), dict(before[1])
            self.floats = list(before[2])
            self.depth += 1
            self.stmts(3)
            yields = [*self.lists.values(), *self.rows.values(), self.number()]
            self.line(f"yield {', '.join(yields)}")
            self.depth -= 1
            self.line("} else {" if arm == 0 else "} -> (RESULTS)")
        self.floats = list(before[2])
        outs = self.renew()
        value = self.new()
        typed = [f"{o}: {t}" for o, t in zip([*outs, value], [*types, "float"], strict=True)]
        self.lines[-1] = self.lines[-1].replace("RESULTS", ", ".join(typed))
        self.floats.append(value)

    def loop(self) -> None:
        around = self.index, list(self.floats), list(self.near)
        inits = [*self.lists.values(), *self.rows.values(), self.number()]
        over = self.rng.random() < 0.25
        source = ""
        if over:
            source = self.let(f"copy({inits[0]})", "own")
        value = self.new()
        carries = [*self.renew(), value]
        types = ["list<float>"] * len(self.lists) + ["list<list<float>>"] * len(self.rows)
        typed = ", ".join(
            f"{c}: {t} = {i}" for c, t, i in zip(carries, [*types, "float"], inits, strict=True)
        )
        self.index = self.new("i")
        self.floats.append(value)
        if over:
            element = self.new()
            self.line(f"loop {self.index} carry ({typed}) over ({element} in {source}) {{")
            self.floats.append(element)
        elif self.rng.random() < 0.3:
            size = self.rng.randrange(4)
            self.line(f"loop {self.index} in reversed(range(0, {size}, 1)) carry ({typed}) {{")
        else:
            start, size = self.rng.randrange(2), self.rng.randrange(4)
            self.line(f"loop {self.index} in range({start}, {size}, 1) carry ({typed}) {{")
            if size <= 2:
                self.near += [self.index, f"sub({self.index}, 1)", f"sub({self.index}, 2)"]
            elif start == 1:
                self.near += [f"sub({self.index}, 1)", f"sub({self.index}, 2)"]
        self.depth += 1
        self.stmts(4)
        stop = ""
        if self.rng.random() < 0.2:
            stop = f"stop {self.let(f'gt({self.number()}, 0.43)', 'c')} "
        nexts = [*self.lists.values(), *self.rows.values(), self.number()]
        self.line(f"yield {stop}next ({', '.join(nexts)})")
        self.depth -= 1
        self.index, self.floats, self.near = around
        out = self.new()
        self.line(f"}} -> ({', '.join([*self.renew(), out])})")
        self.floats.append(out)

    def call(self, which: str) -> None:
        out, value = self.new(which), self.new()
        others = [v for w, v in self.lists.items() if w != which]
        args = ", ".join((self.lists[which], self.rng.choice(others), self.number()))
        self.line(f"call g({args}) -> ({out}: list<float>, {value}: float)")
        self.lists[which] = out
        self.floats.append(value)

    def result(self) -> str:
        total = self.number()
        for version in self.lists.values():
            part = self.let(f"list_sum({version})")
            total = self.let(f"add({total}, {part})")
            last = self.let(f"get({version}, -1)")
            total = self.let(f"mul({total}, {last})")
        for version in self.rows.values():
            part = self.let(f"get({version}, -1, 0)")
            total = self.let(f"add({total}, {part})")
        return self.let(f"sin({total})")


def program(seed: int) -> str:
    rng = random.Random(seed)
    g = Writer(rng, callee=False)
    g.budget = 8
    g.lists, g.floats = {"a": "a", "own": "o"}, ["x"]
    g.lists["own"] = g.let("copy(b)", "own")
    g.lists.pop("own")
    g.floats.append(g.let("get(b, 0)"))
    g.stmts(6)
    g.over("b", False)
    callee = f"func g(a: list<float>, b: list<float>, x: float) -> (0, 1) {{\n{body(g)}"
    callee += f"  yield {g.lists['a']}, {g.floats[-1]}\n}}\n"
    f = Writer(rng, callee=True)
    f.floats = ["x", "y"]
    f.lists = {"p": f.let("copy(xs)", "p"), "q": f.let("list(x, y, 0.3)", "q")}
    f.rows = {"m": f.let("copy(M)", "m")}
    while f.budget > 0:
        f.stmts(8)
    f.over("xs", rng.random() < 0.5)
    result = f.result()
    head = "func f(xs: list<float>, x: float, y: float, M: list<list<float>>) -> 0 {\n"
    return f"{callee}{head}{body(f)}  yield {result}\n}}\n"


def body(writer: Writer) -> str:
    return "\n".join(writer.lines) + "\n"


ARGS = ([0.71, -0.43, 1.12], 0.63, -0.37, [[0.5, -0.2], [0.81, 0.33, 0.4], [0.9, -0.7]])


def check(seed: int) -> None:
    from s2sad.ir.parser import parse
    from tests.test_lists_ir import Case, test_gradient, test_second_order

    case = Case(str(seed), parse(program(seed)), ARGS, (0, 1, 2, 3))
    for level in (1, 0):
        test_gradient(case, level)
    if seed % 4 == 0:
        test_second_order(case)


if __name__ == "__main__":
    first, number = int(sys.argv[1]), int(sys.argv[2])
    failed = []
    for seed in range(first, first + number):
        try:
            check(seed)
        except Exception as error:
            failed.append(seed)
            print("seed", seed, type(error).__name__, str(error).splitlines()[:1])
    print(len(failed), "of", number, "failed:", failed)
