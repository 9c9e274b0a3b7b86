"""Discrete Fourier transforms.

The matrix of a transform is symmetric, and cotangents are plain (not conjugate): the
adjoint of `np.fft.fft` is itself, with the same norm. A real operand takes the real part.
Where `n` pads or crops the operand, the adjoint crops or pads. A transform to real numbers
weighs by 2 all frequencies but 0 and, of an even length, the last: each of them stands
for its mirror image too.
"""

from __future__ import annotations

from s2sad.errors import NotDifferentiable
from s2sad.ops.arrays.declare import ArrayOp, Facts, Rule, array
from s2sad.ops.arrays.texts import integer, sliced, tuple_text


def _norm(facts: Facts, opposite: bool = False) -> str:
    """The norm as an argument; of the transform of the other direction if opposite."""
    norm = facts.literal("norm") or "backward"
    if opposite:
        norm = {"backward": "forward", "forward": "backward"}.get(str(norm), norm)
    return "" if norm == "backward" else f", norm={norm!r}"


def _sizes_given(facts: Facts, name: str) -> bool:
    return not facts.is_literal(name) or facts.literal(name) is not None


def _axis(facts: Facts) -> str:
    axis = integer(facts, "axis")
    return "" if axis in (-1, facts.ndim("a") - 1) else f", axis={axis}"


def _fitted(text: str, length: str, facts: Facts) -> str:
    """Cropped or padded along the axis to the size of the operand, if `n` is given."""
    if not _sizes_given(facts, "n"):
        return text
    rank, axis = facts.ndim("a"), integer(facts, "axis") % facts.ndim("a")
    cropped = sliced(text, axis, f": a.shape[{axis}]", rank)
    sizes = [f"a.shape[{i}]" for i in range(rank)]
    sizes[axis] = f"max(a.shape[{axis}] - {length}, 0)"
    zeros = f"np.zeros({tuple_text(sizes) if rank > 1 else sizes[0]})"
    return f"np.concatenate(({cropped}, {zeros}){f', {axis}' if axis else ''})"


def _same(name: str) -> Rule:
    return lambda facts: _fitted(
        f"np.fft.{name}(y_bar{_axis(facts)}{_norm(facts)})", "n", facts
    )


def _size(facts: Facts, name: str) -> str:
    return f"{name}.shape[{integer(facts, 'axis') % facts.ndim('a')}]"


def _rfft(name: str) -> Rule:
    """Frequencies that were left out have no cotangent: padded by zeros."""

    def rule(facts: Facts) -> str:
        n = "n" if _sizes_given(facts, "n") else _size(facts, "a")
        return _fitted(f"np.fft.{name}(y_bar, {n}{_axis(facts)}{_norm(facts)})", "n", facts)

    return rule


def _weights(frequencies: str, size: str, axis: int, rank: int) -> str:
    """2 for a frequency that stands for two, along an axis."""
    text = f"(2.0 - (2 * np.arange({frequencies}) % {size} == 0))"
    behind = rank - 1 - axis % rank
    return text + (f"[:, {', '.join(['None'] * behind)}]" if behind else "")


def _irfft(conjugate: bool) -> Rule:
    """`np.fft.hfft` is `np.fft.irfft` of the conjugate, with the norm of the other."""

    def rule(facts: Facts) -> str:
        axis, rank = integer(facts, "axis") % facts.ndim("a"), facts.ndim("a")
        given, size = _sizes_given(facts, "n"), _size(facts, "y")
        frequencies = f"{size} // 2 + 1" if given else _size(facts, "a")
        text = f"np.fft.rfft(y_bar{_axis(facts)}{_norm(facts, conjugate)})"
        text = f"np.conj({text})" if conjugate else text
        text = f"{_weights(frequencies, size, axis, rank)} * {text}"
        return _fitted(f"({text})", f"({frequencies})", facts) if given else text

    return rule


