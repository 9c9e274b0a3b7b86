"""`astor`, imported without its warnings: it touches names that `ast` deprecates."""

from __future__ import annotations

import warnings

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from astor.code_gen import Precedence, SourceGenerator, set_precedence

__all__ = ["Precedence", "SourceGenerator", "set_precedence"]
