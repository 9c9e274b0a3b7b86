"""How the output is to look."""

from __future__ import annotations

from typing import NamedTuple


class Options(NamedTuple):
    """level: -O0 prints the adjoints to the letter; from 1 on signs and products are
    written as a hand would. inline: fold adjoint contributions used once into their
    use. comments: name the sweeps and the primal statements. checks: the class tests
    of the entry's parameters. prelude: lines put after the imports (what the text needs
    of the user's module when it stands alone); imports: lines among the imports; classes:
    the texts of exception classes. jit: for Numba; standalone: with all that the text needs;
    cache: let Numba keep what it compiles in files; lenient: it makes no difference which
    of two statements raises first, and no two lists are one; places: statements know which
    lines of the user's they come from.
    """

    level: int = 1
    inline: bool = True
    comments: bool = True
    checks: bool = True
    prelude: tuple[str, ...] = ()
    imports: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    jit: bool = False
    standalone: bool = True
    cache: bool = True
    lenient: bool = False
    places: bool = False
