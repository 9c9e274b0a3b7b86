"""Special functions of SciPy (derivatives: NIST DLMF 5.15, 7.10, 8.8, 10.6, 10.29).

A file that is emitted imports SciPy only if the user's own does. In orders and shape
parameters (of Bessel functions, of incomplete gamma and beta functions) there is a
derivative, but no closed form: refused where it is asked for.
"""

from __future__ import annotations

from s2sad.errors import NotDifferentiable
from s2sad.ops.arrays.declare import ArrayOp, Facts, Rule, array, ufunc

_S = "scipy.special."


def _ufunc(name: str, params: str, *partials: str, refuse: str = "") -> ArrayOp:
    """`@name` in a partial is `scipy.special.name`."""
    texts = [text.replace("@", _S) for text in partials]
    return ufunc(f"{_S}{name}", params, *texts, refuse=refuse)


def _spread(text: str, facts: Facts) -> str:
    """A reduced array beside `a`."""
    if facts.literal("axis") is None or facts.literal("keepdims"):
        return text
    return f"np.expand_dims({text}, axis)"


def _logsumexp(weights: bool, dot: bool) -> Rule:
    def rule(facts: Facts) -> str:
        if facts.literal("return_sign"):
            raise NotDifferentiable(
                "scipy.special.logsumexp with return_sign", instead="a sum of exponentials"
            )
        given = not facts.is_literal("b") or facts.literal("b") is not None
        share = f"np.exp(a - {_spread('y', facts)})"
        if not weights:
            share = f"b * {share}" if given else "scipy.special.softmax(a, axis)"
        if not dot:
            return f"{_spread('y_bar', facts)} * {share}"
        keep = ", keepdims=True" if facts.literal("keepdims") else ""
        axis = "" if facts.literal("axis") is None else ", axis"
        return f"np.sum({share} * {'b_dot' if weights else 'a_dot'}{axis}{keep})"

    return rule


def _softmax(seed: str) -> str:
    return f"y * ({seed} - np.sum({seed} * y, axis, keepdims=True))"


