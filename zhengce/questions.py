"""What a file of `queries/` means: its arguments, the relations it asks for, the shape and the wording of its answer.

A field of an answer is one of

- `"column"`, or `"column|filter"` (`document` and `short` split an id at its `/`, `flag` turns yes/no into true/false);
- `{argument = "name"}`: what was asked for;
- `{one = "relation", on = […]}`: the single row that agrees with the enclosing row in these columns, as `value = "column"` or
  as `fields`; null when there is none;
- `{each = "relation", on = […], where = {…}, order = […]}`: every such row;
- `{exists = "relation", on = […]}`: whether there is one.

`order` sorts by columns (`-column` downwards), clause ids in the order of their document.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from .errors import WorkspaceError, did_you_mean, raise_all

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from .datalog.checked import Relation
    from .datalog.syntax import Rule

Spec = dict[str, Any]


class Argument(NamedTuple):
    """`kind` is `name` (looked up in the relation `of`, whose two columns are name and id) or `case` (a file or sample)."""

    name: str
    kind: str
    of: str
    help: str


class Question(NamedTuple):
    """A question: `answer` is the shape of what is said, `text` its wording, `goals` the relations that it needs."""

    name: str
    title: str
    help: str
    date: str
    arguments: tuple[Argument, ...]
    answer: Spec
    clauses: Mapping[str, str]
    compare: tuple[str, ...]
    text: tuple[Spec, ...]
    goals: frozenset[str]

    @property
    def about_case(self) -> bool:
        """Whether the question is put to a case file."""
        return any(a.kind == "case" for a in self.arguments)


TOP = {"title", "help", "date", "argument", "answer", "clauses", "compare", "text"}
ARGUMENT = {"name", "kind", "of", "help"}
FIELD = {"one", "each", "exists", "argument", "on", "where", "order", "value", "fields"}
BLOCK = {"each", "lines", "table", "columns", "heading", "line", "join"}
FILTERS = ("document", "short", "flag")
KINDS = ("name", "case")


def read_question(name: str, data: Spec, relations: Mapping[str, Relation], file: str) -> Question:
    """A question from its TOML. Raises `WorkspaceError` with all that is wrong: keys, relations, columns."""
    checker = _Checker(relations, file)
    checker.keys(data, TOP, "")
    for key in ("title", "help", "answer"):
        if key not in data:
            checker.wrong(f"缺少 {key}")
    for argument in data.get("argument", ()):
        checker.argument(argument)
    for key, spec in data.get("answer", {}).items():
        checker.field(f"answer.{key}", spec, None)
    for block in data.get("text", ()):
        checker.keys(block, BLOCK, "text")
    raise_all(checker.errors)
    arguments = tuple(Argument(a["name"], a["kind"], a.get("of", ""), a.get("help", "")) for a in data.get("argument", ()))
    return Question(
        name,
        data["title"],
        data["help"],
        data.get("date", ""),
        arguments,
        data["answer"],
        data.get("clauses", {}),
        tuple(data.get("compare", {}).get("fields", ())),
        tuple(data.get("text", ())),
        frozenset(checker.goals) | {a.of for a in arguments if a.of},
    )


class _Checker:
    """Holds a question against the relations that there are."""

    def __init__(self, relations: Mapping[str, Relation], file: str) -> None:
        self.relations, self.file = relations, file
        self.errors: list[WorkspaceError] = []
        self.goals: set[str] = set()

    def wrong(self, message: str, hint: str = "") -> None:
        self.errors.append(WorkspaceError(f"{self.file}：{message}", hint=hint))

    def keys(self, data: Spec, known: set[str], where: str) -> None:
        for key in data:
            if key not in known:
                self.wrong(f"{where} 里没有 {key} 这个键".strip(), did_you_mean(key, known))

    def argument(self, data: Spec) -> None:
        self.keys(data, ARGUMENT, "argument")
        if data.get("kind") not in KINDS or "name" not in data:
            self.wrong("argument 要有 name，和 kind（name 或 case）", did_you_mean(str(data.get("kind")), KINDS))
        elif data["kind"] == "name":
            relation = self.relation("argument", data.get("of", ""))
            if relation and len(relation.columns) != 2:
                self.wrong(f"argument 的 of 要是两列的关系（名称、编号），{relation.name} 有 {len(relation.columns)} 列")

    def field(self, path: str, spec: object, row: Relation | None) -> None:
        if isinstance(spec, str):
            self.column(path, spec, row)
            return
        if not isinstance(spec, dict):
            self.wrong(f"{path} 要是列名，或写明 one、each、exists、argument 之一的表")
            return
        self.keys(spec, FIELD, path)
        kind = next((k for k in ("one", "each", "exists") if k in spec), None)
        if kind is None:
            if "argument" not in spec:
                self.wrong(f"{path} 没有写 one、each、exists 或 argument")
            return
        self.joined(path, spec, kind, row)

    def joined(self, path: str, spec: Spec, kind: str, row: Relation | None) -> None:
        relation = self.relation(path, spec[kind])
        if relation is None:
            return
        for column in (*spec.get("on", ()), *spec.get("where", {}), *(o.lstrip("-") for o in spec.get("order", ()))):
            self.column(path, column, relation)
        if "value" in spec:
            self.column(path, spec["value"], relation)
        for key, inner in spec.get("fields", {}).items():
            self.field(f"{path}.{key}", inner, relation)

    def column(self, path: str, text: str, row: Relation | None) -> None:
        column, _, filter_ = text.partition("|")
        if row is None or column not in row.columns:
            columns = row.columns if row else ()
            self.wrong(f"{path}：没有 {column} 这一列", did_you_mean(column, columns))
        if filter_ and filter_ not in FILTERS:
            self.wrong(f"{path}：没有 {filter_} 这种写法", did_you_mean(filter_, FILTERS))

    def relation(self, path: str, name: str) -> Relation | None:
        if name in self.relations:
            self.goals.add(name)
            return self.relations[name]
        self.wrong(f"{path}：没有 {name} 这个关系", did_you_mean(name, self.relations))
        return None


def readings_used(rules: Iterable[Rule]) -> frozenset[str]:
    """The ids of the readings that rules consult: constants in the second column of `reading`."""
    from .datalog.checks import atoms_of
    from .datalog.syntax import Constant

    used = set()
    for rule in rules:
        for atom in atoms_of(rule):
            if atom.relation == "reading" and isinstance(atom.arguments[1], Constant):
                used.add(str(atom.arguments[1].value))
    return frozenset(used)
