"""`python -m s2sad`."""

import os
import sys

# `python -m` looks for modules in the working directory first: nothing there is to run.
if sys.path[0] and os.path.exists(sys.path[0]) and os.path.samefile(sys.path[0], "."):
    del sys.path[0]

from s2sad.cli import main

sys.exit(main())
