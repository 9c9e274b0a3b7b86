"""NumPy arrays: parts read and written, arithmetic, functions, methods, attributes.

    y = x[1:]; y[0] = v     y is a view: the write is one to x, `put(x, v, "1:][0")`
    x += v                  in place: `add_to(x, v, "...")`
    np.sum(x, axis=0)       the primitive `np.sum` of the table

An array is an object on the heap whose content is the variable of its last version. A
view has no content of its own: it is read anew of the array that it is a part of.
"""

from s2sad.frontend.arrays.members import Arrays

__all__ = ["Arrays"]
