"""Tables as views of a DuckDB connection, one for each relation, after a look at every value."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
from sqlglot import exp

from ..cases.names import Names
from ..cases.writable import YES_NO, columns_of_case
from ..errors import TableError, did_you_mean, raise_all
from ..language import listed, say
from ..sql.expressions import missing
from ..sql.trees import both, call, cast, column, identifier, limited, named, no, select, text, whole
from .bindings import SERVERS
from .columns import WANTED, Refused, read, same
from .copying import from_csv, from_server

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

    from ..cases.names import Known
    from ..datalog.checked import Relation
    from ..engines.duckdb.database import DuckDB
    from ..sql.trees import Value
    from .bindings import Binding
    from .columns import Read

CITY, MOST_KNOWN = "city", 1000


class Loader:
    """Makes a view for each relation.

    `frames`: what is bound to a frame, by relation; `yes_no`: the columns of each relation that say whether; `folder`: for
    Parquet files of what DuckDB does not read as it is.
    """

    def __init__(
        self, database: DuckDB, frames: Mapping[str, Any], yes_no: Mapping[str, Collection[str]], folder: Path
    ) -> None:
        self.database, self.frames, self.yes_no, self.folder = database, frames, yes_no, folder
        self._attached: dict[str, str] = {}
        self._copies: dict[tuple[str, str, str], exp.Expr] = {}

    def load(self, binding: Binding, relation: Relation) -> Table | None:
        """The table; None where there is none: a database that nobody has mapped need not hold all.

        Raises `TableError` with all that is wrong.
        """
        try:
            source = self.source(binding)
            types = self.database.types(select([exp.Star()], [(source, None)]))
            table = Table(self.database, binding, relation, source, types, self.yes_no.get(relation.name, ()))
            raise_all(table.errors())
        except duckdb.CatalogException:
            if binding.database and not binding.text:
                return None
            raise binding.error(say("没有 {source} 这张表", source=binding.source), "", "source") from None
        except duckdb.Error as problem:
            raise binding.error(say("读不了：{problem}", problem=_first_line(problem)), "", "source") from None
        self.database.view(relation.name, table.query())
        return table

    def source(self, binding: Binding) -> exp.Expr:
        """Where the rows are, as DuckDB reads it."""
        if binding.relation in self.frames:
            return exp.Table(this=identifier(frame_name(binding.relation)))
        if binding.database.startswith(SERVERS):
            return self.copied(binding, from_server)
        if binding.database:
            return exp.Table(this=identifier(binding.source), catalog=identifier(self.attached(binding)), db=identifier("main"))
        path = Path(binding.source)
        if not path.is_file():
            beside = [p.name for p in path.parent.iterdir()] if path.parent.is_dir() else []
            raise binding.error(say("没有 {path} 这个文件", path=path), did_you_mean(path.name, beside), "source")
        if path.suffix.lower() == ".csv":
            return self.copied(binding, from_csv)
        if path.suffix.lower() != ".parquet":
            raise binding.error(say("不是 .parquet 或 .csv 文件：{path}", path=path), "", "source")
        if set("*?[") & set(str(path)):
            raise binding.error(
                say("{path} 的名称里有 * ? [ 之一，DuckDB 会当作通配符", path=path), say("换一个名称"), "source"
            )
        return exp.Table(this=call("read_parquet", text(str(path))))

    def copied(self, binding: Binding, copy: Callable[[DuckDB, Binding, Path], None]) -> exp.Expr:
        """A copy, for all relations that come from the same rows."""
        key = binding.database, binding.source, binding.encoding
        if key not in self._copies:
            path = self.folder / f"{len(self._copies)}.parquet"
            copy(self.database, binding, path)
            self._copies[key] = exp.Table(this=call("read_parquet", text(str(path))))
        return self._copies[key].copy()

    def attached(self, binding: Binding) -> str:
        if binding.database not in self._attached:
            if not Path(binding.database).is_file():
                raise binding.error(say("没有 {path} 这个文件", path=binding.database))
            try:
                self._attached[binding.database] = self.database.attach(binding.database, f"facts{len(self._attached)}")
            except duckdb.Error as problem:
                message = say("打不开 {path}：{problem}", path=binding.database, problem=_first_line(problem))
                raise binding.error(message) from None
        return self._attached[binding.database]


def yes_or_no(known: Known) -> dict[str, list[str]]:
    """The columns in which a case says yes or no, by relation."""
    columns = columns_of_case(Names(known, ""), known)
    return {relation: [c for c, may in found.items() if may is YES_NO] for relation, found in columns.items()}


def frame_name(relation: str) -> str:
    """What the frame of a relation is called in a database."""
    return f"{relation}$frame"


class Table:
    """A table that a relation is bound to.

    `types`: of its columns, as the database names them; `yes_no`: the columns of the relation that say whether.
    """

    def __init__(
        self,
        database: DuckDB,
        binding: Binding,
        relation: Relation,
        source: exp.Expr,
        types: Mapping[str, str],
        yes_no: Collection[str],
    ) -> None:
        self.database, self.binding, self.relation, self.source, self.types = database, binding, relation, source, types
        self.yes_no = yes_no
        self.columns = {name: binding.columns.get(name, name) for name in relation.columns}
        self.reads: dict[str, Read] = {}

    def errors(self) -> Iterator[TableError]:
        """All that is wrong: the columns, and, when these are right, the first value of each that is not."""
        wrong = [*self.unknown_columns(), *self.refused()]
        yield from wrong
        if not wrong:
            wrong = list(self.bad_values())
            yield from wrong
        if not wrong and self.relation.name == CITY and (nothing := self.empty()):
            yield nothing

    def unknown_columns(self) -> Iterator[TableError]:
        binding, relation = self.binding, self.relation
        for key in ("columns", "prefix"):
            for name in getattr(binding, key):
                if name not in relation.columns:
                    hint = did_you_mean(name, relation.columns) or say("有：{names}", names=listed(relation.columns))
                    yield binding.error(
                        say("{relation} 没有“{name}”这一列", relation=relation.name, name=name), hint, key, name
                    )
        for name, found in self.columns.items():
            if found not in self.types:
                keys = ("columns", name) if name in binding.columns else ("source",)
                yield binding.error(
                    say("{source} 缺少列“{name}”", source=binding.source, name=found), self.meant(found, name), *keys
                )
        for name in binding.where:
            if name not in self.types:
                yield binding.error(
                    say("{source} 缺少列“{name}”", source=binding.source, name=name), self.meant(name), "where", name
                )

    def meant(self, name: str, relation: str = "") -> str:
        there = did_you_mean(name, self.types) or say("有：{names}", names=listed(self.types))
        return say("{there}；在映射文件里写 columns = {{ {name} = … }}", there=there, name=relation) if relation else there

    def refused(self) -> Iterator[TableError]:
        for (name, found), wanted in zip(self.columns.items(), self.relation.types, strict=True):
            if found in self.types:
                try:
                    self.reads[name] = read(found, self.types[found], wanted, name in self.yes_no)
                except Refused as problem:
                    message = say(
                        "列“{name}”是 {type}，要{wanted}", name=found, type=self.types[found], wanted=say(WANTED[wanted])
                    )
                    yield self.binding.error(message, problem.hint, "source")

    # -- values --------------------------------------------------------------------------------------------------------------

    def bad_values(self) -> Iterator[TableError]:
        checks = self.checks()
        if not checks:
            return
        counts = [exp.Filter(this=exp.Count(this=exp.Star()), expression=exp.Where(this=wrong)) for _, wrong, _ in checks]
        found = self.database.select(select(counts, [(self.source.copy(), None)], self.wanted()))[0]
        for (name, wrong, message), count in zip(checks, found, strict=True):
            if count:
                yield self.bad_value(name, wrong, message, count)

    def checks(self) -> list[tuple[str, Value, str]]:
        """For each column that may have a wrong value: when it is, and what is wrong with it."""
        checks = []
        nullable = () if self.binding.skip_nulls else self.with_nulls()
        for (name, there), wanted in zip(self.columns.items(), self.relation.types, strict=True):
            if there in nullable:
                checks.append((there, missing(column(there)), say("没有值")))
            if (wrong := self.reads[name].wrong) is not None:
                known = no(missing(column(there)))
                checks.append((there, both([known, wrong.copy()]), say("不是{wanted}", wanted=say(WANTED[wanted]))))
        return checks

    def with_nulls(self) -> set[str]:
        """The columns that may have rows without a value: those of a Parquet file say so themselves."""
        if not self.binding.source.endswith(".parquet") or self.binding.database:
            return set(self.columns.values())
        return self.database.parquet_nulls(self.binding.source) & set(self.columns.values())

    def bad_value(self, name: str, wrong: Value, message: str, count: int) -> TableError:
        """The first row with the value."""
        numbered = select([exp.Star(), named(exp.Window(this=call("row_number")), "$row")], [(self.source.copy(), None)])
        rows = exp.Subquery(this=numbered)
        first = select([column("$row"), column(name)], [(rows, None)], [*self.wanted(), wrong.copy()])
        first.set("order", exp.Order(expressions=[column("$row")]))
        first.set("limit", exp.Limit(expression=whole(1)))
        ((row, value),) = self.database.select(first)
        shown = say("“{value}”", value=value) if value is not None else ""
        also = say("，共 {n} 行", n=count) if count > 1 else ""
        text = say(
            "{source} 第 {row} 行的“{name}”{shown}{message}{also}",
            source=self.binding.source,
            row=row,
            name=name,
            shown=shown,
            message=message,
            also=also,
        )
        hint = say("补上，或在映射文件里写 skip_nulls = true") if value is None else ""
        return self.binding.error(text, hint, "source")

    def wanted(self) -> list[Value]:
        """The rows that are meant."""
        return [same(name, self.types[name], value) for name, value in self.binding.where.items()]

    def query(self, once: bool = True) -> exp.Select:
        """The rows of the relation; without `once`, as often as they stand in the table."""
        values = [named(self.value(name), name) for name in self.relation.columns] or [named(whole(1), "_")]
        return select(values, [(self.source.copy(), None)], self.kept(), distinct=once and not self.binding.distinct)

    def kept(self) -> list[Value]:
        """The rows that are meant, without those that are passed over."""
        known = [no(missing(column(there))) for there in self.columns.values()] if self.binding.skip_nulls else []
        return [*self.wanted(), *known]

    def value(self, name: str) -> Value:
        value, before = self.reads[name].value, self.binding.prefix.get(name)
        return value if before is None else call("CONCAT", text(before), value)

    # -- no rows -------------------------------------------------------------------------------------------------------------

    def note(self) -> str:
        """What is to be told of a table that `where` leaves without rows: it may be so, or the value misspelt."""
        if not self.binding.where or not (found := self.empty()):
            return ""
        place = f"{found.span}: " if found.span else ""
        return f"{place}{found.message}{say('（{rest}）', rest=found.hint) if found.hint else ''}"

    def empty(self) -> TableError | None:
        """Why no row is meant; None where there is one, or no row in the whole table of another relation than `city`."""
        if self.any(self.kept()):
            return None
        for name, value in self.binding.where.items():
            if not self.any([same(name, self.types[name], value)]) and (known := self.known(name)):
                message = say(
                    "{source} 里没有一行的“{name}”是“{value}”，{relation} 因此是空的",
                    source=self.binding.source, name=name, value=_written(value), relation=self.relation.name,
                )  # fmt: skip
                return self.binding.error(message, did_you_mean(_written(value), known), "where", name)
        if len(self.binding.where) > 1 and self.any([]):
            shown = listed(f"{name} = {_written(value)}" for name, value in self.binding.where.items())
            message = say(
                "{source} 里没有一行同时是 {shown}，{relation} 因此是空的",
                source=self.binding.source,
                shown=shown,
                relation=self.relation.name,
            )
            return self.binding.error(message, "", "where")
        if self.relation.name == CITY:
            hint = say("一行写一个城市和它依据的文件")
            return self.binding.error(say("{source} 里一个城市也没有", source=self.binding.source), hint, "source")
        return None

    def any(self, conditions: Sequence[Value]) -> bool:
        """Whether there is such a row."""
        query = select([named(whole(1), "_")], [(self.source.copy(), None)], list(conditions))
        return bool(self.database.select(limited(query, 1)))

    def known(self, name: str) -> list[str]:
        """What stands in a column, as far as it helps."""
        query = select([cast(column(name), "TEXT")], [(self.source.copy(), None)], [no(missing(column(name)))], distinct=True)
        return sorted(value for (value,) in self.database.select(limited(query, MOST_KNOWN)))


def _written(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _first_line(problem: Exception) -> str:
    return str(problem).splitlines()[0]
