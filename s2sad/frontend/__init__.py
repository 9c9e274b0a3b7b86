"""From the text of a function to IR: find it, normalise it, resolve its names, lower it.

- Find: source, target, entries, files, twins, decorators, syntax (what no one takes).
- Names: resolve (what a name may mean), live (of objects), static and changes (of files),
  globals, outside, classes and classes_static, fields, instances.
- Normalise: normalize/ (a rewrite a file), prepare, scope, liveness, prune, unsure.
- Types: annotations, calltypes, assumed, infer, shapes, callgraph, records.
- Values: values (what an expression may be), joins (of two paths), known, presence, external.
- Lower: lower, program; a frame in layers from base to statements (layers.py lists them);
  modules/ (Python's own functions), library (those written in Python), making, instance_of.
"""

from typing import TYPE_CHECKING

from s2sad.frontend.lower import Lowered, lower
from s2sad.frontend.source import UserFunction, from_function

if TYPE_CHECKING:
    from s2sad.frontend.entries import from_file


def __getattr__(name: str) -> object:
    """What reads files is imported when it is asked for: the decorator does without."""
    if name != "from_file":
        raise AttributeError(name)
    from s2sad.frontend.entries import from_file

    return from_file


__all__ = ["Lowered", "UserFunction", "from_file", "from_function", "lower"]
