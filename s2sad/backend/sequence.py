"""Parallel moves one after the other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence


def in_sequence(moves: Sequence[tuple[str, set[str]]]) -> Iterator[list[int]]:
    """The numbers of moves (target, names that its source reads) in an order in which
    none overwrites what a later one reads; those of a cycle come together."""
    pending = [k for k, (target, read) in enumerate(moves) if read != {target}]
    while pending:
        free = next((k for k in pending if not _is_read(moves, k, pending)), None)
        if free is None:
            yield pending
            return
        yield [free]
        pending.remove(free)


def _is_read(moves: Sequence[tuple[str, set[str]]], k: int, pending: list[int]) -> bool:
    target = moves[k][0]
    return any(target in moves[j][1] for j in pending if j != k)
