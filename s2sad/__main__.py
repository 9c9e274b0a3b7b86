"""`python -m s2sad`."""

import os
import sys

# `python -m` looks for modules in the working directory first: nothing there is to run.
if sys.path[:1] == [os.getcwd()]:
    del sys.path[0]

from s2sad.cli import main

sys.exit(main())
