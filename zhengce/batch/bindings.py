"""Which table holds the rows of which relation: a mapping file, or files and tables that are named like relations."""

from __future__ import annotations

import math
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from ..errors import TableError, did_you_mean, raise_all
from ..language import later, listed, say
from ..places import Places
from ..texts import read_text, read_toml

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from ..datalog.checked import Relation

FILES = (".parquet", ".csv")
DATABASES = (".duckdb", ".db")
SERVERS = ("postgresql://", "postgres://")
DATABASE = "database"
KEYS: dict[str, type] = {
    "source": str, "columns": dict, "where": dict, "prefix": dict, "encoding": str, "skip_nulls": bool, "distinct": bool
}  # fmt: skip
NAMES: dict[type, str] = later({str: "文字", dict: "表", bool: "true 或 false"})


class Binding(NamedTuple):
    """A relation's rows in a table.

    `source`: a file, a table of `database`, or the relation's name for a frame; `columns`: the table's column for each of the
    relation's that is called otherwise; `where`: the rows with these values alone; `prefix`: what stands before the values of a
    column of the relation; `skip_nulls`: rows without a value are passed over, otherwise they are an error; `distinct`: no row
    comes twice. `file`, `text`: the mapping file.
    """

    relation: str
    source: str
    database: str = ""
    columns: Mapping[str, str] = {}
    where: Mapping[str, Any] = {}
    prefix: Mapping[str, str] = {}
    encoding: str = ""
    skip_nulls: bool = False
    distinct: bool = False
    file: str = ""
    text: str = ""

    def error(self, message: str, hint: str = "", *keys: str) -> TableError:
        """What is wrong with the table, at the place in the mapping file where there is one."""
        span = _places(self.text, self.file).span((self.relation, *keys)) if self.text else None
        where = (
            message
            if span
            else say("{relation}（{source}）：{message}", relation=self.relation, source=self.source, message=message)
        )
        return TableError(where, span=span, hint=hint, source=self.text if span else "")


@lru_cache(maxsize=8)
def _places(text: str, file: str) -> Places:
    return Places(text, file)


def bindings(given: Sequence[str | Path], relations: Mapping[str, Relation], frames: Collection[str] = ()) -> list[Binding]:
    """What the arguments bind to `relations`: mapping files (.toml), folders, data files, DuckDB files, PostgreSQL addresses.

    `frames`: the relations that have a frame.

    Raises `TableError` with all that is wrong.
    """
    found = [Binding(name, name) for name in frames]
    found += [binding for one in given for binding in _of_argument(str(one), relations)]
    errors = [_unknown(b, relations) for b in found if b.relation not in relations]
    for number, binding in enumerate(found):
        if any(other.relation == binding.relation for other in found[:number]):
            errors.append(binding.error(say("{relation} 已经有一张表了", relation=binding.relation), say("只留一张")))
    raise_all(errors)
    if not found:
        hint = say(
            "写映射文件（.toml）、放表的文件夹、数据文件（{files}）、DuckDB 文件或 PostgreSQL 的地址", files=listed(FILES)
        )
        raise TableError(say("没有一张表：{given}", given=listed(given)), hint=hint)
    return found


def _of_argument(given: str, relations: Mapping[str, Relation]) -> Iterator[Binding]:
    path = Path(given)
    if given.startswith(SERVERS) or path.suffix.lower() in DATABASES:
        yield from (Binding(name, name, given) for name in relations)
    elif path.is_dir():
        yield from (Binding(file.stem, str(file)) for file in sorted(path.iterdir()) if file.suffix.lower() in FILES)
    elif path.suffix.lower() in FILES:
        yield Binding(path.stem, given)
    elif path.suffix.lower() == ".toml":
        yield from mapping(path)
    else:
        hint = say("可以是 .toml、.parquet、.csv、.duckdb、文件夹，或 postgresql:// 开头的地址")
        raise TableError(say("不知道怎样读“{given}”", given=given), hint=hint)


def mapping(path: Path) -> list[Binding]:
    """The bindings of a mapping file; files are looked for beside it."""
    data, text = read_toml(path, TableError, named_keys=True), read_text(path, TableError)
    database = data.pop(DATABASE, "")
    if database and not database.startswith(SERVERS):
        database = str(path.parent / database)
    places = _places(text, str(path))
    errors: list[TableError] = []
    found = []
    for relation, table in data.items():
        wrong = list(_mistakes(relation, table))
        for keys, message, hint in wrong:
            errors.append(TableError(message, span=places.span((relation, *keys)), hint=hint, source=text))
        if not wrong:
            source = table["source"] if database else str(path.parent / table["source"])
            found.append(
                Binding(**{**table, "relation": relation, "source": source, "database": database}, file=str(path), text=text)
            )
    raise_all(errors)
    return found


def _mistakes(relation: str, table: object) -> Iterator[tuple[tuple[str, ...], str, str]]:
    """Each with its keys, what is wrong, and a hint."""
    if not isinstance(table, dict):
        yield (), say("“{name}”要是一张表", name=relation), say("写作 [{name}]，下面写 source = …", name=relation)
        return
    for key, value in table.items():
        if key not in KEYS:
            yield (key,), say("没有“{name}”这个键", name=key), did_you_mean(key, KEYS) or say("有：{names}", names=listed(KEYS))
        elif not isinstance(value, KEYS[key]):
            yield (key,), say("{key} 要写{kind}", key=key, kind=say(NAMES[KEYS[key]])), ""
        elif key == "where" and isinstance(value, dict):
            yield from _unlike(value)
        elif isinstance(value, dict) and not all(isinstance(v, str) for v in value.values()):
            yield (key,), say("{key} 里要写文字", key=key), ""
    if "source" not in table:
        yield (), say("缺少 source：行在哪个文件或哪张表里"), ""


def _unlike(where: Mapping[str, object]) -> Iterator[tuple[tuple[str, ...], str, str]]:
    """Values that no column can be held against."""
    for name, value in where.items():
        plain = isinstance(value, str | int | float | date) and not isinstance(value, datetime)
        if not plain or (isinstance(value, float) and not math.isfinite(value)):
            hint = say('一列一个值：{name} = "…"；要几个值的，先在数据库里做成视图', name=name)
            yield ("where", name), say("where 里要写文字、数、日期或 true、false，一列一个"), hint


def _unknown(binding: Binding, relations: Mapping[str, Relation]) -> TableError:
    hint = did_you_mean(binding.relation, relations) or say("有：{names}", names=listed(relations))
    return binding.error(say("案例里没有“{name}”这个关系", name=binding.relation), hint)
