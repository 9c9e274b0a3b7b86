"""Record in the tables what is refused now: `python -m tests.wild`."""

from __future__ import annotations

from tests.language.recording import record

from .table import FUNCTIONS, judged

if __name__ == "__main__":
    print("\n".join(record(FUNCTIONS, "says", judged)))
