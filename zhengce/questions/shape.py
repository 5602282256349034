"""The shape of a file of `queries/`: which keys there are, and what may stand under each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from ..errors import did_you_mean
from ..language import later, listed, say
from .references import part

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from ..places import Path
    from .mistakes import Mistakes

Table = dict[str, Any]


class Kind(NamedTuple):
    """What a value must be: the test, and the message about one that is not. `{where}` is the place, `{key}` the key."""

    fits: Callable[[Any], bool]
    message: str
    hint: str


def _texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) and item.strip() for item in value)


def _pairs(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(i, list) and len(i) == 2 and isinstance(i[0], str) for i in value)


def _choices(value: object) -> bool:
    return _pairs(value) and isinstance(value, list) and all(_texts(pair) for pair in value) and bool(value)


def _tables(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(item, dict) for item in value)


def _text(value: object) -> bool:
    return isinstance(value, str)


def _table(value: object) -> bool:
    return isinstance(value, dict)


def _list(value: object) -> bool:
    return isinstance(value, list)


def _whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


TEXT = Kind(_text, later("{where} 要写成文字"), later('写作 {key} = "…"'))
COLUMNS = Kind(_texts, later("{where} 要写成列名的列表"), later('写作 {key} = ["…"]'))
FIELDS = Kind(_texts, later("{where} 要写成字段的列表"), later('写作 {key} = ["…"]'))
SECTION = Kind(_table, later("{where} 要写成表"), later("写作 [{key}]，下面一行一个字段"))
INLINE = Kind(_table, later("{where} 要写成表"), later('写作 {key} = {{ … = "…" }}'))
SECTIONS = Kind(_tables, later("{where} 要写成 [[{key}]]，两层方括号"), "")
LINES = Kind(_list, later("{where} 要写成列表"), later('写作 {key} = ["…"]'))
TITLED = Kind(_pairs, later("{where} 要写成[标题, 内容] 的列表"), later('写作 {key} = [["标题", "{{字段}}"]]'))
CHOICES = Kind(_choices, later("{where} 要写成[取值, 说法] 的列表"), later('写作 {key} = [["yes", "是"], ["no", "否"]]'))
COUNT = Kind(_whole, later("{where} 要写成整数"), later("写作 {key} = 1"))
YES_NO = Kind(lambda value: isinstance(value, bool), later("{where} 要写成 true 或 false"), later("写作 {key} = true"))
LINE = Kind(lambda value: isinstance(value, str | dict), later("{where} 要写成文字"), later('写作 {key} = "…"'))

TOP = {
    "title": TEXT, "help": TEXT, "argument": SECTIONS, "answer": SECTION, "clauses": SECTION,
    "compare": SECTION, "identify": SECTION, "text": SECTIONS, "why": SECTION, "batch": SECTION,
}  # fmt: skip
NAMED = {"name": TEXT, "kind": TEXT, "help": TEXT}
ARGUMENT = {
    "name": {**NAMED, "of": TEXT},
    "text": {**NAMED, "of": TEXT},
    "case": NAMED,
    "option": {**NAMED, "into": TEXT, "of": TEXT, "choices": CHOICES, "least": COUNT, "required": YES_NO},
}
REQUIRED = {"name": ("name", "kind", "of"), "text": ("name", "kind", "of"), "option": ("name", "kind", "into", "help")}
ANY_ARGUMENT = {key: kind for keys in ARGUMENT.values() for key, kind in keys.items()}
JOINED = {"on": COLUMNS, "where": INLINE}
VALUED = {**JOINED, "value": TEXT, "fields": INLINE}
FIELD = {
    "one": {"one": TEXT, **VALUED},
    "each": {"each": TEXT, **VALUED, "among": INLINE, "order": COLUMNS},
    "exists": {"exists": TEXT, **JOINED},
    "argument": {"argument": TEXT},
    "near": {"near": TEXT},
}
BLOCK = {
    "lines": {"each": TEXT, "lines": LINES},
    "table": {"table": TEXT, "columns": TITLED, "heading": TEXT},
}
WHY = {"goal": TEXT, "on": COLUMNS, "more": INLINE, "want": INLINE}
MORE = {"name": TEXT, "of": TEXT, "goal": TEXT, "help": TEXT}
WANTED = Kind(lambda value: _text(value) or _texts(value), later("{where} 要写成文字，或文字的列表"), later('写作 {key} = "…"'))
PART = {"each": TEXT, "line": LINE, "join": TEXT}
ANY_FIELD = {key: kind for keys in FIELD.values() for key, kind in keys.items()}
ANY_BLOCK = BLOCK["lines"] | BLOCK["table"]

BLANK = frozenset(("help", "join"))
OPTIONS = frozenset("json as_json engine reading readings alternatives assume question help lang workspace output open".split())
IN_EVERY_ANSWER = frozenset("question clauses readings candidates assumed differences changes".split())
DEEPEST = 20


class Shape:
    """Holds a file against the keys that there are; the rest of reading it may rely on what passed."""

    def __init__(self, mistakes: Mistakes) -> None:
        self.wrong = mistakes.add

    def question(self, data: Table) -> None:
        """The whole file."""
        self.table((), "", data, TOP, ("title", "help", "answer"))
        if SECTIONS.fits(arguments := data.get("argument", [])):
            self.arguments(arguments)
        if SECTION.fits(answer := data.get("answer", {})):
            for name in IN_EVERY_ANSWER & answer.keys():
                self.wrong(("answer", name), say("answer：{name} 是每个回答都有的键", name=name), say("换个名称"))
            self.fields(("answer",), "answer", answer)
        if SECTION.fits(clauses := data.get("clauses", {})):
            self.table(("clauses",), "clauses", clauses, dict.fromkeys(clauses, TEXT))
        if SECTION.fits(compare := data.get("compare", {})):
            self.table(("compare",), "compare", compare, {"fields": FIELDS, "line": LINE})
            if "line" in compare:
                self.line(("compare", "line"), part("compare", "line"), compare["line"])
        if "why" in data and SECTION.fits(data["why"]):
            self.why(data["why"])
        if SECTION.fits(identify := data.get("identify", {})):
            self.table(("identify",), "identify", identify, dict.fromkeys(identify, FIELDS))
        if SECTIONS.fits(blocks := data.get("text", [])):
            for n, block in enumerate(blocks):
                self.block(("text", n), block)

    def why(self, why: Table) -> None:
        """What is proved."""
        self.table(("why",), "why", why, WHY, ("goal",))
        more, want = why.get("more", {}), why.get("want", {})
        if "more" in why and INLINE.fits(more):
            self.table(("why", "more"), part("why", "more"), more, MORE, ("name", "of"))
        if INLINE.fits(want):
            self.table(("why", "want"), part("why", "want"), want, dict.fromkeys(want, WANTED))

    def table(self, path: Path, label: str, data: Table, keys: Mapping[str, Kind], required: Collection[str] = ()) -> None:
        """One table: unknown keys, missing keys, values of the wrong kind."""
        for key, value in data.items():
            if kind := keys.get(key):
                self.value((*path, key), label, value, kind)
            else:
                message = (
                    say("{label} 里没有 {key} 这个键", label=label, key=key) if label else say("没有 {key} 这个键", key=key)
                )
                self.wrong((*path, key), message, did_you_mean(key, keys))
        for key in required:
            if key not in data:
                message = say("{label} 缺少 {key}", label=label, key=key) if label else say("缺少 {key}", key=key)
                self.wrong(path, message, say(keys[key].hint, key=key))

    def value(self, path: Path, label: str, value: object, kind: Kind) -> None:
        key = str(path[-1])
        where = part(label, key) if label else key
        if not kind.fits(value):
            self.wrong(path, say(kind.message, where=where, key=key), say(kind.hint, key=key))
        elif isinstance(value, str) and not value.strip() and key not in BLANK:
            self.wrong(path, say("{where} 是空的", where=where), say(kind.hint, key=key))

    def arguments(self, tables: list[Table]) -> None:
        names = [table.get("name") for table in tables]
        for n, table in enumerate(tables):
            path, label = ("argument", n), "argument"
            name, kind = table.get("name"), table.get("kind")
            self.one_argument(path, label, table)
            if isinstance(name, str) and name in OPTIONS:
                self.named(path, say("argument 的 name：{name} 是选项的名称", name=name))
            elif isinstance(name, str) and name and not (name.isidentifier() and name == name.lower()):
                hint = say("用小写字母和下划线")
                self.named(path, say("argument 的 name：“{name}”不能作名称", name=name), hint)
            elif name is not None and name in names[:n]:
                self.named(path, say("argument 的 name：{name} 写了两次", name=name))
            if kind == "case" and any(before.get("kind") == "case" for before in tables[:n]):
                self.wrong((*path, "kind"), say("argument：只能有一个 case"), value=True)

    def named(self, path: Path, message: str, hint: str = "") -> None:
        """An argument that cannot have this name."""
        self.wrong((*path, "name"), message, hint or say("换个名称"), value=True)

    def one_argument(self, path: Path, label: str, table: Table) -> None:
        kind = table.get("kind")
        if kind in ARGUMENT:
            for key in table:
                if key in ANY_ARGUMENT and key not in ARGUMENT[kind]:
                    message = say("argument 的 kind 是 {kind}，用不到 {key}", kind=kind, key=key)
                    self.wrong((*path, key), message, say("删去 {key}", key=key))
            known = {k: v for k, v in table.items() if k in ARGUMENT[kind] or k not in ANY_ARGUMENT}
            self.table(path, label, known, ARGUMENT[kind], REQUIRED.get(kind, ("name", "kind")))
        else:
            self.table(path, label, table, ANY_ARGUMENT, ("name", "kind"))
            if isinstance(kind, str):
                message = say("argument 的 kind：没有 {kind} 这一种", kind=kind)
                self.wrong((*path, "kind"), message, did_you_mean(kind, ARGUMENT), value=True)

    def fields(self, path: Path, label: str, specs: Table, depth: int = 1) -> None:
        if depth > DEEPEST:
            self.wrong(path, say("{label} 嵌套超过 {most} 层", label=label, most=DEEPEST))
            return
        for key, spec in specs.items():
            self.field((*path, key), f"{label}.{key}", spec, depth)

    def field(self, path: Path, label: str, spec: object, depth: int) -> None:
        if isinstance(spec, str) and spec.strip():
            return
        if not isinstance(spec, dict):
            self.wrong(path, say("{label} 要是列名，或写明 one、each、exists、argument、near 之一的表", label=label))
            return
        kinds = [kind for kind in FIELD if kind in spec]
        if len(kinds) > 1:
            self.wrong(path, say("{label} 只能写 {kinds} 中的一个", label=label, kinds=listed(kinds)))
        elif kinds:
            self.joined(path, label, spec, kinds[0], depth)
        elif spec.keys() <= ANY_FIELD.keys():
            self.wrong(path, say("{label} 没有写 one、each、exists、argument 或 near", label=label))
        else:
            self.table(path, label, spec, ANY_FIELD)

    def joined(self, path: Path, label: str, spec: Table, kind: str, depth: int) -> None:
        self.only(path, label, spec, FIELD[kind], ANY_FIELD, kind)
        if kind in ("one", "each") and ("value" in spec) == ("fields" in spec):
            message = say("{label} 要有 value 或 fields", label=label)
            if "value" in spec:
                message = say("{label} 的 value 和 fields 只能写一个", label=label)
            self.wrong(path, message)
        if kind in ("one", "each") and isinstance(spec.get("fields"), dict):
            self.fields((*path, "fields"), label, spec["fields"], depth + 1)

    def only(
        self, path: Path, label: str, spec: Table, keys: Mapping[str, Kind], others: Mapping[str, Kind], kind: str
    ) -> None:
        """A table of one kind, in which a key of another kind is told from one that there is not at all."""
        for key in spec:
            if key in others and key not in keys:
                message = say("{label} 写了 {kind}，用不到 {key}", label=label, kind=kind, key=key)
                self.wrong((*path, key), message, say("删去 {key}", key=key))
        self.table(path, label, {k: v for k, v in spec.items() if k in keys or k not in others}, keys)

    def block(self, path: Path, block: Table) -> None:
        kind = next((kind for kind in BLOCK if kind in block), "")
        if not kind:
            self.table(path, "text", block, ANY_BLOCK)
            self.wrong(path, say("text 要有 lines 或 table"))
            return
        self.only(path, "text", block, BLOCK[kind], ANY_BLOCK, kind)
        if kind == "table" and not block.get("columns", ()):
            self.wrong(path, say("text 有 table 就要有 columns"), say(TITLED.hint, key="columns"))
        elif kind == "table" and TITLED.fits(block["columns"]):
            for n, (_, spec) in enumerate(block["columns"]):
                self.line((*path, "columns", n, 1), part("text", "columns"), spec)
        elif kind == "lines" and LINES.fits(block["lines"]):
            for n, spec in enumerate(block["lines"]):
                self.line((*path, "lines", n), part("text", "lines"), spec)

    def line(self, path: Path, label: str, spec: object, depth: int = 1) -> None:
        """A line: text with places, or a part that is repeated."""
        if isinstance(spec, dict):
            self.table(path, label, spec, PART, PART)
            if depth > DEEPEST:
                self.wrong(path, say("{label} 嵌套超过 {most} 层", label=label, most=DEEPEST))
            elif isinstance(spec.get("line"), dict):
                self.line((*path, "line"), label, spec["line"], depth + 1)
        elif not isinstance(spec, str):
            self.wrong(path, say("{label}：每一行要写成文字", label=label), value=True)
