"""SymPy expressions as text in the emitted language.

A converter of our own: SymPy's printers lose bits of floats, write `x**(1/3)` for cube
roots, and square by `**2`, which raises OverflowError where a product gives inf.
"""

from __future__ import annotations

from typing import Any, NamedTuple

# Binding strength of the outermost operation of a text.
_CONDITIONAL, _SUM, _PRODUCT, _POWER, _ATOM = range(5)

_FUNCTIONS = {
    **{name: name for name in ("exp", "log", "sin", "cos", "tan", "sinh", "cosh", "tanh")},
    **{name: name for name in ("asin", "acos", "atan", "atan2", "asinh", "acosh", "atanh")},
    **{name: name for name in ("erf", "erfc", "gamma", "floor")},
    "loggamma": "lgamma",
    "ceiling": "ceil",
    "Abs": "fabs",
}
_RECIPROCALS = {
    "cot": "tan",
    "sec": "cos",
    "csc": "sin",
    "coth": "tanh",
    "sech": "cosh",
    "csch": "sinh",
}
_INVERSE_RECIPROCALS = {
    "acot": "atan",
    "asec": "acos",
    "acsc": "asin",
    "acoth": "atanh",
    "asech": "acosh",
    "acsch": "asinh",
}
# Their squares cannot overflow, so that `**2` is safe and reads better than a product.
_MODERATE = frozenset(
    {
        "log",
        "sin",
        "cos",
        "tan",
        "tanh",
        "asin",
        "acos",
        "atan",
        "asinh",
        "acosh",
        "atanh",
    }
    | {"erf", "erfc", "cot", "coth", "sech"}
)
_CONSTANTS = {"Pi": "math.pi", "Exp1": "math.e", "Infinity": "math.inf"}
_RELATIONS = {"==", "!=", "<", "<=", ">", ">="}


class _Text(NamedTuple):
    text: str
    strength: int

    def within(self, strength: int) -> str:
        return self.text if self.strength >= strength else f"({self.text})"


def to_python(expr: Any, *, fold: bool = False) -> str:
    """The text of a SymPy expression; `fold` evaluates constant factors such as log(2).

    Raises ValueError for what `math` and the operators cannot say.
    """
    return _text(expr, fold).text


def _text(expr: Any, fold: bool) -> _Text:
    if expr.is_Symbol:
        return _Text(expr.name, _ATOM)
    if expr.is_number and fold and not expr.is_Rational and expr.is_finite:
        return _folded(expr)
    if expr.is_Rational or expr.is_Float:
        return _number(expr)
    name = type(expr).__name__
    if name in _CONSTANTS:
        return _Text(_CONSTANTS[name], _ATOM)
    if name == "NegativeInfinity":
        return _Text("-math.inf", _PRODUCT)
    if expr.is_Add:
        return _sum(expr, fold)
    if expr.is_Mul:
        return _product(expr, fold)
    if expr.is_Pow:
        return _power(expr, fold)
    if expr.is_Piecewise:
        return _piecewise(expr, fold)
    return _call(expr, name, fold)


def _folded(expr: Any) -> _Text:
    value = expr.evalf(30)
    if not value.is_Float:
        raise ValueError(f"no real number: {expr}")
    return _number(value)


def _number(value: Any) -> _Text:
    if value < 0:
        return _Text("-" + _number(-value).within(_POWER), _PRODUCT)
    if value.is_Rational and not _is_dyadic(value):
        return _Text(f"{value.p}.0 / {value.q}.0", _PRODUCT)
    return _Text(repr(float(value)), _ATOM)


def _is_dyadic(value: Any) -> bool:
    return int(value.q) & (int(value.q) - 1) == 0


def _sum(expr: Any, fold: bool) -> _Text:
    """Constants first, then positive terms, then negative ones."""
    terms = sorted(
        (_is_negative(term), not term.is_number, _text(_absolute(term), fold))
        for term in expr.args
    )
    minus, _, first = terms[0]
    text = f"-{first.within(_PRODUCT)}" if minus else first.within(_PRODUCT)
    for minus, _, term in terms[1:]:
        text += f" - {term.within(_PRODUCT)}" if minus else f" + {term.within(_PRODUCT)}"
    return _Text(text, _SUM)


def _is_negative(term: Any) -> bool:
    coefficient, _ = term.as_coeff_Mul()
    return bool(coefficient < 0)


def _absolute(term: Any) -> Any:
    return -term if _is_negative(term) else term


