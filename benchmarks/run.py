"""How fast zhengce is, each figure beside a plain one of the same run: `python benchmarks/run.py [--only a,b]`.

See the README beside this file.
"""

from __future__ import annotations

import argparse
import gc
import os
import subprocess
import sys
import tempfile
import time
from functools import partial
from pathlib import Path
from random import Random
from resource import RUSAGE_CHILDREN, getrusage
from statistics import median
from typing import TYPE_CHECKING, Any, NamedTuple
from unicodedata import east_asian_width

import province

sys.path.append(str(Path(__file__).resolve().parent.parent / "tests"))
import national

from zhengce.ask import ask, given
from zhengce.cases import read_case
from zhengce.datalog.checks import check
from zhengce.datalog.parser import parse
from zhengce.engines import engine
from zhengce.proof import prove
from zhengce.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from province import Interval, Key

    from zhengce.datalog.checked import Model

ROOT = Path(__file__).resolve().parent.parent
LOOK_UP = [str(Path(sys.executable).with_name("zhengce")), "lead", "落实休假政策"]
SAMPLE = "示例市甲"
SCORES = {"score", "group_score", "total", "self_assessed"}
CLOSURE = """
.decl edge(from_node: number, to_node: number)
.input edge
.decl reached(from_node: number, to_node: number)
@[method = "an edge"]
reached(a, b) :- edge(a, b).
@[method = "one edge further"]
reached(a, c) :- reached(a, b), edge(b, c).
"""
CHAIN = """
.decl edge(from_node: number, to_node: number)
.input edge
.decl reached(node: number)
@[method = "the first"]
reached(1) :- edge(0, 1).
@[method = "one edge further"]
reached(b) :- reached(a), edge(a, b).
"""


class Sample(NamedTuple):
    """Milliseconds by the clock, and of the processor's time, user and system."""

    wall: float
    cpu: float


class Line(NamedTuple):
    """One line of the table; `times` is by processor time against the plain line of the same benchmark."""

    name: str
    sample: Sample
    times: float | None = None
    aim: str = ""


# -- measuring ----------------------------------------------------------------------------------------------------------


def measured(*works: Callable[[], Sample], rounds: int, warm: int = 1) -> list[Sample]:
    """The medians of several works, which take turns; the first `warm` turns do not count."""
    turns = [[work() for work in works] for _ in range(warm + rounds)][warm:]
    return [Sample(median(s.wall for s in each), median(s.cpu for s in each)) for each in zip(*turns, strict=True)]


def inside(work: Callable[[], object]) -> Callable[[], Sample]:
    """A work of this process. What it returns is thrown away outside the measured time."""

    def sample() -> Sample:
        gc.collect()
        wall, cpu = time.perf_counter(), time.process_time()
        result = work()
        spent = Sample((time.perf_counter() - wall) * 1000, (time.process_time() - cpu) * 1000)
        del result
        return spent

    return sample


def process(command: list[str], compiled: str, cache: str | None = None) -> Callable[[], Sample]:
    """A whole process, from its start to its end; without `cache`, every one finds an empty cache folder.

    Python's own variables do not reach it, and its compiled modules lie in the folder `compiled`, so that a shell that forbids
    them, or some that are out of date, do not count as time of ours.
    """
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}

    def sample() -> Sample:
        with tempfile.TemporaryDirectory() as empty:
            folders = {"PYTHONPYCACHEPREFIX": compiled, "XDG_CACHE_HOME": cache or empty}
            before, wall = getrusage(RUSAGE_CHILDREN), time.perf_counter()
            subprocess.run(command, cwd=ROOT, env=environment | folders, stdout=subprocess.DEVNULL, check=True)
            wall, after = time.perf_counter() - wall, getrusage(RUSAGE_CHILDREN)
        return Sample(wall * 1000, (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) * 1000)

    return sample


def compared(name: str, sample: Sample, plain: Sample, aim: str = "") -> Line:
    return Line(name, sample, sample.cpu / plain.cpu, aim)


# -- what is measured ---------------------------------------------------------------------------------------------------


def look_up() -> Iterator[Line]:
    """(a) One question, as a whole process."""
    with tempfile.TemporaryDirectory() as compiled, tempfile.TemporaryDirectory() as cache:
        nothing = process([sys.executable, "-c", "pass"], compiled)
        plain, warm = measured(nothing, process(LOOK_UP, compiled, cache), rounds=25)
        (cold,) = measured(process(LOOK_UP, compiled), rounds=5)
    yield Line("python -c pass", plain)
    yield compared("zhengce lead 落实休假政策", warm, plain, "8 times")
    yield compared("the same, its cache empty", cold, plain, "1000 ms")


