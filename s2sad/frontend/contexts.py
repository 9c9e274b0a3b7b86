"""`with`, of managers that touch no number and let every exception pass.

    with np.errstate(divide="ignore"):    ->    Try(…, manager=python("np.errstate(…)"))
        y = x / d

The reverse sweep runs outside of it.
"""

from __future__ import annotations

import ast

from s2sad.frontend.exceptions import Arm, Exceptions, Meeting
from s2sad.frontend.outside import MANAGERS
from s2sad.frontend.texts import Texts, Words
from s2sad.ir.nodes import Atom, Try, Var
from s2sad.ir.types import INT, Opaque


class Contexts(Texts, Exceptions):
    def with_(self, node: ast.With) -> None:
        live = self.prepared.live
        assigned, handed = live.assigned[node], live.handed[node]
        (item,) = node.items
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

    def manager(self, node: ast.expr) -> Atom:
        if isinstance(node, ast.Call):
            dotted = self.program.graph.dotted(self.function, node.func)
            if dotted in MANAGERS:
                made = Words(self)
                text = made.call(MANAGERS[dotted], node)
                atoms = tuple(made.atoms)
                return self.python(made.finished(text), atoms, node, Opaque("manager"))
        raise self.refuse(
            node,
            "this context manager",
            "only np.errstate, warnings.catch_warnings, contextlib.suppress and nullcontext"
            " are known to touch no number and to swallow nothing else: move it out",
        )
