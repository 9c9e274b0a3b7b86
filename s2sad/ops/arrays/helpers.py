"""Functions that NumPy lacks, as source text that is pasted into the output."""

from __future__ import annotations

HELPERS: dict[str, str] = {}
