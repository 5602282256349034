"""The order in which relations are worked out: strongly connected components, negation and aggregates from below."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from ..errors import StratificationError, ZhengceError
from ..language import say
from .calendar import BUILTINS
from .checked import Stratum
from .scope import atom_of
from .syntax import Literal, Program, Rule, aggregates

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from collections.abc import Set as AbstractSet

    import networkx as nx


def uses(rule: Rule) -> Iterator[tuple[str, bool]]:
    """The relations that a rule reads, each with whether it must be complete first (negated or aggregated)."""
    for part in (rule.head, *rule.body):
        if part is not rule.head:
            yield from _used(part, False)
        for aggregate in aggregates(part):
            for literal in aggregate.body:
                yield from _used(literal, True)


def _used(literal: Literal, complete: bool) -> Iterator[tuple[str, bool]]:
    atom = atom_of(literal)
    if atom is not None and atom.relation not in BUILTINS:
        yield atom.relation, complete or atom is not literal


class Dependencies:
    """The graph of a program: an edge from a relation to each that its rules read."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.edges: dict[str, set[str]] = {}
        self.complete: dict[tuple[str, str], Rule] = {}
        for rule in program.rules:
            below = self.edges.setdefault(rule.head.relation, set())
            for relation, complete in uses(rule):
                below.add(relation)
                if complete:
                    self.complete.setdefault((rule.head.relation, relation), rule)
        self.components = list(_components(self.edges))
        self.component = {relation: c for c in self.components for relation in c}

    def recursive(self) -> dict[str, frozenset[str]]:
        """For each relation that depends on itself, all relations of its cycle."""
        return {r: c for c in self.components for r in c if len(c) > 1 or r in self.edges.get(r, ())}

    def cycles(self) -> Iterator[ZhengceError]:
        """One error for each cycle through a negation or an aggregate, the cycle as a path."""
        seen: set[frozenset[str]] = set()
        for (above, below), rule in sorted(self.complete.items(), key=lambda item: item[0]):
            component = self.component[above]
            if below not in component or component in seen:
                continue
            seen.add(component)
            path = self._path(above, self._way_back(below, above))
            yield StratificationError(
                say("{name} 依赖于对自己的否定或聚合：{path}", name=above, path=path),
                span=rule.head.span,
                hint=say("否定与聚合只能用在先算完的关系上；把循环拆开"),
                source=self.program.source(rule.span.file),
            )

    def _way_back(self, start: str, end: str) -> list[str]:
        """The shortest path from a relation to another of its cycle."""
        import networkx as nx

        graph: nx.DiGraph[str] = nx.DiGraph()
        graph.add_edges_from((a, b) for a in sorted(self.component[end]) for b in sorted(self.edges.get(a, ())))
        return list(nx.shortest_path(graph, start, end))

    def _path(self, start: str, rest: list[str]) -> str:
        names = [start, *rest]
        marks = ["!" if pair in self.complete else "" for pair in pairwise(names)]
        return " → ".join([start, *(m + n for m, n in zip(marks, rest, strict=True))])

    def strata(self, rules: list[Rule]) -> tuple[Stratum, ...]:
        """The rules by stratum, each after those it depends on. Call it when there are no `cycles`."""
        by_head: dict[str, list[Rule]] = {}
        for rule in rules:
            by_head.setdefault(rule.head.relation, []).append(rule)
        recursive = self.recursive()
        groups = [sorted(component) for component in self.components]
        members = ([r for name in names for r in by_head.get(name, ())] for names in groups)
        return tuple(
            Stratum(tuple(names), tuple(rules), names[0] in recursive, frozenset(r for rule in rules for r, _ in uses(rule)))
            for names, rules in zip(groups, members, strict=True)
            if rules
        )


def _components(edges: Mapping[str, AbstractSet[str]]) -> Iterator[frozenset[str]]:
    """The strongly connected components, each after those it depends on (Tarjan 1972, without recursion).

    Every program needs them before it runs, and loading a graph library for that takes longer than the rest together.
    """
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    path: list[str] = []
    done: set[str] = set()
    for root in sorted(edges):
        work = [(root, iter(sorted(edges[root])))] if root not in index else []
        while work:
            node, below = work[-1]
            if node not in index:
                index[node] = low[node] = len(index)
                path.append(node)
            for other in below:
                if other not in index:
                    work.append((other, iter(sorted(edges.get(other, ())))))
                    break
                if other not in done:
                    low[node] = min(low[node], low[other])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[node])
                if low[node] == index[node]:
                    component = path[path.index(node) :]
                    del path[path.index(node) :]
                    done.update(component)
                    yield frozenset(component)