def one_case() -> Iterator[Line]:
    """(b) One case of the Liaoning table, in a process that has answered before."""
    workspace, run = Workspace(ROOT), engine("memory")
    program, path = workspace.program("score"), workspace.case_path(SAMPLE)

    def read() -> Any:
        return read_case(path, workspace.facts_known)

    facts = {**{name: workspace.facts(name) for name in program.relations}, **read().facts}
    answer = ask(workspace, "score", {"city": SAMPLE})
    evaluation, reading, whole, text = measured(
        inside(lambda: run(program, facts)),
        inside(read),
        inside(lambda: ask(workspace, "score", {"city": SAMPLE})),
        inside(lambda: str(answer)),
        rounds=25,
    )
    yield Line("the rules of score, once", evaluation, aim="10 ms")
    yield Line("reading the case file", reading)
    yield Line("the whole answer, other readings tried", whole)
    yield Line("its text", text)


def a_province() -> Iterator[Line]:
    """(c) 14 cities and 700 institutions in one evaluation, against a loop over dictionaries."""
    workspace = Workspace(ROOT)
    for unknown in (0.0, 0.2):
        yield from province_scored(workspace, unknown)


def province_scored(workspace: Workspace, unknown: float) -> Iterator[Line]:
    """The scores alone, which is what the loop works out, and then everything that an answer on a score needs."""
    run, whole = engine("memory"), workspace.program("score")
    scores = whole.below(SCORES)
    indicators = province.table(workspace.facts_known)
    cities = province.province(indicators, cities=14, institutions=700, unknown=unknown, seed=2022)
    facts = {**{name: workspace.facts(name) for name in whole.relations}, **province.facts(cities)}
    same(intervals(run(scores, facts)), province.score_by_hand(indicators, cities))
    plain, ours, all_of_it = measured(
        inside(lambda: province.score_by_hand(indicators, cities)),
        inside(lambda: run(scores, facts)),
        inside(lambda: run(whole, facts)),
        rounds=11,
    )
    yield Line(f"a province by hand, {unknown:.0%} unknown", plain)
    yield compared("its scores by the rules", ours, plain, "15 times")
    yield compared("with every loss and what is missing", all_of_it, plain)


def closure() -> Iterator[Line]:
    """(d) What can be reached in a random graph of 2,000 nodes and 3,000 edges."""
    program, run = check(parse(CLOSURE)), engine("memory")
    edges = {divmod(pair, 2000) for pair in Random(2022).sample(range(2000 * 2000), 3000)}
    same(run(program, {"edge": edges}).rows["reached"], closure_by_hand(edges))
    plain, ours = measured(
        inside(lambda: closure_by_hand(edges)),
        inside(lambda: run(program, {"edge": edges})),
        rounds=3,
        warm=0,
    )
    yield Line("closure of a graph by hand", plain)
    yield compared("by two rules", ours, plain)


def second_engine() -> Iterator[Line]:
    """(e) The rules of score by pyDatalog, against the default engine: one case, and the province of (c)."""
    workspace, program = Workspace(ROOT), Workspace(ROOT).program("score")
    stated = {name: workspace.facts(name) for name in program.relations}
    indicators = province.table(workspace.facts_known)
    cities = province.province(indicators, cities=14, institutions=700, unknown=0.0, seed=2022)
    given = {
        "one case": read_case(workspace.case_path(SAMPLE), workspace.facts_known).facts,
        "a province": province.facts(cities),
    }
    for name, facts in given.items():
        works = [partial(engine(by), program, {**stated, **facts}) for by in ("memory", "pydatalog")]
        same(*({relation: set(rows) for relation, rows in work().rows.items()} for work in works))
        plain, other = measured(*map(inside, works), rounds=5)
        yield Line(f"{name} by memory", plain)
        yield compared(f"{name} by pydatalog", other, plain)


