"""The national workload by hand, by rules and by other tools, and the closure of graphs: prints Markdown tables.

    python benchmarks/national/run.py [--size small|333x300|3000x300] [--only scoring,closure] [--tools by_polars,…]

Every figure comes from a process of its own, in which the tool and the hand-written SQL take turns.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage
from statistics import median
from typing import TYPE_CHECKING, Any

sys.path.append(str(Path(__file__).resolve().parents[2]))

from closure import PROBLEMS, SMALL
from generate import Size, made
from peers import CLOSERS, HAND, PEERS, SCORERS
from table import documented

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

CHILD = [sys.executable, "-W", "ignore", str(Path(__file__).with_name("peers.py"))]
SIZES = {"small": Size(20, 50), "333x300": Size(333), "3000x300": Size(3000)}
LIMIT = 170  # seconds that a process may take
WHOLE_TURNS, WHOLE_BUDGET = 3, 15.0
SCORING = "| in-process ms | of CPU | times | runs | whole process s | of CPU | times | peak MB | answers |"
CLOSURE = "| ms | of CPU | times | runs | peak MB | answers |"
SLOW = {"by_pydatalog"}  # asked only for a small graph, and only for linear recursion


class Failed(Exception):
    """Why there is no figure."""


# -- processes ----------------------------------------------------------------------------------------------------------------


def child(*arguments: str) -> dict[str, Any]:
    """What a process of peers.py prints. Raises `Failed`."""
    try:
        done = subprocess.run([*CHILD, *arguments], capture_output=True, text=True, timeout=LIMIT, check=False)
    except subprocess.TimeoutExpired:
        raise Failed(f"more than {LIMIT} s") from None
    if done.returncode:
        raise Failed((done.stderr.strip().splitlines() or [f"exit {done.returncode}"])[-1][:80])
    return json.loads(done.stdout.splitlines()[-1])


def whole(*names: str, folder: Path) -> list[tuple[float, float, float]]:
    """For each tool the seconds of a whole process by the clock and of the processor, and its most memory; medians of turns."""
    begun, turns = time.perf_counter(), []
    while len(turns) < WHOLE_TURNS and (not turns or time.perf_counter() - begun < WHOLE_BUDGET):
        turns.append([one_process(name, folder) for name in names])
    return [tuple(map(median, zip(*each, strict=True))) for each in zip(*turns, strict=True)]  # type: ignore[misc]


def one_process(name: str, folder: Path) -> tuple[float, float, float]:
    before, wall = getrusage(RUSAGE_CHILDREN), time.perf_counter()
    found = child("whole", name, str(folder))
    wall, after = time.perf_counter() - wall, getrusage(RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, found["peak"]


# -- the tables ---------------------------------------------------------------------------------------------------------------


def scoring(size: str, names: list[str]) -> Iterator[str]:
    """A line for each tool; who is not asked for so many counties gets the small size, in a table of its own."""
    able = [name for name in names if PEERS[name].counties >= SIZES[size].counties]
    for each, chosen in ((size, able), ("small", [name for name in names if name not in able])):
        if chosen:
            counties, institutions, *_ = SIZES[each]
            yield from heading(f"scoring, {counties} counties with {institutions} institutions each", SCORING)
            for name in dict.fromkeys((HAND, *chosen)):
                yield line(name, SCORING, scoring_line, made(SIZES[each]))


def scoring_line(name: str, folder: Path) -> str:
    found = child("score", name, str(folder))
    own, hand = whole(name, HAND, folder=folder)
    cells = [*in_process(found), f"{own[0]:.2f}", f"{own[1]:.2f}", f"{own[1] / hand[1]:.1f}", f"{own[2]:.0f}", answers(found)]
    return " | ".join(cells)


def closures(size: str, names: list[str]) -> Iterator[str]:
    for problem in PROBLEMS:
        able = [name for name in names if size != "small" and name not in SLOW]
        rest = [name for name in names if name not in able and (problem == "linear" or name not in SLOW)]
        for each, chosen in (("full", able), ("small", rest)):
            if chosen:
                graph = (SMALL if each == "small" else PROBLEMS)[problem]
                yield from heading(f"{problem} recursion, {graph.nodes} nodes and {graph.edges} edges", CLOSURE)
                flag = ["flagged"] if problem == "mutual" else []
                for name in dict.fromkeys((HAND, *flag, *chosen)):
                    yield line(name, CLOSURE, closure_line, problem, each)


def closure_line(name: str, problem: str, size: str) -> str:
    found = child("closure", name, problem, size)
    return " | ".join([*in_process(found), f"{found['peak']:.0f}", answers(found)])


def in_process(found: dict[str, Any]) -> list[str]:
    """`times` is by processor time, which other work on the machine disturbs less than the clock."""
    (wall, cpu), (_, by_hand) = found["own"], found["hand"]
    return [f"{wall * 1000:.0f}", f"{cpu * 1000:.0f}", f"{cpu / by_hand:.1f}", str(found["runs"])]


def answers(found: dict[str, Any]) -> str:
    return "same" if not found["differ"] else f"{found['differ']} of {found['of']} differ"


def line(name: str, cells: str, measure: Callable[..., str], *arguments: Any) -> str:
    peer = PEERS[name]
    try:
        if find_spec(peer.package) is None:
            raise Failed("not installed")
        return f"| {peer.title} | {measure(name, *arguments)} |"
    except Failed as reason:
        return f"| {peer.title} | {reason} {'|' * (cells.count('|') - 1)}"


def heading(title: str, cells: str) -> Iterator[str]:
    yield f"\n| {title} {cells}"
    yield f"|---{'|--:' * (cells.count('|') - 1)}|"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", choices=SIZES, default="333x300")
    parser.add_argument("--only", default="scoring,closure", help="which of the two")
    parser.add_argument("--tools", default=",".join(PEERS), help=f"out of {', '.join(PEERS)}")
    options = parser.parse_args()
    names = [name for name in PEERS if name in options.tools.split(",")]
    documented()  # made before anything is measured
    parts = {"scoring": (scoring, SCORERS), "closure": (closures, CLOSERS)}
    for part in options.only.split(","):
        table, able = parts[part]
        for text in table(options.size, [name for name in names if name in able]):
            print(text, flush=True)


if __name__ == "__main__":
    main()
