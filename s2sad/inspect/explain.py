"""`f.explain(0.7)`: the derivation of a run, checked against what is emitted."""

from __future__ import annotations

from s2sad.inspect.derivation import Derivation, derivation
from s2sad.inspect.subject import Run


def explained(
    run: Run, forward: bool = False, whole: bool = False, first: int = 1
) -> Derivation:
    return derivation(run, forward, whole, first)
