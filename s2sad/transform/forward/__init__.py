"""Forward mode: each value is accompanied by its tangent.

    y = a * sin(x)     with x_dot     gives     y_dot = a * cos(x) * x_dot

`push` has straight-line code, `regions` branches, loops and `try`, `lists` what is done to
lists, `callees` calls, `entry` the function `f_jvp` as a whole.

Sources: the lecture's equation 29; Griewank & Walther 2008, chapter 3.1.
"""
