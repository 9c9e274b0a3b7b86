"""`with`, of managers that touch no number and let every exception pass.

    with np.errstate(divide="ignore"):    ->    Try(…, manager=python("np.errstate(…)"))
        y = x / d

The reverse sweep runs outside of it. And of the adjoint of a variable:

    with s2sad.cotangent(y) as y_bar:     ->    y = cotangent(y, "y_bar_1", …)
        y_bar = min(y_bar, 1.0)                 y_bar_1(y_bar, …): min(y_bar, 1.0)

The reverse sweep runs these statements, and nothing else does.
"""

from __future__ import annotations

import ast

from s2sad.frontend.classes import find_member
from s2sad.frontend.exceptions import Arm, Exceptions, Meeting
from s2sad.frontend.outside import COTANGENT, MANAGERS
from s2sad.frontend.resolve import FunctionMeaning
from s2sad.frontend.scope import function_nodes
from s2sad.frontend.texts import Texts, Words
from s2sad.frontend.values import UNBOUND, Ref, Struct, Value
from s2sad.ir.clone import clone_block
from s2sad.ir.nodes import FALSE, NOTHING, TRUE, Atom, Block, Call, Func, Lit, Stmt, Try, Var
from s2sad.ir.types import FLOAT, INT, NEVER, Array, Opaque, is_differentiable
from s2sad.ir.walk import defines, free_vars, walk

_ADVICE = (
    "only np.errstate, warnings.catch_warnings, contextlib.suppress, nullcontext and plain"
    " classes are known to touch no number and to swallow nothing else: move it out"
)


