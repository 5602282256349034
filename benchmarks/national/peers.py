"""Who takes part, and one of them measured: this module is the child process of run.py, and prints one line of JSON.

python peers.py whole NAME FOLDER              scores once, as a whole process
python peers.py score NAME FOLDER              scores by turns with the hand-written SQL, and compares the answers
python peers.py closure NAME PROBLEM SIZE      the same for a problem of closure.py, `full` or `small`
"""

from __future__ import annotations

import gc
import json
import sys
import time
from functools import partial
from importlib import import_module
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

    Work = Callable[[], Any]

HAND = "by_hand"
ROUNDS = 7
SECONDS = {"by_rules": 30.0}  # after which no turn is begun; of the others 6


class Peer(NamedTuple):
    """`counties`: it scores a nation of so many within about a minute; a larger one is not asked of it."""

    title: str
    package: str
    counties: int


PEERS = {
    HAND: Peer("SQL by hand (DuckDB)", "duckdb", 3000),
    "by_rules": Peer("the rules, engine duckdb", "zhengce", 3000),
    "by_memory": Peer("the rules, engine memory", "zhengce", 333),
    "by_engines": Peer("the rules, engine pydatalog", "pyDatalog", 20),
    "by_polars": Peer("polars", "polars", 3000),
    "by_logica": Peer("Logica (to DuckDB)", "logica", 3000),
    "by_nemo": Peer("Nemo", "nmo_python", 3000),
    "by_clingo": Peer("clingo", "clingo", 333),
    "plain": Peer("plain Python", "duckdb", 3000),
    "by_pydatalog": Peer("pyDatalog", "pyDatalog", 20),
    "flagged": Peer("one recursive query with a flag (DuckDB)", "duckdb", 0),
}
SCORERS = set(PEERS) - {"flagged"}
CLOSERS = set(PEERS) - {"flagged", "by_engines", "plain"}


def scorer(name: str) -> tuple[Callable[[Path], Any], Callable[[Any], Any]]:
    """What scores a folder, and what turns its result into answers that can be compared."""
    module = import_module(name)
    if name != HAND:
        return module.score, getattr(module, "answers", dict)
    connection = import_module("duckdb").connect()
    module.prepare(connection)
    return partial(module.score, connection), module.answers


# -- measuring ----------------------------------------------------------------------------------------------------------------


def timed(work: Work) -> tuple[float, float, Any]:
    """Seconds by the clock and of the processor, and the result."""
    gc.collect()
    wall, cpu = time.perf_counter(), time.process_time()
    result = work()
    return time.perf_counter() - wall, time.process_time() - cpu, result


def measured(name: str, own: Work, hand: Work, compare: Callable[[Any, Any], tuple[int, int]]) -> dict[str, Any]:
    """A first run of each, whose answers are compared; then both by turns, unless the first took too long for another."""
    *first, result = timed(own)
    most = peak()
    differ, of = compare(result, hand())
    del result
    seconds = SECONDS.get(name, 6.0)
    runs, own_time, hand_time = by_turns(own, hand, seconds) if first[0] < seconds else (1, first, timed(hand)[:2])
    return {"runs": runs, "own": own_time, "hand": hand_time, "peak": most, "differ": differ, "of": of}


def by_turns(own: Work, hand: Work, seconds: float) -> tuple[int, list[float], list[float]]:
    """How many turns there were, and the medians of both."""
    begun, turns = time.perf_counter(), []
    while len(turns) < ROUNDS and (not turns or time.perf_counter() - begun < seconds):
        turns.append((timed(own)[:2], timed(hand)[:2]))
    own_time, hand_time = ([median(each) for each in zip(*times, strict=True)] for times in zip(*turns, strict=True))
    return len(turns), own_time, hand_time


def peak() -> float:
    """The most memory this process has taken so far, in megabytes."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def differing(own: Any, hand: Any) -> int:
    """In how many answers two mappings or two sets differ."""
    if isinstance(hand, dict):
        return sum(own.get(key) != hand.get(key) for key in own.keys() | hand.keys())
    return len(own ^ hand)


# -- what is measured ---------------------------------------------------------------------------------------------------------


def whole(name: str, folder: str) -> dict[str, Any]:
    score, _ = scorer(name)
    score(Path(folder))
    return {"peak": peak()}


def scored(name: str, folder: str) -> dict[str, Any]:
    (own, own_answers), (hand, hand_answers) = scorer(name), scorer(HAND)

    def compare(result: Any, expected: Any) -> tuple[int, int]:
        answers = hand_answers(expected)
        return differing(own_answers(result), answers), len(answers)

    return measured(name, partial(own, Path(folder)), partial(hand, Path(folder)), compare)


def closure(name: str, problem: str, size: str) -> dict[str, Any]:
    import closure as by_hand
    import closure_peers

    if size == "small":
        by_hand.PROBLEMS.update(by_hand.SMALL)
    chosen = by_hand.PROBLEMS[problem]
    edges = by_hand.graph(chosen)
    prepare, rows = closure_peers.TOOLS[name]
    connection = by_hand.connected(edges)

    def compare(result: Any, _: Any) -> tuple[int, int]:
        counted = [compared(rows(result, goal), by_hand.pairs(connection, goal)) for goal in chosen.goals]
        return tuple(map(sum, zip(*counted, strict=True)))  # type: ignore[return-value]

    return measured(name, prepare(edges, problem), partial(by_hand.BY_HAND[problem], connection), compare)


def compared(own: set[Any], hand: set[Any]) -> tuple[int, int]:
    return differing(own, hand), len(hand)


if __name__ == "__main__":
    kind, *given = sys.argv[1:]
    print(json.dumps({"whole": whole, "score": scored, "closure": closure}[kind](*given)))
