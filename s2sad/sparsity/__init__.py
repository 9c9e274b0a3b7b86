"""Which results depend on which inputs: a program over sets of inputs, run at concrete sizes.

It follows no values: of a branch that depends on them both paths are taken, an index that
depends on them may be any. What it does not know depends on everything. So each entry that
may be anything but zero, at any point, is in the pattern.
"""
