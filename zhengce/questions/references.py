"""What a file of `queries/` refers to: relations, columns, arguments, and the fields of its own answer."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from ..errors import did_you_mean
from ..language import later, say
from . import PLACE, parsed

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from ..datalog.checked import Relation
    from ..places import Path
    from .mistakes import Mistakes

Spec = dict[str, Any]

FILTERS = ("document", "short", "flag", "words")
PLAIN = {"symbol": str, "number": int, "decimal": int, "date": date}
WANTED = later(
    {
        "symbol": "{label} 要写成文字",
        "number": "{label} 要写成整数",
        "decimal": "{label} 要写成整数",
        "date": "{label} 要写成日期",
    }
)
LIST = {"each": "", "value": ""}
READING = {"each": "", "fields": dict.fromkeys(("id", "document", "value", "default", "alternatives"), "")}
IN_EVERY_ANSWER: Spec = {"question": "", "clauses": LIST, "missing": LIST, "readings": READING}


def inside(spec: object) -> Spec | None:
    """The fields inside a field; None where it is a single value or a list of them."""
    return spec.get("fields") if isinstance(spec, dict) else None


def is_list(spec: object) -> bool:
    """Whether a field is a list."""
    return isinstance(spec, dict) and "each" in spec


def part(whole: str, key: str) -> str:
    """What a part of a file is called."""
    return say("{whole} 的 {part}", whole=whole, part=key)


class References:
    """Holds a file of the right shape against the relations that there are. `goals`: those that it asks for."""

    def __init__(self, data: Spec, relations: Mapping[str, Relation], mistakes: Mistakes) -> None:
        self.data, self.relations, self.wrong = data, relations, mistakes.add
        self.arguments = [a["name"] for a in data.get("argument", ())]
        self.goals: set[str] = set()

    def question(self) -> None:
        """The whole file."""
        for n, argument in enumerate(self.data.get("argument", ())):
            if "of" in argument:
                self.names(("argument", n, "of"), argument["of"])
            if "into" in argument:
                self.option(("argument", n), argument)
        for key, spec in self.data["answer"].items():
            self.field(("answer", key), f"answer.{key}", spec, None)
        if "why" in self.data:
            self.why(self.data["why"])
        Wording(self.data, self.wrong).question()

    def why(self, why: Spec) -> None:
        """What is proved: its relations, the columns that arguments give, those in which a row could say something else."""
        goal = self.relation(("why", "goal"), part("why", "goal"), why["goal"])
        asked = goal
        if more := why.get("more"):
            if "goal" in more:
                asked = self.relation(("why", "more", "goal"), part("why.more", "goal"), more["goal"])
            self.names(("why", "more", "of"), more["of"])
            if asked:
                self.column(("why", "more", "name"), part("why.more", "name"), more["name"], asked)
        for n, column in enumerate(why.get("on", ())):
            for relation in {goal, asked} - {None}:
                self.on(("why", "on", n), part("why", "on"), column, relation, None)  # type: ignore[arg-type]
        for column, value in why.get("want", {}).items() if asked is not None else ():
            assert asked is not None
            if column not in asked.columns:
                message = say("{label}：没有 {column} 这一列", label=part("why", "want"), column=column)
                self.wrong(("why", "want", column), message, did_you_mean(column, asked.columns))
            elif isinstance(value, str) and value.startswith("="):
                self.column(("why", "want", column), part("why", "want"), value[1:], asked)

    def names(self, path: Path, name: str) -> None:
        relation = self.relation(path, part("argument", "of"), name)
        if relation and relation.types != ("symbol", "symbol"):
            n = len(relation.columns)
            message = say("argument 的 of 要是两列的关系（名称、编号），{name} 有 {n} 列", name=name, n=n)
            if n == 2:
                message = say("argument 的 of：{name} 的两列（名称、编号）都要是文字", name=name)
            self.wrong(path, message, value=True)

    def option(self, path: Path, argument: Spec) -> None:
        """The relation that an option fills: the value last, before it nothing, the option's own name, or a key and its `@`."""
        relation = self.relation((*path, "into"), part("argument", "into"), argument["into"])
        if relation is None:
            return
        *keys, type_ = relation.types or ("",)
        wanted = (0, 1, 2) if "of" in argument else (0, 1)
        unnamed = "of" in argument and not keys and type_ != "symbol"
        if unnamed or len(keys) not in wanted or any(key != "symbol" for key in keys):
            message = say("argument 的 into：{name} 的列要是（取值）或（参数名、取值）", name=relation.name)
            if "of" in argument:
                message = say(
                    "argument 的 into：{name} 的列要是（编号）、（名称、取值）或（名称、@ 后的、取值）", name=relation.name
                )
            self.wrong((*path, "into"), message, value=True)
        if "choices" in argument and type_ != "symbol":
            message = say("argument 的 choices：{name} 的取值是 {type}，不是文字", name=relation.name, type=type_)
            self.wrong((*path, "choices"), message)
        if "least" in argument and type_ not in ("number", "decimal"):
            message = say("argument 的 least：{name} 的取值是 {type}，不是数", name=relation.name, type=type_)
            self.wrong((*path, "least"), message)

    def relation(self, path: Path, label: str, name: str) -> Relation | None:
        if name in self.relations:
            self.goals.add(name)
            return self.relations[name]
        message = say("{label}：没有 {name} 这个关系", label=label, name=name)
        self.wrong(path, message, did_you_mean(name, self.relations), value=True)
        return None

    def field(self, path: Path, label: str, spec: Any, row: Relation | None) -> None:
        if isinstance(spec, str) and row is None:
            hint = say('写作 { argument = "…" }，或写明 one、each、exists 的表')
            message = say("{label}：没有 {column} 这一列，这里不在哪个关系的一行里", label=label, column=spec)
            self.wrong(path, message, hint, value=True)
        elif isinstance(spec, str):
            self.column(path, label, spec, row, filtered=True)
        elif "argument" in spec or "near" in spec:
            kind = "argument" if "argument" in spec else "near"
            self.argument((*path, kind), label, spec[kind])
        else:
            kind = next(k for k in ("one", "each", "exists") if k in spec)
            if relation := self.relation((*path, kind), label, spec[kind]):
                self.joined(path, label, spec, relation, row)

    def argument(self, path: Path, label: str, name: object) -> None:
        if name not in self.arguments:
            message = say("{label}：没有 {name} 这个参数", label=label, name=name)
            self.wrong(path, message, did_you_mean(str(name), self.arguments), value=True)

    def joined(self, path: Path, label: str, spec: Spec, relation: Relation, row: Relation | None) -> None:
        for column, name in spec.get("among", {}).items():
            self.column((*path, "among", column), part(label, "among"), column, relation)
            self.argument((*path, "among", column), part(label, "among"), name)
        for n, column in enumerate(spec.get("on", ())):
            self.on((*path, "on", n), part(label, "on"), column, relation, row)
        for column, value in spec.get("where", {}).items():
            if type_ := self.column((*path, "where", column), part(label, "where"), column, relation):
                where = say("{label} 的 where：{column}", label=label, column=column)
                self.constant((*path, "where", column), where, value, type_)
        for n, column in enumerate(spec.get("order", ())):
            self.column((*path, "order", n), part(label, "order"), column.lstrip("-"), relation)
        if "value" in spec:
            self.column((*path, "value"), label, spec["value"], relation, filtered=True)
        for key, inner in spec.get("fields", {}).items():
            self.field((*path, "fields", key), f"{label}.{key}", inner, relation)

    def on(self, path: Path, label: str, column: str, relation: Relation, row: Relation | None) -> None:
        """A column in which a row agrees with the row around it: at the top, with an argument."""
        type_ = self.column(path, label, column, relation)
        around = row.columns if row else self.arguments
        if type_ and column not in around:
            message = say("{label}：没有 {column} 这一列或参数", label=label, column=column)
            if row:
                message = say("{label}：外面的 {name} 没有 {column} 这一列", label=label, name=row.name, column=column)
            self.wrong(path, message, did_you_mean(column, around), value=True)
        elif type_ and type_ != (row.types[row.columns.index(column)] if row else "symbol"):
            name = part(relation.name, column)
            self.wrong(path, say("{label}：{name} 是 {type}，与外面的类型不同", label=label, name=name, type=type_), value=True)

    def column(self, path: Path, label: str, text: str, relation: Relation | None, *, filtered: bool = False) -> str:
        """The type of a column; nothing where there is something wrong."""
        assert relation is not None
        column, bar, filter_ = text.partition("|") if filtered else (text, "", "")
        if column not in relation.columns:
            message = say("{label}：没有 {column} 这一列", label=label, column=column)
            self.wrong(path, message, did_you_mean(column, relation.columns), value=True)
            return ""
        type_ = relation.types[relation.columns.index(column)]
        if bar and filter_ not in FILTERS:
            message = say("{label}：没有 {filter} 这种写法", label=label, filter=filter_)
            self.wrong(path, message, did_you_mean(filter_, FILTERS), value=True)
        elif bar and type_ != "symbol":
            message = say("{label}：{column} 不是文字，用不到 |{filter}", label=label, column=column, filter=filter_)
            self.wrong(path, message, value=True)
        return type_

    def constant(self, path: Path, label: str, value: object, type_: str) -> None:
        if not isinstance(value, PLAIN[type_]) or isinstance(value, bool) or type(value).__name__ == "datetime":
            self.wrong(path, say(WANTED[type_], label=label), value=True)