FAMILY: tuple[ArrayOp, ...] = (
    # Error functions and the normal distribution.
    _ufunc("erf", "x", "2.0 / np.sqrt(np.pi) * np.exp(-(x**2))"),
    _ufunc("erfc", "x", "-2.0 / np.sqrt(np.pi) * np.exp(-(x**2))"),
    _ufunc("erfcx", "x", "2.0 * (x * y - 1.0 / np.sqrt(np.pi))"),
    _ufunc("erfi", "x", "2.0 / np.sqrt(np.pi) * np.exp(x**2)"),
    _ufunc("dawsn", "x", "1.0 - 2.0 * x * y"),
    _ufunc("erfinv", "x", "0.5 * np.sqrt(np.pi) * np.exp(y**2)"),
    _ufunc("erfcinv", "x", "-0.5 * np.sqrt(np.pi) * np.exp(y**2)"),
    _ufunc("ndtr", "x", "np.exp(-0.5 * x**2) / np.sqrt(2.0 * np.pi)"),
    _ufunc("log_ndtr", "x", "np.sqrt(2.0 / np.pi) / @erfcx(-x / np.sqrt(2.0))"),
    _ufunc("ndtri", "x", "np.sqrt(2.0 * np.pi) * np.exp(0.5 * y**2)"),
    # Gamma and beta functions.
    _ufunc("gamma", "x", "y * @digamma(x)"),
    _ufunc("gammaln", "x", "@digamma(x)"),
    _ufunc("loggamma", "x", "@digamma(x)"),
    _ufunc("digamma", "x", "@polygamma(1, x)"),
    _ufunc("polygamma", "n, x", "", "@polygamma(n + 1, x)", refuse="n"),
    _ufunc("beta", "a, b", "y * (@digamma(a) - @digamma(a + b))",
           "y * (@digamma(b) - @digamma(a + b))"),
    _ufunc("betaln", "a, b", "@digamma(a) - @digamma(a + b)", "@digamma(b) - @digamma(a + b)"),
    _ufunc("binom", "n, k", "y * (@digamma(n + 1.0) - @digamma(n - k + 1.0))",
           "y * (@digamma(n - k + 1.0) - @digamma(k + 1.0))"),
    _ufunc("gammainc", "a, x", "", "np.exp(@xlogy(a - 1.0, x) - x - @gammaln(a))", refuse="a"),
    _ufunc("gammaincc", "a, x", "", "-np.exp(@xlogy(a - 1.0, x) - x - @gammaln(a))",
           refuse="a"),
    _ufunc("betainc", "a, b, x", "", "",
           "np.exp(@xlogy(a - 1.0, x) + @xlog1py(b - 1.0, -x) - @betaln(a, b))", refuse="a b"),
    _ufunc("zeta", "x, q", "", "-x * @zeta(x + 1.0, q)", refuse="x"),
    # Logistic functions, entropies.
    _ufunc("expit", "x", "y * @expit(-x)"),
    _ufunc("logit", "x", "1.0 / (x * (1.0 - x))"),
    _ufunc("log_expit", "x", "@expit(-x)"),
    _ufunc("xlogy", "x, w", "np.log(w)", "x / w if x != 0 else 0.0"),
    _ufunc("xlog1py", "x, w", "np.log1p(w)", "x / (1.0 + w) if x != 0 else 0.0"),
    _ufunc("entr", "x", "-np.log(x) - 1.0"),
    _ufunc("rel_entr", "x, w", "np.log(x / w) + 1.0", "-x / w if x != 0 else 0.0"),
    _ufunc("kl_div", "x, w", "np.log(x / w)", "1.0 - x / w if x != 0 else 1.0"),
    # Bessel functions.
    _ufunc("j0", "x", "-@j1(x)"),
    _ufunc("j1", "x", "0.5 * (@j0(x) - @jv(2, x))"),
    _ufunc("y0", "x", "-@y1(x)"),
    _ufunc("y1", "x", "0.5 * (@y0(x) - @yv(2, x))"),
    _ufunc("i0", "x", "@i1(x)"),
    _ufunc("i1", "x", "0.5 * (@i0(x) + @iv(2, x))"),
    _ufunc("i0e", "x", "@i1e(x) - np.sign(x) * y"),
    _ufunc("i1e", "x", "0.5 * (@i0e(x) + @ive(2, x)) - np.sign(x) * y"),
    _ufunc("k0", "x", "-@k1(x)"),
    _ufunc("k1", "x", "-0.5 * (@k0(x) + @kv(2, x))"),
    _ufunc("k0e", "x", "y - @k1e(x)"),
    _ufunc("k1e", "x", "y - 0.5 * (@k0e(x) + @kve(2, x))"),
    _ufunc("jv", "v, x", "", "0.5 * (@jv(v - 1, x) - @jv(v + 1, x))", refuse="v"),
    _ufunc("yv", "v, x", "", "0.5 * (@yv(v - 1, x) - @yv(v + 1, x))", refuse="v"),
    _ufunc("iv", "v, x", "", "0.5 * (@iv(v - 1, x) + @iv(v + 1, x))", refuse="v"),
    _ufunc("ive", "v, x", "", "0.5 * (@ive(v - 1, x) + @ive(v + 1, x)) - np.sign(x) * y",
           refuse="v"),
    _ufunc("kv", "v, x", "", "-0.5 * (@kv(v - 1, x) + @kv(v + 1, x))", refuse="v"),
    _ufunc("kve", "v, x", "", "y - 0.5 * (@kve(v - 1, x) + @kve(v + 1, x))", refuse="v"),
    # Others.
    _ufunc("exp1", "x", "-np.exp(-x) / x"),
    _ufunc("expi", "x", "np.exp(x) / x"),
    _ufunc("expn", "n, x", "", "-@expn(n - 1, x)", refuse="n"),
    _ufunc("log1p", "x", "1.0 / (1.0 + x)"),
    _ufunc("expm1", "x", "y + 1.0"),
    _ufunc("exp2", "x", "np.log(2.0) * y"),
    _ufunc("exp10", "x", "np.log(10.0) * y"),
    _ufunc("cbrt", "x", "1.0 / (3.0 * y**2) if y != 0 else np.inf"),
    array("scipy.special.lambertw", "z, k=0, tol=1e-08", elementwise=True,
          z="y_bar / (np.exp(y) * (1.0 + y))",
          tangents={"z": "z_dot / (np.exp(y) * (1.0 + y))"}),
    array("scipy.special.logsumexp", "a, axis=None, b=None, keepdims=False, return_sign=False",
          a=_logsumexp(False, False), b=_logsumexp(True, False),
          tangents={"a": _logsumexp(False, True), "b": _logsumexp(True, True)},
          results_of=lambda facts: 2 if facts.literal("return_sign") else 0),
    array("scipy.special.softmax", "x, axis=None",
          x=_softmax("y_bar"), tangents={"x": _softmax("x_dot")}),
    array("scipy.special.log_softmax", "x, axis=None",
          x="y_bar - np.exp(y) * np.sum(y_bar, axis, keepdims=True)",
          tangents={"x": "x_dot - np.sum(np.exp(y) * x_dot, axis, keepdims=True)"}),
)  # fmt: skip

METHODS: dict[str, str] = {}
SYNONYMS: dict[str, str] = {
    "scipy.special.psi": "scipy.special.digamma",
    "scipy.special.jn": "scipy.special.jv",
}
