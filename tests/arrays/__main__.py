"""Try programs: `python -m tests.arrays [NAME …]`."""

from __future__ import annotations

import sys
from collections import Counter

from tests import verified
from tests.language.table import entries_in

from .check import refusal, verdict
from .test_arrays import HERE

verified.install()
wanted = [arg for arg in sys.argv[1:] if not arg.startswith("-")]
counts: Counter[str] = Counter()
for table in ("programs", "memory", "refused"):
    for entry in entries_in(HERE / table):
        if wanted and not any(word in f"{entry.chapter}/{entry.name}" for word in wanted):
            continue
        found = refusal(entry) if table == "refused" else verdict(entry)
        counts[found.kind] += 1
        if found.kind != "right":
            detail = found.detail if "-s" in sys.argv else found.detail[-700:]
            print(f"{found.kind}: {entry.chapter}/{entry.name}\n{detail}\n", flush=True)
print(dict(counts))
