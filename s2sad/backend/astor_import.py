"""`astor`, imported without its warnings: it touches names that `ast` deprecates."""

from __future__ import annotations

import warnings

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from astor.code_gen import Precedence, SourceGenerator, set_precedence
    from astor.op_util import precedence_data, symbol_data

__all__ = [
    "Precedence",
    "SourceGenerator",
    "precedence_data",
    "set_precedence",
    "symbol_data",
]
