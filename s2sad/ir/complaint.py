"""How the checks of the IR say what is wrong: function, statement, rule."""

from __future__ import annotations

from typing import NoReturn

from s2sad.errors import InternalError
from s2sad.ir.nodes import Atom, Func, Lit, Stmt, Undef, Var


def complain(func: Func, stmt: Stmt | None, what: str, *subjects: Atom | Stmt) -> NoReturn:
    """Raise; `{}` in `what` stands for a subject, by the name that `show` gives it."""
    # Here, for it is needed only where something is wrong.
    from s2sad.ir.text import names_of

    names = names_of(func)
    said = what.format(*(_name(subject, names) for subject in subjects))
    where = func.name if stmt is None else f"{func.name}: {_name(stmt, names)}"
    raise InternalError(f"{where}: {said}", stmt.loc if stmt else func.loc)


def _name(subject: Atom | Stmt, names: dict[Var, str]) -> str:
    if isinstance(subject, Var):
        return names.get(subject, repr(subject))
    if not isinstance(subject, Lit | Undef):
        from s2sad.ir.text import show_stmt

        return f"`{show_stmt(subject, names)}`"
    return repr(subject)