class Contexts(Texts, Exceptions):
    def with_(self, node: ast.With) -> None:
        live = self.prepared.live
        assigned, handed = live.assigned[node], live.handed[node]
        (item,) = node.items
        if isinstance(item.context_expr, ast.Call) and (
            self.program.graph.dotted(self.function, item.context_expr.func) == COTANGENT
        ):
            self.cotangent(node, item.context_expr, item.optional_vars)
            return
        manager = self.manager(item.context_expr)
        params: tuple[Var, ...] = ()
        outside = self.emitter.heap
        self.emitter.heap = dict(outside)
        with self.emitter.nested() as builder:
            match item.optional_vars:
                case None:
                    pass
                case ast.Name(id=name):
                    params = (Var(Opaque("object"), name, True),)
                    self.env[name] = params[0]
                case target:
                    raise self.refuse(target, "this target of a with", "name the object")
            self.block(node.body)
        arm = Arm(builder, self.snapshot(handed), params, self.emitter.heap)
        meeting = Meeting(self, [arm], outside, node)
        self.emitter.heap = meeting.heap()
        for name in handed:
            self.env[name] = meeting.value(name)
        self.forget(tuple(name for name in assigned if name not in handed))
        (body,) = meeting.blocks()
        outs, path = tuple(meeting.outs), Var(INT, "path")
        self.add(Try(outs, path, body, (), self.loc(node), manager))

    def cotangent(self, node: ast.With, made: ast.Call, target: ast.expr | None) -> None:
        """A block of the reverse sweep; its statements are a function of what they read."""
        match made, target:
            case ast.Call(args=[ast.Name(name) as place], keywords=[]), ast.Name(bar):
                pass
            case _:
                raise self.refuse(
                    node, "this use of s2sad.cotangent", "write `with cotangent(y) as y_bar:`"
                )
        value = self.expression(place)
        if isinstance(value, Ref) and value.obj.part is not None:
            raise self.refuse(place, "the cotangent of a part of an array", "name all of it")
        if not isinstance(value, Ref):
            value = self.as_number(self.as_atom(value, place), place)
        source = self.as_atom(value, place)
        if source.type == NEVER:
            return  # of a recursion whose result is not known yet
        if not is_differentiable(source.type) or not isinstance(source, Var):
            raise self.refuse(
                place, f"the cotangent of {name}, which is of type {source.type}", "drop it"
            )
        param = Var(source.type, bar, True)
        stmts, result = self._block_of(node, bar, param)
        if result.type != param.type:
            raise self.refuse(node, f"{bar} becomes a {result.type}", f"keep it a {param.type}")
        for stmt in walk(Block((), tuple(stmts), ())):
            if isinstance(stmt, Call):
                raise self.refuse(
                    node, f"a call of {stmt.func} in the block of a cotangent", "write it out"
                )
        known = {param, *(var for stmt in stmts for var in defines(stmt))}
        outside = [var for var in free_vars(stmts) if var is not param]
        if isinstance(result, Var) and result not in known:
            outside = [var for var in outside if var is not result] + [result]
        renaming: dict[Var, Atom] = {}
        params = (param, *outside)
        block = clone_block(Block(params, tuple(stmts), (result,)), renaming)
        made_ = f"{bar}_{len(self.program.cotangents) + 1}"
        self.program.cotangents[made_] = Func(made_, block, 0, loc=self.loc(node))
        keeps = TRUE if result is param else FALSE
        args: tuple[Atom, ...] = (source, Lit(made_, Opaque("str")), keeps, *outside)
        passed = self.let("cotangent", args, place, source.type)
        if isinstance(value, Ref):
            self.store(value, passed, place)
        else:
            self.name(name, passed, place)

    def _block_of(self, node: ast.With, bar: str, param: Var) -> tuple[list[Stmt], Atom]:
        """The statements of a block, and what its cotangent is at the end."""
        assigned = self.prepared.live.assigned[node]
        before, outside = self.snapshot(assigned), self.emitter.heap
        self.emitter.heap = dict(outside)
        with self.emitter.nested() as builder:
            array = isinstance(param.type, Array)
            self.name(bar, self.allocate(param) if array else param, node)
            self.block(node.body)
            result = self.as_atom(self.env[bar], node)
            if isinstance(result, Lit) and param.type == FLOAT:
                result = self.as_number(result, node)
        for obj, content in outside.items():
            if self.emitter.heap[obj] is not content:
                raise self.refuse(
                    node, "a change of an object in the block of a cotangent", "return it"
                )
        self.emitter.heap = outside
        for name, value in before.items():
            if name != bar and value is not UNBOUND:
                raise self.refuse(
                    node,
                    f"an assignment to {name} in the block of a cotangent",
                    "the block runs in the reverse sweep: give it a name of its own",
                )
        self.forget(assigned)
        return builder.stmts, result

    def left_manager(self, node: ast.Call) -> Value:
        """The end of a block of a manager of the user's."""
        (place,) = node.args
        manager = self.expression(place)
        content = self.content(manager, place)
        cls = content.layout.cls if isinstance(content, Struct) else None
        member = find_member(cls, "__exit__") if cls is not None else None
        if member is None or not isinstance(member.meaning, FunctionMeaning):
            raise self.refuse(place, "this context manager", _ADVICE)
        end = self.program.function_of(member.meaning, self.loc(place)).node
        args = end.args
        told = {arg.arg for arg in (*args.args[1:], *args.kwonlyargs)}
        told |= {args.vararg.arg} if args.vararg else set()
        returns = [n.value for n in function_nodes(end) if isinstance(n, ast.Return)]
        swallows = any(
            not isinstance(value, ast.Constant) or value.value for value in returns if value
        )
        if swallows or any(
            isinstance(n, ast.Name) and n.id in told for n in function_nodes(end)
        ):
            what = "a context manager whose __exit__ looks at the exception, or swallows it,"
            raise self.refuse(place, what, "use try and except")
        return self.call_method(manager, "__exit__", [NOTHING] * 3, place)

    def manager(self, node: ast.expr) -> Atom:
        if isinstance(node, ast.Call):
            dotted = self.program.graph.dotted(self.function, node.func)
            if dotted in MANAGERS:
                made = Words(self)
                text = made.call(MANAGERS[dotted], node)
                atoms = tuple(made.atoms)
                return self.python(made.finished(text), atoms, node, Opaque("manager"))
        raise self.refuse(node, "this context manager", _ADVICE)
