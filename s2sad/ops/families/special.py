"""Error and gamma functions (NIST DLMF 7.2, 5.2, 5.15).

The derivatives of gamma and lgamma are polygamma functions, which `math` lacks: the
helper `_polygamma` is pasted into the output, and its derivative is the next one.
"""

from __future__ import annotations

from s2sad.ops.intervals import falling, rising
from s2sad.ops.primitive import Declaration, elementary, stated

FAMILY: tuple[Declaration, ...] = (
    elementary("erf", interval=rising("erf", (0.0, 0.0), low=-1.0, high=1.0), raises=False),
    elementary("erfc", interval=falling("erfc", (0.0, 1.0), low=0.0, high=2.0), raises=False),
    elementary("gamma"),
    elementary("lgamma", "loggamma(x)"),
    stated(
        "polygamma",
        "_polygamma(n, x)",
        (None, "_polygamma(n + 1, x)"),
        params="n x",
        raises=True,
    ),
)