def drawings() -> Iterator[Line]:
    """(f) A diagram as a whole process, beside Graphviz laying out and drawing the same graph by itself."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "national").mkdir()
        plans = {"17 × 25": (ROOT, []), "60 × 300": (national.plan(folder / "national"), ["--document", national.DOCUMENT])}
        for size, (workspace, options) in plans.items():
            draw = [LOOK_UP[0], "--workspace", str(workspace), "draw", "responsibility", *options, "-o"]
            subprocess.run([*draw, str(folder / "plain.dot")], check=True, stdout=subprocess.DEVNULL)
            worker = [sys.executable, str(ROOT / "zhengce" / "diagrams" / "worker.py"), "dot", "svg"]
            alone = process(["sh", "-c", f"{' '.join(worker)} < {folder}/plain.dot"], f"{folder}/compiled", f"{folder}/cache")
            ours = [
                process([*draw, f"{folder}/a.{form}"], f"{folder}/compiled", f"{folder}/cache")
                for form in ("svg", "png", "html")
            ]
            plain, *samples = measured(alone, *ours, rounds=3)
            yield Line(f"{size} by Graphviz alone, SVG", plain)
            for form, sample in zip(("SVG", "PNG", "page"), samples, strict=True):
                yield compared(f"{size}, {form}", sample, plain, "20 s" if size == "60 × 300" else "")


def proofs() -> Iterator[Line]:
    """(g) A proof in a process that has made one before, the model at hand: of a score, and of a fact a thousand steps deep."""
    workspace = Workspace(ROOT)
    program = workspace.program("score")
    known = given(workspace, SAMPLE, readings={}, on=None)
    facts = {**{name: workspace.facts(name) for name in program.relations}, **known}
    model = engine("memory")(program, facts)
    chain = check(parse(CHAIN))
    edges = {"edge": {(node, node + 1) for node in range(1000)}}
    reached = engine("memory")(chain, edges)
    works: dict[str, tuple[Callable[[], object], str]] = {
        "a proof of the total of a case": (partial(prove, program, facts, model, "total", min(model["total"])), "50 ms"),
        "a proof of one indicator": (partial(prove, program, facts, model, "score", min(model["score"])), "50 ms"),
        "a proof 1,000 deep": (partial(prove, chain, edges, reached, "reached", (1000,)), "1 s"),
        "the same, with others": (partial(prove, chain, edges, reached, "reached", (1000,), others=True), "1 s"),
    }
    samples = measured(*(inside(work) for work, _ in works.values()), rounds=11)
    for (name, (_, aim)), sample in zip(works.items(), samples, strict=True):
        yield Line(name, sample, aim=aim)


BENCHMARKS: dict[str, Callable[[], Iterator[Line]]] = {
    "a": look_up,
    "b": one_case,
    "c": a_province,
    "d": closure,
    "e": second_engine,
    "f": drawings,
    "g": proofs,
}


# -- the same answers ---------------------------------------------------------------------------------------------------


def same(ours: object, plain: object) -> None:
    if ours != plain:
        sys.exit("the two do not give the same answer: there is nothing to compare")


def intervals(model: Model) -> dict[Key, Interval]:
    """The scores of a model as `score_by_hand` gives them."""
    rows: Mapping[str, Any] = model.rows
    return {
        **{(city, indicator): (low, high) for city, indicator, _, _, low, high in rows["score"]},
        **{(city, group): (low, high) for city, group, *_, low, high in rows["group_score"]},
        **{(city, name): (low, high) for name in ("total", "self_assessed") for city, _, low, high in rows[name]},
    }


def closure_by_hand(edges: set[tuple[int, int]]) -> set[tuple[int, int]]:
    """Semi-naive: each round looks one edge further from what the last one found."""
    following: dict[int, list[int]] = {}
    for a, b in edges:
        following.setdefault(a, []).append(b)
    reached, new = set(edges), edges
    while new:
        new = {(a, c) for a, b in new for c in following.get(b, ()) if (a, c) not in reached}
        reached |= new
    return reached


# -- the table ----------------------------------------------------------------------------------------------------------


def shown(key: str, line: Line) -> str:
    times = "" if line.times is None else f"{line.times:.1f}"
    width = 38 - sum(east_asian_width(character) in "WF" for character in line.name)
    return f"| {key} | {line.name:{width}} | {line.sample.wall:8.1f} | {line.sample.cpu:8.1f} | {times:>5} | {line.aim:8} |"


def main() -> None:
    parser = argparse.ArgumentParser(description="How fast zhengce is, beside plain Python in the same run.")
    parser.add_argument(
        "--only",
        default=",".join(BENCHMARKS),
        metavar="a,b",
        help="look-up a, case b, province c, closure d, pydatalog e, diagrams f, proofs g",
    )
    wanted = parser.parse_args().only.split(",")
    if unknown := [key for key in wanted if key not in BENCHMARKS]:
        parser.error(f"no benchmark {', '.join(unknown)}; there are {', '.join(BENCHMARKS)}")
    print(f"|   | {'milliseconds, medians':38} | by clock | of CPU   | times | aim      |")
    print(f"|---|{'-' * 40}|---------:|---------:|------:|----------|")
    for key in wanted:
        for line in BENCHMARKS[key]():
            print(shown(key, line), flush=True)


if __name__ == "__main__":
    main()
