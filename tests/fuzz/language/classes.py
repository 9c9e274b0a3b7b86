"""Classes: attributes, methods that change them, properties, operators, inheritance."""

from __future__ import annotations

from tests.fuzz.blocks import indented
from tests.fuzz.scope import pick

from .callables import Callables
from .shapes import COUNT, NUM, Class, Dct, Fun, Lst, Names, Obj, Param, Shape

CLASSES = ("Cell", "Box", "Node")
FIELDS = ("a", "b", "level", "items", "table", "last")
METHODS = ("step", "grow", "mixed", "peek")


class Classes(Callables):
    """Definitions of classes, as lines."""

    def class_(self, name: str) -> list[str]:
        """A class of one of the kinds."""
        way = self.choose({"plain": 6.0, "dataclass": 2.0, "named": 1.0, "derived": 2.0})
        bases = [c for c in self.classes.values() if not c.frozen and c.init.params]
        if way == "derived" and bases:
            return self._derived(name, self.rng.choice(bases))
        if way in ("dataclass", "named"):
            return self._record(name, way)
        return self._plain(name)

    def _fields(self) -> dict[str, Shape]:
        names = self.rng.sample(FIELDS[:3], self.rng.randint(1, 2))
        fields: dict[str, Shape] = dict.fromkeys(names, NUM)
        if self.chance(0.4):
            fields["items"] = Lst(NUM)
        if self.chance(0.2):
            fields["table"] = Dct((("lo", NUM), ("w", NUM)))
        if self.classes and self.chance(0.2):
            fields["last"] = Obj(self.rng.choice(sorted(self.classes)))
        return fields

    def _plain(self, name: str) -> list[str]:
        fields = self._fields()
        taken = [key for key in fields if key == next(iter(fields)) or self.chance(0.5)]
        params = tuple(
            Param(key, fields[key], "0.4" if fields[key] == NUM and self.chance(0.2) else None)
            for key in taken
        )
        params = tuple(sorted(params, key=lambda p: p.default is not None))
        made = Class(name, Fun(params), fields)
        self.names = Names({p.name: p.shape for p in params})
        signature = self.signature(params)
        init = [
            f"self.{key} = {key if key in taken else self.value(shape, 1)}"
            for key, shape in fields.items()
        ]
        lines: list[str] = []
        if self.chance(0.4):
            made.constants = ("gain",)
            lines.append(f"gain = {self.literal()}")
        if self.chance(0.2):
            init.append(f"self.gain = {self.leaf()}")
        self.classes[name] = made
        lines += [f"def __init__(self, {signature}):", *indented(init)]
        lines += self._members(made)
        return [f"class {name}:", *indented(lines)]

    def _record(self, name: str, way: str) -> list[str]:
        fields = self._fields()
        frozen = way == "named" or self.chance(0.25)
        params = [Param(key, shape) for key, shape in fields.items()]
        defaulted = params[-1].shape == NUM and self.chance(0.3)
        if defaulted:
            params[-1] = Param(params[-1].name, NUM, "0.4")
        made = Class(name, Fun(tuple(params)), fields, frozen)
        self.classes[name] = made
        lines = [f"{p.name}: {_annotation(p.shape)}" for p in params]
        if defaulted:
            lines[-1] += " = 0.4"
        if way == "named":
            lines += self._members(made, properties=False)
            return [f"class {name}(NamedTuple):", *indented(lines)]
        head = "@dataclass(frozen=True)" if frozen else "@dataclass"
        lines += self._members(made)
        return [head, f"class {name}:", *indented(lines)]

    def _derived(self, name: str, base: Class) -> list[str]:
        """A class that extends another one and replaces a method of it."""
        params = (*base.init.params, Param("more", NUM, "0.3"))
        fields = {**base.fields, "more": NUM}
        made = Class(name, Fun(params), fields, constants=base.constants)
        made.properties, made.settable = list(base.properties), list(base.settable)
        given = ", ".join(p.name for p in base.init.params)
        init = [f"super().__init__({given})", "self.more = more"]
        lines = [f"def __init__(self, {self.signature(params)}):", *indented(init)]
        self.classes[name] = made
        for method, fun in base.methods.items():
            if not method or fun.result != NUM or self.chance(0.5):
                continue
            self.names = self._self(made, fun.params)
            body = self.block(self.rng.randint(0, 1))
            given = ", ".join(p.name for p in fun.params)
            body.append(f"return 0.5 * super(){method}({given}) + {self.number(1)}")
            lines += [
                f"def {method[1:]}(self, {self.signature(fun.params)}):",
                *indented(body),
            ]
        kept = {m: f for m, f in base.methods.items() if f.result != Obj(base.name)}
        made.methods = kept
        return [f"class {name}({base.name}):", *indented(lines)]

    # members
    def _self(self, made: Class, params: tuple[Param, ...]) -> Names:
        names = Names({"self": Obj(made.name), **{p.name: p.shape for p in params}})
        names.fixed = {"self"}
        return names

    def _members(self, made: Class, *, properties: bool = True) -> list[str]:
        lines: list[str] = []
        if properties and self.chance(0.35):
            lines += self._property(made)
        for method in self.rng.sample(METHODS, pick(self.rng, {0: 1, 1: 3, 2: 3, 3: 1})):
            lines += self._method(made, method)
        if self.chance(0.25):
            lines += self._call_method(made)
        for operator in ("__add__", "__mul__", "__neg__", "__getitem__", "__len__", "__bool__"):
            tuple_like = made.frozen and not properties
            if self.chance(0.12) and not tuple_like:
                lines += self._operator_method(made, operator)
        return lines

    def _property(self, made: Class) -> list[str]:
        self.names = self._self(made, ())
        self.names.held = {"self"} if self.chance(0.8) else set()
        lines = ["@property", "def size(self):", *indented([f"return {self.number(2)}"])]
        numbers = [k for k, s in made.fields.items() if s == NUM]
        if not made.frozen and self.chance(0.5):
            self.names = self._self(made, (Param("v", NUM),))
            body = [f"self.{self.rng.choice(numbers)} = {self.number(1)}"]
            lines += ["@size.setter", "def size(self, v):", *indented(body)]
            made.settable.append("size")
        made.properties.append("size")
        return lines

    def _method(self, made: Class, method: str) -> list[str]:
        self.names = Names()
        shapes = (self.shape(self.rng.randint(0, 1)),) if self.chance(0.3) else ()
        params = self._parameters(pick(self.rng, {0: 1, 1: 4, 2: 1}), shapes=shapes)
        kind = self.choose({"method": 8.0, "static": 0.7, "classmethod": 0.7})
        self.names = self._self(made, params)
        first, head = "self", []
        if kind == "static":
            del self.names.values["self"]
            first, head = "", ["@staticmethod"]
        elif kind == "classmethod":
            del self.names.values["self"]
            first, head = "cls", ["@classmethod"]
        signature = ", ".join(part for part in (first, self.signature(params)) if part)
        self.result = NUM
        builds = kind != "static" and not made.frozen and self.chance(0.15)
        if builds or (made.frozen and self.chance(0.3)):
            self.result = Obj(made.name)
        body = self.block(self.rng.randint(0, 3))
        if self.result == NUM:
            body.append(f"return {self.number(2)}")
        elif kind == "method" and not made.frozen and self.chance(0.6):
            body.append("return self")
        else:
            body.append(f"return {self.called(made.name, made.init, 1)}")
        text = "\n".join(body)
        loops = "for " in text or "while " in text
        made.methods[f".{method}"] = Fun(
            params, self.result, loops=loops, raises="raise" in text
        )
        self.result = NUM
        return [*head, f"def {method}({signature}):", *indented(body)]

    def _call_method(self, made: Class) -> list[str]:
        params = (Param("v", NUM),)
        self.names = self._self(made, params)
        body = [*self.block(self.rng.randint(0, 2)), f"return {self.number(2)}"]
        text = "\n".join(body)
        made.methods[""] = Fun(params, loops="for " in text or "while " in text)
        return ["def __call__(self, v):", *indented(body)]

    def _operator_method(self, made: Class, operator: str) -> list[str]:
        other = operator in ("__add__", "__mul__", "__getitem__")
        self.names = self._self(made, ())
        first = next(iter(made.fields))
        given: list[str] = []
        for param in made.init.params:
            text = f"self.{param.name}"
            if param.name == first and operator in ("__add__", "__mul__"):
                number = f"other.{first} if isinstance(other, {made.name}) else other"
                sign = {"__add__": "+", "__mul__": "* 0.5 *"}[operator]
                text = f"{text} {sign} ({number})"
            elif param.name == first:
                text = f"-{text}"
            given.append(text)
        match operator:
            case "__getitem__":
                self.names.bind("other", COUNT)
                body = [f"return {self.number(1)} if other == 0 else {self.number(1)}"]
            case "__len__":
                body = [f"return {self.rng.randint(0, 2)}"]
                if "items" in made.fields:
                    body = ["return len(self.items)"]
            case "__bool__":
                body = [f"return {self.condition(0)}"]
            case _:
                body = [f"return {made.name}({', '.join(given)})"]
        made.operators.add(operator)
        return [f"def {operator}(self{', other' * other}):", *indented(body)]


def _annotation(shape: Shape) -> str:
    match shape:
        case Lst():
            return "list"
        case Dct():
            return "dict"
        case Obj(name):
            return name
    return "float"
