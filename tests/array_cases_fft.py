"""Calls of the transforms: odd and even lengths, every axis, norms, padded and cropped."""

from __future__ import annotations

from typing import Any

from tests.array_cases_products import cplx, fortran, on, real
from tests.array_eval import Case

CASES: list[Case] = []
_SHAPES: tuple[tuple[tuple[int, ...], int], ...] = (
    ((5,), -1), ((6,), 0), ((1,), -1), ((2, 3), 0), ((2, 4), 1), ((3, 4, 2), 1), ((3, 0), 0),
)  # fmt: skip
for op in ("fft", "ifft", "rfft", "ihfft", "irfft", "hfft"):
    for shape, axis in _SHAPES:
        if op in ("irfft", "hfft") and shape[axis] < 2:
            continue
        for norm in (None, "ortho", "forward", "backward"):
            a: Any = real(*shape) if op in ("rfft", "ihfft") else cplx(*shape)
            CASES.append(on(f"np.fft.{op}", a, axis=axis, norm=norm))
            for n in (2, 5, 8, 9):
                if norm in (None, "ortho") and 0 not in shape:
                    CASES.append(on(f"np.fft.{op}", a, n=n, axis=axis, norm=norm))
    CASES.append(on(f"np.fft.{op}", real(5)))
    CASES.append(on(f"np.fft.{op}", fortran(4, 3)))
for op in ("fft2", "ifft2", "fftn", "ifftn", "rfft2", "rfftn", "irfft2", "irfftn"):
    make = real if op.startswith("r") else cplx
    for norm in (None, "ortho", "forward"):
        CASES.append(on(f"np.fft.{op}", make(3, 4), norm=norm))
        CASES.append(on(f"np.fft.{op}", make(3, 4, 3), axes=(0, 1), norm=norm))
        CASES.append(on(f"np.fft.{op}", make(3, 4, 3), axes=(2, 0), norm=norm))
        CASES.append(on(f"np.fft.{op}", make(2, 3, 4), axes=(-2, -1), norm=norm))
    CASES.append(on(f"np.fft.{op}", real(3, 4)))
CASES += [on(f"np.fft.{op}", cplx(3, 4, 3), axes=(1, -1, 0)) for op in ("fftn", "irfftn")]
CASES += [
    on(f"np.fft.{op}", cplx(3, 4, 2), s=s, axes=axes)
    for op in ("fftn", "ifft2")
    for s, axes in (((2, 5), (0, 1)), ((4, 3), (2, 0)), ((3, 4), (0, 1)))
]
CASES += [
    on(f"np.fft.{op}", make(*shape), axes=axes)
    for op in ("fftshift", "ifftshift")
    for make in (real, cplx)
    for shape, axes in (
        ((5,), None),
        ((4,), 0),
        ((3, 5), (1,)),
        ((3, 4), None),
        ((3, 5), (0, 1)),
    )
]
CASES += [on(f"np.fft.{op}", n, 0.7) for op in ("fftfreq", "rfftfreq") for n in (4, 5)]
