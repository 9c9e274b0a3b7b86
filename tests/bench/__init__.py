"""The project's benchmark; what it measures is compiled here, nothing is found on disk.

BLAS gets one thread: the primal, the gradient and the tools alike."""

import os

os.environ["S2SAD_CACHE"] = "0"
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