def _product(expr: Any, fold: bool) -> _Text:
    """A fraction: constants, then names, then calls; a minus goes to the front."""
    coefficient, factors = _coefficient(expr, fold)
    above, below = [], []
    for factor in factors:
        base, exponent = factor.as_base_exp()
        if exponent.is_Rational and exponent < 0:
            below.append(base ** (-exponent))
        else:
            above.append(factor)
    minus = bool(coefficient < 0)
    coefficient = -coefficient if minus else coefficient
    if coefficient.is_Rational and not _is_dyadic(coefficient):
        coefficient, divisor = coefficient.as_numer_denom()
        below.append(divisor)
    if coefficient != 1 or not above:
        above.append(coefficient)
    text = _times(above, fold)
    if len(above) == 1:
        text = _text(above[0], fold).within(_PRODUCT)
    if below:
        text = f"{text} / {_divisor(below, fold)}"
    return _Text(f"-{text}" if minus else text, _PRODUCT)


def _coefficient(expr: Any, fold: bool) -> tuple[Any, list[Any]]:
    coefficient, factors = expr.as_coeff_mul()
    if fold:
        for factor in factors:
            if factor.is_number:
                coefficient = coefficient * factor
        factors = [factor for factor in factors if not factor.is_number]
        if not coefficient.is_Rational:
            coefficient = coefficient.evalf(30)
    return coefficient, list(factors)


def _divisor(factors: list[Any], fold: bool) -> str:
    text = _times(factors, fold)
    simple = len(factors) == 1 and _text(factors[0], fold).strength > _PRODUCT
    return text if simple else f"({text})"


def _times(factors: list[Any], fold: bool) -> str:
    order = sorted((not f.is_number, not _is_power_of_name(f), _text(f, fold)) for f in factors)
    if len(order) == 1:
        return order[0][-1].text
    return " * ".join(text.within(_PRODUCT) for _, _, text in order)


def _is_power_of_name(factor: Any) -> bool:
    return bool(factor.as_base_exp()[0].is_Symbol)


def _power(expr: Any, fold: bool) -> _Text:
    base, exponent = expr.args
    if exponent.is_Rational and exponent < 0:
        return _Text(f"1.0 / {_divisor([base ** (-exponent)], fold)}", _PRODUCT)
    inner = _text(base, fold)
    if exponent.is_Rational and exponent.q == 2 and exponent.p == 1:
        return _Text(f"math.sqrt({inner.text})", _ATOM)
    if exponent.is_Integer:
        if exponent == 2 and type(base).__name__ in _MODERATE:
            return _Text(f"{inner.within(_ATOM)}**2", _POWER)
        if exponent <= 3:
            return _Text(" * ".join([inner.within(_POWER)] * int(exponent)), _PRODUCT)
        return _Text(f"{inner.within(_ATOM)}**{exponent}", _POWER)
    outer = _text(exponent, fold)
    if base.is_positive and base.is_number:
        return _Text(f"{inner.within(_ATOM)}**{outer.within(_ATOM)}", _POWER)
    # A negative base raises: `**` would go on with a complex number.
    return _Text(f"math.pow({inner.text}, {outer.text})", _ATOM)


def _piecewise(expr: Any, fold: bool) -> _Text:
    text = "math.nan"
    for value, condition in reversed(expr.args):
        branch = _text(value, fold).within(_SUM)
        always = str(condition) == "True"
        text = branch if always else f"{branch} if {_relation(condition, fold)} else {text}"
    return _Text(text, _CONDITIONAL)


def _relation(condition: Any, fold: bool) -> str:
    sign = {"Equality": "==", "Unequality": "!="}.get(
        type(condition).__name__, getattr(condition, "rel_op", "")
    )
    if sign not in _RELATIONS:
        raise ValueError(f"no simple comparison: {condition}")
    left, right = (_text(side, fold).within(_SUM) for side in (condition.lhs, condition.rhs))
    return f"{left} {sign} {right}"


def _call(expr: Any, name: str, fold: bool) -> _Text:
    args = [_text(arg, fold) for arg in expr.args] if expr.is_Function else []
    listed = ", ".join(arg.text for arg in args)
    if name == "polygamma" and expr.args[0].is_Integer:
        return _Text(f"_polygamma({expr.args[0]}, {args[1].text})", _ATOM)
    if name in _FUNCTIONS and len(args) <= 2:
        return _Text(f"math.{_FUNCTIONS[name]}({listed})", _ATOM)
    if name in _RECIPROCALS:
        return _Text(f"1.0 / math.{_RECIPROCALS[name]}({listed})", _PRODUCT)
    if name in _INVERSE_RECIPROCALS:
        inner = args[0].within(_POWER)
        return _Text(f"math.{_INVERSE_RECIPROCALS[name]}(1.0 / {inner})", _ATOM)
    if name in ("Max", "Min"):
        return _Text(f"{name.lower()}({', '.join(sorted(arg.text for arg in args))})", _ATOM)
    if name == "sign":
        inner = args[0].within(_SUM)
        return _Text(f"math.copysign(1.0, {inner}) if {inner} else 0.0", _CONDITIONAL)
    if name == "Heaviside":
        inner = args[0].within(_SUM)
        return _Text(f"1.0 if {inner} > 0.0 else 0.0 if {inner} else 0.5", _CONDITIONAL)
    raise ValueError(f"no function of Python's math: {name}")
