"""The gradients by hand in C, compiled by `gcc -O3 -march=native` when they are asked for."""

from __future__ import annotations

import ctypes
import functools
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

HERE = Path(__file__).parent
FLAGS = "-O3 -march=native -ffp-contract=off -shared -fPIC".split()
# Calls of one batch of a scalar function, made in C: Python's way there costs more than it.
REPEATED = 1000

REPEAT = """
typedef void Function(const double *, const long *, double *);

void repeat(Function *f, const double *in, const long *size, double *out, long n) {
    while (n--) {
        f(in, size, out);
        __asm__ volatile("" ::: "memory");
    }
}
"""


class NoCompiler(Exception):
    pass


@functools.cache
def library() -> ctypes.CDLL:
    compiler = shutil.which("gcc")
    if compiler is None:
        raise NoCompiler("no gcc here")
    with tempfile.TemporaryDirectory() as directory:
        repeat, made = Path(directory, "repeat.c"), Path(directory, "native.so")
        repeat.write_text(REPEAT, encoding="utf-8")
        sources = [*sorted(HERE.glob("*.c")), repeat]
        subprocess.run([compiler, *FLAGS, "-o", made, *sources, "-lm"], check=True)
        return ctypes.CDLL(str(made))


def compiled(
    name: str, inputs: np.ndarray, sizes: tuple[int, ...], outputs: int, repeated: int = 1
) -> Callable[[], np.ndarray]:
    """A call of a function on these arguments, that returns the value and the gradient."""
    entry, repeat = getattr(library(), name), library().repeat
    size = np.array(sizes, dtype=np.int64)
    out = np.empty(outputs + 1)
    pointers: list[Any] = [ctypes.c_void_p(array.ctypes.data) for array in (inputs, size, out)]
    if repeated > 1:
        call, arguments = repeat, [entry, *pointers, ctypes.c_long(repeated)]
    else:
        call, arguments = entry, pointers

    def run(*_: object, __keep: object = (inputs, size)) -> np.ndarray:
        call(*arguments)
        return out

    return run