def _axes(facts: Facts, sized: bool = False) -> list[int]:
    """The axes of a transform of several, none negative."""
    if _sizes_given(facts, "s") and not (sized and facts.literal("axes") is not None):
        raise NotDifferentiable(
            "a transform of several axes that pads or crops (s=…)", instead="np.pad or a slice"
        )
    axes, rank = facts.literal("axes"), facts.ndim("a")
    match axes:
        case None:
            return [*range(rank)]
        case tuple() | list():
            return [int(axis) % rank for axis in axes]
    raise NotDifferentiable(f"axes={axes!r}", instead="a tuple of ints")


def _several(name: str) -> Rule:
    default = (-2, -1) if name.endswith("2") else None

    def rule(facts: Facts) -> str:
        places = _axes(facts, sized=True)
        axes = facts.literal("axes")
        shown = "" if axes == default else ", axes=axes"
        text = f"np.fft.{name}(y_bar{shown}{_norm(facts)})"
        return _resized(text, places, facts) if _sizes_given(facts, "s") else text

    return rule


def _resized(text: str, axes: list[int], facts: Facts) -> str:
    """Cropped or padded along the axes to the size of the operand."""
    rank = facts.ndim("a")
    sizes = [f"{'y' if axis in axes else 'a'}.shape[{axis}]" for axis in range(rank)]
    for axis in axes:
        sizes[axis] = f"max(a.shape[{axis}] - y.shape[{axis}], 0)"
        cropped = sliced(text, axis, f": a.shape[{axis}]", rank)
        zeros = f"np.zeros({tuple_text(sizes) if rank > 1 else sizes[0]})"
        text = f"np.concatenate(({cropped}, {zeros}){f', {axis}' if axis else ''})"
        sizes[axis] = f"a.shape[{axis}]"
    return text


def _rfftn(facts: Facts) -> str:
    axes = _axes(facts)
    sizes = tuple_text(f"a.shape[{axis}]" for axis in axes)
    return f"np.fft.fftn(y_bar, {sizes}, {tuple_text(axes)}{_norm(facts)})"


def _irfftn(facts: Facts) -> str:
    axes, rank = _axes(facts), facts.ndim("a")
    last = axes[-1]
    weights = _weights(f"a.shape[{last}]", f"y.shape[{last}]", last, rank)
    text = f"np.fft.rfftn(y_bar, axes={tuple_text(axes)}{_norm(facts, True)})"
    return f"{weights} * np.conj({text})"


_ONE = "a, n=None, axis=-1, norm=None"
_TWO = "a, s=None, axes=(-2, -1), norm=None"
_ANY = "a, s=None, axes=None, norm=None"


def _linear(name: str, params: str, rule: Rule) -> ArrayOp:
    return array(f"np.fft.{name}", params, linear="a", a=rule)


def _steps(name: str) -> ArrayOp:
    return array(f"np.fft.{name}", "n, d=1.0", d="-np.sum(y_bar * y) / d",
                 tangents={"d": "-y / d * d_dot"})  # fmt: skip


FAMILY: tuple[ArrayOp, ...] = (
    _linear("fft", _ONE, _same("fft")),
    _linear("ifft", _ONE, _same("ifft")),
    _linear("rfft", _ONE, _rfft("fft")),
    _linear("ihfft", _ONE, _rfft("ifft")),
    _linear("irfft", _ONE, _irfft(True)),
    _linear("hfft", _ONE, _irfft(False)),
    _linear("fft2", _TWO, _several("fft2")),
    _linear("ifft2", _TWO, _several("ifft2")),
    _linear("fftn", _ANY, _several("fftn")),
    _linear("ifftn", _ANY, _several("ifftn")),
    _linear("rfft2", _TWO, _rfftn),
    _linear("rfftn", _ANY, _rfftn),
    _linear("irfft2", _TWO, _irfftn),
    _linear("irfftn", _ANY, _irfftn),
    array("np.fft.fftshift", "x, axes=None", linear="x", x="np.fft.ifftshift(y_bar, axes)"),
    array("np.fft.ifftshift", "x, axes=None", linear="x", x="np.fft.fftshift(y_bar, axes)"),
    _steps("fftfreq"),
    _steps("rfftfreq"),
)  # fmt: skip

METHODS: dict[str, str] = {}
SYNONYMS: dict[str, str] = {}
