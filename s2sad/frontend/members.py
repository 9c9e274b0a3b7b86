"""Members of modules, of classes and of objects."""

from __future__ import annotations

import ast
import enum

from s2sad.errors import UnsupportedFunction
from s2sad.frontend.classes import (
    Member,
    find_member,
    info_of,
    is_of_python,
    may_be_a_descriptor,
)
from s2sad.frontend.containers import Containers
from s2sad.frontend.library import Iterator
from s2sad.frontend.live import LiveNamespace, literal, meaning_of
from s2sad.frontend.resolve import (
    BoundMeaning,
    ClassMeaning,
    ConstantMeaning,
    ContainerMeaning,
    ExpressionMeaning,
    FunctionMeaning,
    LiteralMeaning,
    Meaning,
    ModuleMeaning,
    NumberMeaning,
    ObjectMeaning,
    PrimitiveMeaning,
    UnknownMeaning,
)
from s2sad.frontend.values import (
    FunctionValue,
    Layout,
    ListValue,
    MethodValue,
    PartialValue,
    Ref,
    Struct,
    SuperValue,
    TupleValue,
    Value,
    describe,
)
from s2sad.ir.build import Builder
from s2sad.ir.nodes import Atom, Let, Lit, Undef, Var
from s2sad.ir.types import BOOL, COMPLEX, FLOAT, INT, Array, Opaque

ADVICE = "register its derivative with @s2sad.rule, or cut it out with s2sad.stop_gradient"

# Alternative constructors.
_OF_PRIMITIVES = frozenset({"dict.fromkeys", "itertools.chain.from_iterable"})
# Methods of NumPy's numbers that give the number itself.
NUMPY_IDENTITIES = frozenset(
    {"copy", "item", "sum", "mean", "max", "min", "prod", "squeeze", "conj"}
)


