"""The order in which relations are worked out: strongly connected components, negation and aggregates from below."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from ..errors import StratificationError, ZhengceError
from .calendar import BUILTINS
from .checked import Stratum
from .scope import atom_of
from .syntax import Literal, Program, Rule, aggregates

if TYPE_CHECKING:
    from collections.abc import Iterator

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
        import networkx as nx

        self.program = program
        self.graph: nx.DiGraph[str] = nx.DiGraph()
        self.complete: dict[tuple[str, str], Rule] = {}
        for rule in program.rules:
            self.graph.add_node(rule.head.relation)
            for relation, complete in uses(rule):
                self.graph.add_edge(rule.head.relation, relation)
                if complete:
                    self.complete.setdefault((rule.head.relation, relation), rule)
        self.components = [frozenset(c) for c in nx.strongly_connected_components(self.graph)]
        self.component = {relation: c for c in self.components for relation in c}

    def recursive(self) -> dict[str, frozenset[str]]:
        """For each relation that depends on itself, all relations of its cycle."""
        return {r: c for c in self.components for r in c if len(c) > 1 or self.graph.has_edge(r, r)}

    def cycles(self) -> Iterator[ZhengceError]:
        """One error for each cycle through a negation or an aggregate, the cycle as a path."""
        import networkx as nx

        seen: set[frozenset[str]] = set()
        for (above, below), rule in sorted(self.complete.items()):
            component = self.component[above]
            if below not in component or component in seen:
                continue
            seen.add(component)
            back = nx.shortest_path(self.graph.subgraph(component), below, above)
            yield StratificationError(
                f"{above} 依赖于对自己的否定或聚合：{self._path(above, back)}",
                span=rule.head.span,
                hint="否定与聚合只能用在先算完的关系上；把循环拆开",
                source=self.program.source(rule.span.file),
            )

    def _path(self, start: str, rest: list[str]) -> str:
        names = [start, *rest]
        marks = ["!" if pair in self.complete else "" for pair in pairwise(names)]
        return " → ".join([start, *(m + n for m, n in zip(marks, rest, strict=True))])

    def strata(self, rules: list[Rule]) -> tuple[Stratum, ...]:
        """The rules by stratum, each after those it depends on. Call it when there are no `cycles`."""
        import networkx as nx

        by_head: dict[str, list[Rule]] = {}
        for rule in rules:
            by_head.setdefault(rule.head.relation, []).append(rule)
        condensed = nx.condensation(self.graph, self.components)
        order = nx.lexicographical_topological_sort(condensed.reverse(), key=lambda n: min(condensed.nodes[n]["members"]))
        groups = [sorted(condensed.nodes[n]["members"]) for n in order]
        recursive = self.recursive()
        members = ([r for name in names for r in by_head.get(name, ())] for names in groups)
        return tuple(
            Stratum(tuple(names), tuple(rules), names[0] in recursive, frozenset(r for rule in rules for r, _ in uses(rule)))
            for names, rules in zip(groups, members, strict=True)
            if rules
        )
