"""What a program does besides computing, by dotted name: printing, logging, warnings."""

from __future__ import annotations

# Statements that run once, in the forward sweep, in the program's order.
EFFECTS = frozenset(
    {
        "print",
        "warnings.warn",
        "warnings.simplefilter",
        "warnings.filterwarnings",
        *(
            f"logging.{name}"
            for name in ("debug", "info", "warning", "error", "exception", "critical", "log")
        ),
    }
)

# Context managers that touch no number and let every exception pass: what they print as.
MANAGERS = {
    "numpy.errstate": "np.errstate",
    "warnings.catch_warnings": "warnings.catch_warnings",
}
# Clocks: read once, where they stand, and constant.
CLOCKS = frozenset(
    f"time.{name}" for name in "monotonic perf_counter process_time thread_time time".split()
)
# Managers of the library that are refused by their names.
LIBRARY_MANAGERS = frozenset(
    {"builtins.open", "contextlib.ExitStack", "contextlib.closing", "open", None}
    | {f"contextlib.redirect_{stream}" for stream in ("stdout", "stderr")}
    | {f"threading.{lock}" for lock in ("Lock", "RLock")}
)
SUPPRESS = "contextlib.suppress"
NULL = "contextlib.nullcontext"
COTANGENT = "s2sad.cotangent"

# Modules whose own source is no part of the program.
OUTSIDE = frozenset({"contextlib", "logging", "time", "warnings", "sys"})
STREAMS = frozenset({"sys.stdout", "sys.stderr"})
LOG_LEVELS = frozenset(
    f"logging.{name}" for name in ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
)

# Methods of strings that give a string, strings, an int, a bool.
STRING_METHODS = frozenset(
    "capitalize casefold center expandtabs format join ljust lower lstrip removeprefix"
    " removesuffix replace rjust rstrip strip swapcase title translate upper zfill".split()
)
LIST_METHODS = frozenset("partition rpartition rsplit split splitlines".split())
COUNT_METHODS = frozenset("count find index rfind rindex".split())
TRUTH_METHODS = frozenset(
    "endswith isalnum isalpha isascii isdecimal isdigit isidentifier islower isnumeric"
    " isspace istitle isupper startswith".split()
)
