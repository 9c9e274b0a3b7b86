"""To look at a derivative: derivation, graph, report, debugging.

interpreter     the IR, run                       trace        what ran at a point
arguments       a call's arguments, taken apart   adjoints     its partials and adjoints
formula         Python's expressions as mathematics
derivation      the lecture's equations           render       as text, LaTeX, Markdown, …

Nothing here is imported before it is asked for.
"""
