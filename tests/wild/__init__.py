"""Functions of the standard library and of installed packages, as they are.

`functions/`: tables as in `tests/language`; what is refused has a `says`, a part of the
message, and its line of prose is the reason. `docs/wild.md` is made from them (`make docs`).
"""
