"""Measures of a network whose links the rules derive.

Rules cannot work them out (shortest paths have to be counted, groups to be searched for), so a graph library does, and they are
facts to the rules that use them.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from .datalog import values

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    import networkx as nx

    from .datalog.checked import CheckedProgram, Model, Row

LINK = "link"
MEASURES = ("betweenness", "community")
PLACES = Decimal("0.000001")


def measured(
    program: CheckedProgram, facts: Mapping[str, Collection[Row]], evaluate: Callable[..., Model]
) -> dict[str, Collection[Row]]:
    """The measures that a program reads, as facts. `evaluate`: the engine to work out the links with."""
    wanted = [name for name in MEASURES if name in program.relations]
    if not wanted or LINK not in program.relations:
        return {}
    links = evaluate(program.below({LINK}), facts).rows.get(LINK, ())
    graph = _graph(links)
    return {name: {"betweenness": _betweenness, "community": _community}[name](graph) for name in wanted}


def with_links(goals: Collection[str], relations: Collection[str]) -> frozenset[str]:
    """What has to be worked out for these goals, when these relations are needed for it: for a measure also the links."""
    return frozenset(goals) | (frozenset({LINK}) if set(MEASURES) & set(relations) else frozenset())


def _graph(links: Collection[Row]) -> nx.Graph[str]:
    import networkx as nx

    graph: nx.Graph[str] = nx.Graph()
    for one, other, weight in sorted(links):  # in one order, so that ties always fall alike
        graph.add_edge(one, other, weight=weight)
    return graph


def _betweenness(graph: nx.Graph[str]) -> set[Row]:
    import networkx as nx

    found = nx.betweenness_centrality(graph)
    return {(node, values.encode(Decimal(value).quantize(PLACES), "decimal")) for node, value in found.items()}


def _community(graph: nx.Graph[str]) -> set[Row]:
    from networkx.algorithms.community import greedy_modularity_communities

    if not graph:
        return set()
    groups = sorted(greedy_modularity_communities(graph, weight="weight"), key=lambda group: (-len(group), min(group)))
    return {(node, number) for number, group in enumerate(groups, 1) for node in group}
