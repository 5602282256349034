"""Programs, facts and models to prove facts of: of the workspace's questions, and of random programs."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

import oracle

import zhengce
from zhengce.ask import given
from zhengce.datalog.checked import CheckedProgram, Model, Relation, Row, Stratum
from zhengce.datalog.checks import check
from zhengce.datalog.parser import parse
from zhengce.datalog.syntax import Aggregate, Atom, Comparison, Rule, Variable, Wildcard
from zhengce.engines import engine
from zhengce.errors import Span
from zhengce.evaluating import encode_rows
from zhengce.measures import measured
from zhengce.workspace import Workspace

ROOT = Path(__file__).parents[1]
CASES = sorted(path for folder in ("facts/cases", "tests/cases") for path in (ROOT / folder).rglob("*.yaml"))
EVERYTHING = "everything"
ABOUT_A_CASE = ("score", "eligible", "revocation")
WORKSPACE = zhengce.open(ROOT).workspace

Fact = tuple[str, Row]


class World(NamedTuple):
    """A program, the facts given, and what an engine makes of them."""

    program: CheckedProgram
    facts: Mapping[str, Collection[Row]]
    model: Model

    def derived(self) -> set[Fact]:
        """What the rules gave."""
        rows = self.model.rows
        return {(name, row) for name in _heads(self.program) for row in rows[name] if row not in self.facts.get(name, ())}

    def everything(self) -> World:
        """The same with a fact more, `everything()`, that rests on all that the rules gave, so that its proof proves all."""
        program = with_everything(self.program)
        rows = {f"all {name}": {(len(self.model.rows[name]),)} for name in _heads(self.program)}
        return World(program, self.facts, Model(program.relations, {**self.model.rows, **rows, EVERYTHING: {()}}))


@cache
def with_everything(program: CheckedProgram) -> CheckedProgram:
    """The program with `all r(n) :- n = count : { r(_, …) }.` for each relation that has rules, and one rule over these."""
    names = _heads(program)
    counted = [Relation(f"all {name}", ("n",), ("number",)) for name in names]
    rules = [_counting(name, len(program.relations[name].types)) for name in names]
    goal = Rule(Atom(EVERYTHING, ()), tuple(Atom(r.name, (Wildcard(),), Span("", 1, i)) for i, r in enumerate(counted)))
    strata = [Stratum((r.name,), (rule,), False, frozenset({n})) for r, rule, n in zip(counted, rules, names, strict=True)]
    last = Stratum((EVERYTHING,), (goal,), False, frozenset(relation.name for relation in counted))
    relations = {relation.name: relation for relation in (*counted, Relation(EVERYTHING, (), ()))}
    return CheckedProgram({**program.relations, **relations}, (*program.strata, *strata, last), {})


def _counting(name: str, width: int) -> Rule:
    count = Aggregate("count", None, (Atom(name, (Wildcard(),) * width),), "number")
    return Rule(Atom(f"all {name}", (Variable("n"),)), (Comparison("=", Variable("n"), count, "number"),))


def _heads(program: CheckedProgram) -> list[str]:
    return list(dict.fromkeys(rule.head.relation for rule in program.rules))


def of_question(question: str, case: Path | None, readings: Mapping[str, str], workspace: Workspace = WORKSPACE) -> World:
    """What a question rests on, as `ask` gathers it."""
    program, run = workspace.program(question), engine("memory")
    brought = given(workspace, None if case is None else str(case), readings=readings, on=None)
    facts = {**{name: workspace.facts(name) for name in program.relations}, **brought}
    facts = {**facts, **measured(program, facts, run)}
    return World(program, facts, run(program, facts))


def of_text(text: str, facts: Mapping[str, Sequence[Row]], by: str = "memory") -> World:
    """A program as text with plain facts."""
    program = check(parse(declared(text, facts)))
    encoded = {name: encode_rows(program.relations[name], rows) for name, rows in facts.items()}
    return World(program, encoded, engine(by)(program, encoded))


def declared(text: str, facts: Mapping[str, Sequence[Row]]) -> str:
    """The text; a relation that it does not declare has the types that its facts show."""
    known = {declaration.name for declaration in parse(text).declarations}
    return "".join(_declaration(name, rows[0]) for name, rows in facts.items() if name not in known) + text


def _declaration(name: str, row: Row) -> str:
    return f".decl {name}({', '.join(f'c{i}: {oracle.type_of(value)}' for i, value in enumerate(row))})\n"
