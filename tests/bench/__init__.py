"""The project's benchmark; what it measures is compiled here, nothing is found on disk."""

import os

os.environ["S2SAD_CACHE"] = "0"