class Wording:
    """Holds `clauses`, `compare`, `identify` and `[[text]]` against the fields of the answer."""

    def __init__(self, data: Spec, wrong: Any) -> None:
        self.data, self.wrong = data, wrong
        self.answer: Spec = data["answer"]

    def question(self) -> None:
        """All four."""
        for rows, column in self.data.get("clauses", {}).items():
            self.clauses(rows, column)
        for n, dotted in enumerate(self.data.get("compare", {}).get("fields", ())):
            self.compared(("compare", "fields", n), dotted)
        for dotted, names in self.data.get("identify", {}).items():
            self.identified(dotted, names)
        self.line(("compare", "line"), part("compare", "line"), self.data.get("compare", {}).get("line", ""), self.answer)
        for n, block in enumerate(self.data.get("text", ())):
            self.block(("text", n), block)

    def clauses(self, rows: str, column: str) -> None:
        fields = self.rows(("clauses", rows), "clauses", rows, self.answer, value=False)
        if fields is None:
            return
        if column not in fields:
            self.unknown(("clauses", rows), f"clauses.{rows}", column, fields)
        if "document" not in {*fields, *self.answer}:
            message = say("clauses.{rows}：answer 或 answer.{rows} 里要有 document 这个字段", rows=rows)
            self.wrong(("clauses", rows), message, say("条款是哪个文件的，看 document"))

    def rows(self, path: Path, label: str, name: str, fields: Spec, *, value: bool = True) -> Spec | None:
        """The fields of the rows of a field that must be a list of rows."""
        if name not in fields:
            self.unknown(path, label, name, [f for f in fields if f not in IN_EVERY_ANSWER] or fields, value=value)
            return None
        found = inside(fields[name]) if is_list(fields[name]) else None
        if found is None:
            message = say("{label}：{name} 不是一行一行的", label=label, name=name)
            self.wrong(path, message, say("要是有 each 和 fields 的字段"), value=value)
        return found

    def unknown(self, path: Path, label: str, name: str, known: Collection[str], *, value: bool = True) -> None:
        message = say("{label}：没有 {name} 这个字段", label=label, name=name)
        self.wrong(path, message, did_you_mean(name, known), value=value)

    def compared(self, path: Path, dotted: str) -> None:
        fields: Spec | None = self.answer
        for key in dotted.split("."):
            if fields is None or key not in fields:
                hint = did_you_mean(key, fields or ())
                message = say("{label}：没有 {name} 这个字段", label=part("compare", "fields"), name=dotted)
                self.wrong(path, message, hint, value=True)
                return
            fields = inside(fields[key])

    def identified(self, dotted: str, names: list[str]) -> None:
        """The rows of a list, which may stand in rows itself, and the fields that say which is which."""
        fields: Spec | None = self.answer
        for key in dotted.split("."):
            if fields is not None:
                fields = self.rows(("identify", dotted), "identify", key, fields, value=False)
        for n, name in enumerate(names if fields is not None else ()):
            if fields is not None and (name not in fields or inside(fields[name]) or is_list(fields[name])):
                single = [field for field, spec in fields.items() if isinstance(spec, str)]
                self.unknown(("identify", dotted, n), f"identify.{dotted}", name, single)

    def block(self, path: Path, block: Spec) -> None:
        key = "table" if "table" in block else "each"
        fields: Spec | None = {**IN_EVERY_ANSWER, **self.answer}
        if key in block:
            fields = self.rows((*path, key), part("text", key), block[key], fields or {})
        if fields is None:
            return
        for n, (_, spec) in enumerate(block.get("columns", ())):
            self.line((*path, "columns", n, 1), part("text", "columns"), spec, fields)
        for n, spec in enumerate(block.get("lines", ())):
            self.line((*path, "lines", n), part("text", "lines"), spec, fields)

    def line(self, path: Path, label: str, spec: Any, fields: Spec) -> None:
        if isinstance(spec, dict):
            if (inner := self.rows((*path, "each"), label, spec["each"], fields)) is not None:
                self.line((*path, "line"), label, spec["line"], inner)
            return
        for found in PLACE.finditer(spec):
            sign, dotted, _ = parsed(found[1])
            for each in dotted:
                self.place(path, label, found[0], each, fields, shown=sign not in ("?", "!"))
        if set(PLACE.sub("", spec)) & set("{}"):
            message = say("{label}：花括号没有成对，或里面是空的", label=label)
            self.wrong(path, message, say("写作 {字段}"), value=True)

    def place(self, path: Path, label: str, text: str, dotted: str, fields: Spec, *, shown: bool) -> None:
        """A path in a line; with `shown` it must lead to what can be shown: a value or a list of values."""
        around: Spec | None = fields
        spec: object = ""
        for key in dotted.split("."):
            if around is None or key not in around:
                hint = did_you_mean(key, [f for f in around or () if f not in IN_EVERY_ANSWER])
                self.wrong(path, say("{label}：没有 {{{name}}} 这个字段", label=label, name=dotted), hint, within=text)
                return
            spec = around[key]
            around = None if is_list(spec) else inside(spec)
        if shown and (within := inside(spec)):
            hint = say("如 {{{name}}}", name=f"{dotted}.{next(iter(within))}")
            if is_list(spec):
                hint = say('写作 { each = "…", line = "…", join = "…" }')
            self.wrong(path, say("{label}：{{{name}}} 里还有字段", label=label, name=dotted), hint, within=text)