class Members(Containers):
    def attribute(self, node: ast.Attribute) -> Value:
        return self.member(self.owner(node.value), node.attr, node)

    def member(self, owner: Value, name: str, node: ast.AST) -> Value:
        if name == "__class__":
            return self.class_of(owner, node)
        match owner:
            case ModuleMeaning(name=module):
                meaning = self.program.member_meaning(owner, name)
                if meaning is None:
                    raise self.refuse(
                        node, f"the module {module} has no {name}", "check its spelling"
                    )
                return self.usable(meaning, node)
            case PrimitiveMeaning(dotted) if dotted.startswith("numpy."):
                return PrimitiveMeaning(f"{dotted}.{name}")
            case ObjectMeaning():
                return self.object_member(owner, name, node)
            case PrimitiveMeaning(dotted) if f"{dotted}.{name}" in _OF_PRIMITIVES:
                return PrimitiveMeaning(f"{dotted}.{name}")
            case ClassMeaning():
                return self.class_member(owner, name, node)
            case SuperValue(cls, after, instance):
                member = find_member(cls, name, after)
                plain = member is None or is_of_python(member)
                if plain and name == "__init__" and cls.exception:
                    return MethodValue(instance, "%init")
                if member is None:
                    raise self.refuse(node, f"super() has no {name}", "check its spelling")
                return self.bound_member(member, instance, cls, name, node)
            case FunctionValue() | FunctionMeaning():
                if name in ("__name__", "__qualname__") and isinstance(owner, FunctionValue):
                    return Lit(repr(owner.function.name), Opaque("str"))
                raise self.refuse(node, "an attribute of a function", "pass it as an argument")
            case Ref(obj) if name == "append" and self.only_appended(obj):
                return MethodValue(owner, name)
            case MethodValue(Ref() as array, "flags") if self.is_array(array):
                return self.arrays.flag(array, name, node)
            case Ref() if self.is_array(owner):
                return self.arrays.member(owner, name, node)
            case Ref():
                return self.part_of(owner, self.content(owner, node), name, node)
            case Struct() | TupleValue() | ListValue():
                return self.part_of(owner, owner, name, node)
            case Var(type=Opaque()) | Lit(type=Opaque()):
                return self.opaque_member(owner, name, node)
            case Var() | Lit() | Undef():
                return self.number_member(owner, name, node)
            case _:
                raise self.refuse(
                    node, f"the attribute {name} of {describe(owner)}", "use plain numbers"
                )

    def owner(self, node: ast.expr) -> Value:
        return self.attribute(node) if isinstance(node, ast.Attribute) else self.operand(node)

    def number_member(self, owner: Value, name: str, node: ast.AST) -> Value:
        assert isinstance(owner, Var | Lit | Undef)
        if owner.type == COMPLEX and name in ("real", "imag"):
            return self.arrays.call(f"numpy.{name}", [owner], {}, node)
        match name:
            case "real":
                return self.let("pos", (owner,), node) if owner.type == BOOL else owner
            case "imag":
                return Lit(0.0, FLOAT) if owner.type == FLOAT else Lit(0, INT)
            case "__index__" | "is_integer" | "conjugate" | "bit_length":
                return MethodValue(owner, name)
            case _ if name in NUMPY_IDENTITIES and self.of_numpy(owner):
                return MethodValue(owner, name)
            case _:
                raise self.refuse(
                    node,
                    f"the attribute {name} of a value is not supported",
                    "use plain numbers; for an object that is an argument, ask for"
                    " source_for(…) with one, as its class is not known here",
                )

    def of_numpy(self, number: Atom) -> bool:
        """Is it a number of NumPy's: an element of an array, or what a function made of
        some?"""
        builder: Builder | None = self.emitter.builder
        while builder is not None:
            for stmt in reversed(builder.stmts):
                match stmt:
                    case Let(out, "get", (Var(type=Array()), *_)) if out is number:
                        return True
                    case Let(out, op) if out is number:
                        return op.startswith("np.")
                    case _:
                        pass
            builder = builder.parent
        return False

    def opaque_member(self, owner: Value, name: str, node: ast.AST) -> Value:
        if isinstance(owner, Var | Lit) and owner.type == Opaque("exception"):
            what = f"{name} of an exception that is not raised in its own try"
            raise self.refuse(node, what, "return the value, or keep it in a variable")
        return MethodValue(owner, name)

    # Objects.

    def part_of(self, owner: Value, content: Value, name: str, node: ast.AST) -> Value:
        match content:
            case Struct(Layout("object" | "named", keys, cls), items):
                assert cls is not None
                if isinstance(owner, Ref):
                    self.program.touched.attribute(owner.obj, name)
                member = find_member(cls, name)
                if member is not None and member.kind == "property":
                    return self.bound_member(member, owner, cls, name, node)
                if name in keys:
                    return items[keys.index(name)]
                if content.layout.kind == "named" and name in ("_replace", "_asdict"):
                    return MethodValue(owner, name)
                if member is not None:
                    return self.bound_member(member, owner, cls, name, node)
                if content.layout.kind == "named":
                    return MethodValue(owner, name)
                if cls.found is Iterator:
                    raise self.refuse(node, f"{name} of an iterator", "make a list of it")
                if name == "__dict__":
                    raise self.refuse(node, "__dict__", "use the attributes by their names")
                raise self.refuse(
                    node, f"the object of {cls.name} has no {name} here", "assign it first"
                )
            case _:
                return MethodValue(owner, name)

    def bound_member(
        self, member: Member, instance: Value, cls: ClassMeaning, name: str, node: ast.AST
    ) -> Value:
        match member.kind:
            case "method":
                return PartialValue(self.member_value(member, name, node), (instance,))
            case "property":
                return self.apply(self.member_value(member, name, node), [instance], {}, node)
            case "class":
                return PartialValue(self.member_value(member, name, node), (cls,))
            case _:
                return self.member_value(member, name, node)

    def object_member(self, owner: ObjectMeaning, name: str, node: ast.AST) -> Value:
        """A member of an object of the module: its numbers are read here, and live."""
        cls, found = owner.cls, owner.held.found
        info = info_of(cls)
        if isinstance(found, enum.Enum) and name in ("value", "name"):
            meaning = meaning_of(
                getattr(found, f"_{name}_"), name, LiveNamespace({}, {}, "", False)
            )
            if isinstance(meaning, NumberMeaning):
                lit = literal(found.value)
                assert lit is not None
                return lit
            return self.usable(meaning, node)
        if info.refusal and not isinstance(found, enum.Enum):
            raise self.refuse(
                node, f"{owner.name}, an object of {info.refusal},", "use a plain class"
            )
        member = find_member(cls, name)
        if member is None or member.kind != "property":
            held = self.program.attribute_meaning(owner, name)
            if held is not None:
                return self.usable(held, node)
        if member is None:
            raise self.refuse(
                node, f"the object {owner.name} has no {name} here", "check its spelling"
            )
        return self.bound_member(member, owner, cls, name, node)

    def class_member(self, cls: ClassMeaning, name: str, node: ast.AST) -> Value:
        if name in ("__name__", "__qualname__"):
            return Lit(repr(cls.name), Opaque("str"))
        if cls.found is None and cls.namespace is None:
            raise self.refuse(node, f"{cls.name}, which is no part of the program", "pass it")
        if name == "_make" and info_of(cls).named_tuple:
            return MethodValue(cls, name)
        member = find_member(cls, name)
        if member is None:
            raise self.refuse(
                node, f"the class {cls.name} has no {name} here", "check its spelling"
            )
        if member.kind == "class":
            return PartialValue(self.member_value(member, name, node), (cls,))
        if member.kind == "property":
            raise self.refuse(node, "a property of a class", "read it off an object")
        return self.member_value(member, name, node)

    def member_value(self, member: Member, name: str, node: ast.AST) -> Value:
        """The function or the constant that a class holds."""
        meaning = self.program.class_meaning_of(member, name)
        value = self.usable(meaning, node)
        if isinstance(value, FunctionValue):
            if member.owner.found is None:
                from s2sad.frontend.classes_local import with_variables

                value = with_variables(value, member)
            return value._replace(owner=member.owner)
        return value

    def store_attribute(self, owner: Value, name: str, value: Value, node: ast.AST) -> None:
        content = self.content(owner, node)
        if name.startswith("__") and name.endswith("__"):
            raise self.refuse(node, f"assignment to {name}", "use a plain attribute")
        match owner, content:
            case Ref(), Struct(Layout("object", keys, cls) as layout, items):
                assert cls is not None
                member = find_member(cls, name)
                if member is not None and member.kind == "property":
                    self.set_property(member, owner, name, value, node)
                    return
                if member is not None and may_be_a_descriptor(member):
                    raise self.refuse(
                        node,
                        f"assignment to {name}, which may be a descriptor of {cls.name},",
                        "give the attribute another name, or use a property",
                    )
                if info_of(cls).frozen:
                    raise self.refuse(
                        node,
                        f"assignment to {name} of a frozen {cls.name}",
                        "make a new object",
                    )
                if owner.obj.place is not None and name not in keys:
                    raise self.refuse(
                        node,
                        f"{name}, a new attribute of an object in a list of unknown length,",
                        "set it in __init__, too",
                    )
                if owner.obj.place is not None:
                    self.store_field(owner, keys.index(name), value, node)
                    return
                self.program.touched.attribute(owner.obj, name)
                self.stored_outside(owner, f".{name}", value, node)
                if name in keys:
                    k = keys.index(name)
                    made = Struct(layout, (*items[:k], value, *items[k + 1 :]))
                else:
                    made = Struct(layout._replace(keys=(*keys, name)), (*items, value))
                self.store(owner, made, node, followed=True)
            case ObjectMeaning(), _ if self.in_world_object(owner, name, value, "", node):
                return
            case _:
                raise self.refuse(
                    node,
                    f"assignment to an attribute of {describe(content)}",
                    "use an object that is made in the function",
                )

    def in_world_object(
        self, owner: ObjectMeaning, name: str, value: Value, sign: str, node: ast.AST
    ) -> bool:
        """A change of an attribute of an object of the module; is it a plain one?"""
        found = owner.held.found
        if not hasattr(found, "__dict__") or info_of(owner.cls).refusal:
            return False
        member = find_member(owner.cls, name)
        if member is not None and (member.kind == "property" or may_be_a_descriptor(member)):
            return False
        if info_of(owner.cls).frozen:
            return False
        self.change_world(owner.held, owner.name, f".{name}{sign}", value, node, name)
        return True

    def set_property(
        self, member: Member, owner: Value, name: str, value: Value, node: ast.AST
    ) -> None:
        if member.setter is None:
            raise self.refuse(node, f"the property {name} has no setter", "assign to a field")
        setter = self.member_value(member._replace(meaning=member.setter), name, node)
        self.apply(setter, [owner, value], {}, node)

    def call_method(self, owner: Value, name: str, args: list[Value], node: ast.AST) -> Value:
        return self.apply(self.member(owner, name, node), args, {}, node)

    def has_method(self, value: Value, name: str, node: ast.AST) -> bool:
        """Is a value an object whose class defines a method?"""
        match self.content(value, node):
            case Struct(Layout("object" | "named", _, cls)) if cls is not None:
                member = find_member(cls, name)
                if member is None or not isinstance(member.meaning, UnknownMeaning):
                    return member is not None
                if info_of(cls).named_tuple:
                    return False  # of tuple
                raise self.refuse(
                    node, f"{name} of {cls.name}, {member.meaning.what},", "write a method"
                )
            case _:
                return False

    # Meanings.

    def usable(self, meaning: Meaning, node: ast.AST) -> Value:
        match meaning:
            case NumberMeaning(name, type_):
                read = self.let("global", (Lit(name, Opaque("name")),), node, type_)
                if not isinstance(type_, Array):
                    return read
                array = self.allocate(read)
                array.obj.fixed = f"{name}, which outlives the call,"
                return array
            case ConstantMeaning(name, type_, number):
                made = self.let("constant", (Lit(name, Opaque("name")),), node, type_)
                self.emitter.settled[made] = number
                return made
            case LiteralMeaning(lit):
                return lit
            case BoundMeaning(func, args, named):
                first = tuple(self.usable(arg, node) for arg in args)
                more = tuple((key, self.usable(value, node)) for key, value in named)
                return PartialValue(self.usable(func, node), first, more)
            case ContainerMeaning():
                return self.global_container(meaning, node)
            case ExpressionMeaning():
                return self.module_expression(meaning, node)
            case FunctionMeaning():
                return FunctionValue(self.program.function_of(meaning, self.loc(node)), None)
            case UnknownMeaning(what, instead):
                raise UnsupportedFunction(
                    f"{what} is not supported", self.loc(node), instead or ADVICE
                )
            case _:
                return meaning

    def container(
        self, kind: str, keys: tuple[object, ...], items: list[Value], name: str
    ) -> Value:
        """A constant of the module: it may be read, not changed."""
        if kind == "tuple":
            return TupleValue(tuple(items))
        made = self.allocate(Struct(Layout(kind, keys), tuple(items)))
        made.obj.fixed = f"{name or 'a global'}, which outlives the call,"
        return made

    def global_container(self, meaning: ContainerMeaning, node: ast.AST) -> Value:
        """The one object that a name of the module means, however often it is read."""
        known = self.emitter.constants.get(id(meaning))
        if known is not None and known.obj in self.emitter.heap:
            return known
        made = self.container(
            meaning.kind,
            meaning.keys,
            [self.usable(i, node) for i in meaning.items],
            meaning.name,
        )
        if isinstance(made, Ref):
            made.obj.world, made.obj.hint = meaning.held, meaning.name
            self.emitter.constants[id(meaning)] = made
        return made


__all__ = ["ADVICE", "Members", "PrimitiveMeaning"]
