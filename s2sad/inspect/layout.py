"""A layered layout: every edge goes down, crossings are few, long edges find their way.

Sugiyama's steps: layers by the longest path, a stop in each layer that an edge passes,
orders by barycentres, then places.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import NamedTuple, TypeAlias

Key: TypeAlias = "str | tuple[str, str, int]"

_ROUNDS = 12
_APART = 22.0
_STOP = 8.0


class Layout(NamedTuple):
    """places: the centre of each node. ways: the points that each edge goes through."""

    places: dict[str, tuple[float, float]]
    ways: dict[tuple[str, str], list[tuple[float, float]]]
    width: float
    height: float


def laid_out(
    widths: Mapping[str, float],
    edges: Sequence[tuple[str, str]],
    height: float,
    gap: float,
) -> Layout:
    """Places for nodes of these widths, and of one height; edges lead forward."""
    ranks = _ranks(list(widths), edges)
    chains = {edge: _chain(edge, ranks) for edge in edges}
    layers: list[list[Key]] = [[] for _ in range(1 + max(ranks.values(), default=0))]
    for key in widths:
        layers[ranks[key]].append(key)
    for chain in chains.values():
        for rank, stop in enumerate(chain[1:-1], ranks[str(chain[0])] + 1):
            layers[rank].append(stop)
    above: dict[Key, list[Key]] = {key: [] for layer in layers for key in layer}
    below: dict[Key, list[Key]] = {key: [] for layer in layers for key in layer}
    for chain in chains.values():
        for one, other in itertools.pairwise(chain):
            above[other].append(one)
            below[one].append(other)
    _order(layers, above, below)
    size = {key: widths[key] if isinstance(key, str) else _STOP for key in above}
    across = _across(layers, above, below, size)
    left = min((across[key] - size[key] / 2 for key in across), default=0.0)
    down = {
        key: rank * (height + gap) + height / 2
        for rank, row in enumerate(layers)
        for key in row
    }
    places = {key: (across[key] - left, down[key]) for key in across}
    return Layout(
        {key: places[key] for key in widths},
        {edge: [places[key] for key in chain] for edge, chain in chains.items()},
        max((across[key] - left + size[key] / 2 for key in across), default=0.0),
        len(layers) * (height + gap) - gap,
    )


def _ranks(nodes: Sequence[str], edges: Sequence[tuple[str, str]]) -> dict[str, int]:
    ranks = dict.fromkeys(nodes, 0)
    into: dict[str, list[str]] = {node: [] for node in nodes}
    out: dict[str, list[str]] = {node: [] for node in nodes}
    for source, target in edges:
        into[target].append(source)
        out[source].append(target)
    for node in nodes:
        ranks[node] = max((ranks[source] + 1 for source in into[node]), default=0)
    # What nothing leads to stands right above its first use.
    for node in nodes:
        if not into[node] and out[node]:
            ranks[node] = min(ranks[target] for target in out[node]) - 1
    return ranks


def _chain(edge: tuple[str, str], ranks: Mapping[str, int]) -> list[Key]:
    source, target = edge
    stops: list[Key] = [(source, target, k) for k in range(ranks[source] + 1, ranks[target])]
    return [source, *stops, target]


def _order(
    layers: list[list[Key]], above: Mapping[Key, list[Key]], below: Mapping[Key, list[Key]]
) -> None:
    """Sort each layer by the mean place of its neighbours, down and up in turn."""
    for round_ in range(_ROUNDS):
        downward = round_ % 2 == 0
        rows = range(1, len(layers)) if downward else range(len(layers) - 2, -1, -1)
        near, step = (above, -1) if downward else (below, 1)
        for row in rows:
            place = {key: k for k, key in enumerate(layers[row + step])}
            now = {key: k for k, key in enumerate(layers[row])}
            layers[row].sort(key=lambda key: _mean([place[n] for n in near[key]], now[key]))


def _mean(places: Sequence[float], otherwise: float) -> float:
    return sum(places) / len(places) if places else otherwise


def _across(
    layers: list[list[Key]],
    above: Mapping[Key, list[Key]],
    below: Mapping[Key, list[Key]],
    size: Mapping[Key, float],
) -> dict[Key, float]:
    across: dict[Key, float] = {}
    for layer in layers:
        at = 0.0
        for key in layer:
            across[key] = at + size[key] / 2
            at += size[key] + _APART
    for round_ in range(_ROUNDS):
        downward = round_ % 2 == 0
        near = above if downward else below
        for layer in layers if downward else layers[::-1]:
            wish = [_mean([across[n] for n in near[key]], across[key]) for key in layer]
            for key, place in zip(layer, _spread(layer, wish, size), strict=True):
                across[key] = place
    return across


def _spread(layer: list[Key], wish: list[float], size: Mapping[Key, float]) -> list[float]:
    """The places nearest to those wished that keep the order and do not overlap: blocks
    that touch move together, to the mean of what their nodes wish."""
    blocks: list[tuple[list[int], float, float]] = []  # nodes, sum of wishes for the first, at
    offsets = [0.0] * len(layer)
    for k, key in enumerate(layer):
        nodes, total, at = [k], wish[k], wish[k]
        while blocks:
            before, sum_before, at_before = blocks[-1]
            last = before[-1]
            apart = (size[layer[last]] + size[layer[nodes[0]]]) / 2 + _APART
            if at_before + offsets[last] + apart <= at:
                break
            blocks.pop()
            shift = offsets[last] + apart
            for node in nodes:
                offsets[node] += shift
            total = sum_before + total - shift * len(nodes)
            nodes = [*before, *nodes]
            at = total / len(nodes)
        blocks.append((nodes, total, at))
        assert key is layer[k]
    places = [0.0] * len(layer)
    for nodes, _, at in blocks:
        for node in nodes:
            places[node] = at + offsets[node]
    return places
