"""Derivatives: from a Python function to its derivative, as a callable."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from s2sad.compile import Types, compile_gradient
from s2sad.errors import S2sadError
from s2sad.frontend.calltypes import type_of_argument
from s2sad.linked import Linked
from s2sad.specialised import Specialised

if TYPE_CHECKING:
    from s2sad.inspect.derivation import Derivation
    from s2sad.inspect.finding import Findings
    from s2sad.inspect.stepping import Steps
    from s2sad.inspect.subject import Run
    from s2sad.inspect.validate import Validation


class Derivative(Specialised):
    """The derivative of `primal`, compiled for the types that it is called with.

    source: the emitted Python, before any call, as the command line writes it.
    source_for(*args): the text that such arguments run.
    ssa: the intermediate variables of the primal (the lecture's 31-36).
    primal: the function as it was.
    emitted: the plain emitted function, which returns (value, gradient).

    Raises at decoration `UnsupportedSyntax`, `SourceNotFound`; at the first call with
    arguments of new types `UnsupportedFunction`, `NotDifferentiable`, `TypeRefused`.
    """

    def explain(
        self, *args: Any, forward: bool = False, whole: bool = False, **kwargs: Any
    ) -> Derivation:
        """The lecture's derivation of this derivative: its intermediate variables, their
        local partials, and the accumulation; at a point with the numbers.

        Without arguments it is that of any point, if no branch or loop depends on one.
        forward: the other direction, and what both cost. whole: nothing is folded.
        """
        from s2sad.inspect.explain import explained

        return explained(self._run(args, kwargs), forward, whole)

    def to_sympy(self, **known: Any) -> Any:
        """The primal as an expression of SymPy's, in symbols called as the parameters.

        known: the values of arguments that decide how often a loop runs. Where a branch or
        a loop depends on others, it is refused.
        """
        from s2sad.inspect.subject import names_of, subject_of
        from s2sad.inspect.symbolic import to_sympy

        types = dict(self._given_types() or {})
        types.update((name, type_of_argument(name, value)) for name, value in known.items())
        lowered = self._inner.lower(types, self._wish.wrt)
        subject = subject_of(lowered, self._wish, names_of(self._root, lowered))
        return to_sympy(subject, known)

    def _repr_html_(self) -> str | None:
        """In a notebook: the emitted text, and the derivation if it is that of any point."""
        from s2sad.inspect.notebook import derivative_html

        try:
            source = self.source
        except S2sadError:
            return None
        return derivative_html(repr(self), source, self._derivation())

    def _repr_latex_(self) -> str | None:
        made = self._derivation()
        return None if made is None else made._repr_latex_()

    def _derivation(self) -> Derivation | None:
        try:
            return self.explain()
        except S2sadError:
            return None

    def validate(self, *args: Any, **kwargs: Any) -> Validation:
        """This derivative at a point against forward mode and differences, and each local
        partial against differences of its operation. It is true where all agree."""
        from s2sad.inspect.validate import validated

        run = self._run(args, kwargs)
        given = self._bind(*self._with_given(args, kwargs))
        return validated(run, given, self._linked(*self._with_given(args, kwargs)).emitted)

    def debug(self, *args: Any, **kwargs: Any) -> Steps:
        """Both sweeps at a point, step by step, with the user's line and the emitted one;
        where the first nan or inf comes from, or what raises. Printed, or one by one."""
        from s2sad.inspect.events import Stopped
        from s2sad.inspect.stepping import stepped, stopped_steps

        given, named = self._with_given(args, kwargs)
        types = self._types(self._bind(given, named))
        source = compile_gradient(self._inner, self._wish._replace(level=0), types).text
        try:
            return stepped(self._traced(args, kwargs), source)
        except Stopped as stopped:
            return stopped_steps(stopped, source)

    def why_zero(self, *args: Any, **kwargs: Any) -> Findings:
        """Of each input whose derivative is 0 at a point: where its influence ends."""
        from s2sad.inspect.finding import Findings, why_zero

        return Findings(why_zero(self._run(args, kwargs)))

    def _run(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Run:
        """A run of the primal at a point, or without one; it raises as the primal does."""
        from s2sad.inspect.events import Stopped

        try:
            return self._traced(args, kwargs)
        except Stopped as stopped:
            raise stopped.noted() from None

    def _traced(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Run:
        from s2sad.inspect.subject import names_of, ran, subject_of

        given: Mapping[str, Any] | None = None
        types = self._given_types()
        if args or kwargs:
            given = self._bind(*self._with_given(args, kwargs))
            types = self._types(given)
        lowered = self._inner.lower(types, self._wish.wrt)
        return ran(subject_of(lowered, self._wish, names_of(self._root, lowered)), given)


class ValueAndGrad(Derivative):
    """Returns (value, gradient), with has_aux ((value, aux), gradient)."""


class Grad(Derivative):
    """Returns the gradient."""

    part = 1


class GradAndAux(Derivative):
    """Returns (gradient, aux)."""

    part = 1

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        (_, aux), gradient = self._called(args, kwargs)
        return gradient, aux

    def _shortcut(self, linked: Linked, types: Types) -> None:
        pass
