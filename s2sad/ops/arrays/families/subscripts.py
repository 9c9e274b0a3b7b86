"""The subscripts of the adjoints of `np.einsum`."""

from __future__ import annotations

from s2sad.errors import NotDifferentiable
from s2sad.ops.arrays.declare import Facts
from s2sad.ops.arrays.texts import letters

_DOTS = "..."


def _split(facts: Facts) -> tuple[list[str], str]:
    """The subscripts of the operands and of the result, an ellipsis written in letters.

    The axes of an ellipsis are counted from the right, as they broadcast.
    """
    text = facts.literal("subscripts")
    if not isinstance(text, str):
        raise NotDifferentiable(
            "np.einsum with its subscripts as lists", instead="a text such as 'ij,jk->ik'"
        )
    text = text.replace(" ", "")
    inputs, arrow, output = text.partition("->")
    terms = inputs.split(",")
    named = "".join(sorted({c for c in inputs if c.isalpha()}))
    if not arrow:
        output = "".join(c for c in named if inputs.count(c) == 1)
        output = _DOTS + output if _DOTS in inputs else output
    ranks = [
        facts.ndim(f"operands[{i}]") - len(term.replace(_DOTS, "")) if _DOTS in term else 0
        for i, term in enumerate(terms)
    ]
    axes = letters(max(ranks), named)
    terms = [
        term.replace(_DOTS, axes[len(axes) - rank :])
        for term, rank in zip(terms, ranks, strict=True)
    ]
    return terms, output.replace(_DOTS, axes)


def einsum_adjoint(facts: Facts) -> str:
    """`y_bar` and the other operands, contracted to the subscripts of the operand.

    A subscript that stands twice in the operand puts the contraction on a diagonal (a
    product with np.eye); one that stands nowhere else was summed: repeat along it.
    """
    terms, output = _split(facts)
    own = f"operands[{facts.which}]"
    wanted = terms[facts.which]
    names = ["y_bar", *(f"operands[{i}]" for i in range(facts.count) if i != facts.which)]
    given = [output, *(term for i, term in enumerate(terms) if i != facts.which)]
    taken = "".join(terms)
    target = ""
    for axis, letter in enumerate(wanted):
        if letter in target:
            fresh = letters(1, taken)
            taken += fresh
            given.append(letter + fresh)
            names.append(f"np.eye({own}.shape[{axis}])")
            target += fresh
        else:
            target += letter
    met = set("".join(given))
    kept = "".join(c for c in target if c in met)
    if given == [kept]:
        text = "y_bar"
    elif given == ["", kept]:
        text = f"y_bar * {names[1]}"
    else:
        # A path that was given is that of the primal.
        fast = ", optimize=True" if facts.literal("optimize") else ""
        text = f"np.einsum('{','.join(given)}->{kept}', {', '.join(names)}{fast})"
    if kept == target:
        return text
    if kept:
        places = ", ".join(":" if c in met else "None" for c in target)
        text = f"({text})[{places}]" if " * " in text else f"{text}[{places}]"
    return f"np.broadcast_to({text}, {own}.shape)"
