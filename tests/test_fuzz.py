"""A small, fixed sample of random programs; ``python -m tests.fuzz`` runs campaigns."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fuzz.__main__ import verdict_on
from tests.fuzz.array_check import check_arrays
from tests.fuzz.arrays import generate_arrays
from tests.fuzz.check import Depth
from tests.fuzz.generate import generate
from tests.fuzz.language.generate import generate_language
from tests.fuzz.lists import generate_lists


@settings(max_examples=20, derandomize=True, deadline=None, database=None)
@given(seed=st.integers(min_value=0, max_value=2**32 - 1))
def test_random_programs_with_lists(seed: int) -> None:
    program = generate_lists(random.Random(f"hypothesis:{seed}"))
    verdict = verdict_on(program, (1, 2))
    message = f"{verdict.kind}: {verdict.detail}\n\n{program.describe()}"
    assert not verdict.failed, message


@settings(max_examples=12, derandomize=True, deadline=None, database=None)
@given(seed=st.integers(min_value=0, max_value=2**32 - 1))
def test_random_programs_with_classes_and_closures(seed: int) -> None:
    program = generate_language(random.Random(f"hypothesis:{seed}"))
    verdict = verdict_on(program, (1, 2))
    message = f"{verdict.kind}: {verdict.detail}\n\n{program.describe()}"
    assert not verdict.failed, message


@pytest.mark.parametrize("part", range(4))
@settings(max_examples=25, derandomize=True, deadline=None, database=None)
@given(seed=st.integers(min_value=0, max_value=2**32 - 1))
def test_random_programs(part: int, seed: int) -> None:
    """No wrong number and no error but our own, at orders 1 and 2."""
    program = generate(random.Random(f"hypothesis:{part}:{seed}"))
    verdict = verdict_on(program, (1, 2))
    message = f"{verdict.kind}: {verdict.detail}\n\n{program.describe()}"
    assert not verdict.failed, message


@settings(max_examples=12, derandomize=True, deadline=None, database=None)
@given(seed=st.integers(min_value=0, max_value=2**32 - 1), lists=st.booleans())
def test_random_programs_in_forward_mode(seed: int, lists: bool) -> None:
    """Forward mode, and the mixed modes at order 2."""
    make = generate_lists if lists else generate
    program = make(random.Random(f"hypothesis:{seed}"))
    Depth.forward = True
    try:
        verdict = verdict_on(program, (1, 2))
    finally:
        Depth.forward = False
    message = f"{verdict.kind}: {verdict.detail}\n\n{program.describe()}"
    assert not verdict.failed, message


@pytest.mark.parametrize("seed", range(12))
def test_random_programs_on_arrays(seed: int) -> None:
    program = generate_arrays(random.Random(f"sample:{seed}"))
    verdict = check_arrays(program)
    message = f"{verdict.kind}: {verdict.detail}\n\n{program.source}\nat: {program.point}"
    assert not verdict.failed, message
