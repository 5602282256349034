"""The columns of a table as values of the rules: exact, and never null. What cannot be that is refused."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from sqlglot import exp

from ..cases.shape import NO, YES
from ..language import later, say
from ..sql.expressions import TYPES, missing
from ..sql.trees import both, call, case, cast, column, no, text, try_cast, whole
from ..texts.signs import WIDE_SPACES

if TYPE_CHECKING:
    from collections.abc import Collection

    from ..datalog.syntax import Type
    from ..sql.trees import Value

WHOLE = {"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "UHUGEINT"}
DECIMAL = re.compile(r"DECIMAL\((\d+),\s*(\d+)\)")
MOMENTS = {"TIMESTAMP", "TIMESTAMP_NS", "TIMESTAMP_MS", "TIMESTAMP_S"}  # a day is one at midnight
NOTHING = '"NULL"'  # of a column without a value in it
FLOATING = {"FLOAT", "DOUBLE"}
WRITTEN = {"number": r"[+-]?[0-9]{1,19}", "decimal": r"[+-]?[0-9]{1,12}(\.[0-9]{1,6})?", "date": r"[0-9]{4}-[0-9]{2}-[0-9]{2}"}
NUMBER = "DECIMAL(38, 6)"
KINDS: dict[type, str] = {bool: "BOOLEAN", str: "VARCHAR", int: NUMBER, float: NUMBER, date: "DATE"}  # bool is an int
SPACES = " \t\r\n" + "".join(WIDE_SPACES)
WANTED = later({"symbol": "文字", "number": "整数", "decimal": "小数（至多六位）", "date": "日期（2022-05-20）"})


class Read(NamedTuple):
    """A column as a value of a type; `wrong` holds for rows whose value is not one (None: there are none)."""

    value: Value
    wrong: Value | None


class Refused(Exception):
    """A column of this type is never exact: `hint` says what to do."""

    def __init__(self, hint: str = "") -> None:
        self.hint = hint


def read(name: str, found: str, wanted: Type, yes_no: bool = False) -> Read:
    """A column whose type in the database is `found`; `yes_no`: it says whether, in the words of a case. Raises `Refused`."""
    there = column(name)
    if found in FLOATING:
        raise Refused(say("浮点数不精确：存为 DECIMAL(18, 6) 或文字"))
    if found == "VARCHAR" or found.startswith("ENUM"):
        written = cast(there, "TEXT") if found != "VARCHAR" else there
        return Read(_said(written), None) if yes_no else _text(written, wanted)
    match wanted:
        case "symbol" if found == "BOOLEAN":
            return Read(case(there, text("yes"), text("no")), None)
        case "symbol" if found in WHOLE:
            return Read(cast(there, "TEXT"), None)
        case "number" if found in WHOLE:
            return _cast(there, wanted)
        case "decimal" if found in WHOLE or DECIMAL.fullmatch(found):
            return _cast(there, wanted)
        case "date" if found == "DATE" or found in MOMENTS:
            return _cast(there, wanted)
        case _ if found == NOTHING:
            return Read(cast(there, TYPES[wanted]), None)
    raise Refused()


def _said(there: Value) -> Value:
    """`yes` or `no` for what a case says so too; anything else stays, and is told."""
    word = call("LOWER", call("TRIM", there.copy(), text(SPACES)))

    def among(words: Collection[str]) -> Value:
        return exp.In(this=word.copy(), expressions=list(map(text, sorted(words))))

    return case(among(YES), text("yes"), case(among(NO), text("no"), there))


def same(name: str, found: str, value: object) -> Value:
    """Whether a column has a value of a mapping file; one of another type is read as what the value is."""
    there, wanted = column(name), next(sql for kind, sql in KINDS.items() if isinstance(value, kind))
    literal = exp.convert(value) if wanted != "DATE" else cast(text(str(value)), wanted)
    if found == wanted or (wanted == NUMBER and (found in WHOLE or DECIMAL.fullmatch(found))):
        return exp.EQ(this=there, expression=literal)
    written = cast(there, "TEXT")
    return exp.EQ(this=written if wanted == "VARCHAR" else try_cast(written, wanted), expression=literal)


def _text(there: Value, wanted: Type) -> Read:
    if wanted == "symbol":
        return Read(there, None)
    value = cast(there.copy(), TYPES[wanted])
    badly = no(call("regexp_full_match", there, text(WRITTEN[wanted])))
    return Read(value, both([badly, missing(exp.TryCast(this=there.copy(), to=value.args["to"].copy()))], exp.Or))


def _cast(there: Value, wanted: Type) -> Read:
    """Also wrong is what the type cannot hold, or not exactly."""
    value = cast(there, TYPES[wanted])
    tried = exp.TryCast(this=there.copy(), to=value.args["to"].copy())
    lost = [missing(tried), exp.NEQ(this=tried.copy(), expression=there.copy())]
    if wanted == "date":
        lost.append(
            no(exp.Between(this=exp.Extract(this=exp.var("YEAR"), expression=there.copy()), low=whole(1), high=whole(9999)))
        )
    return Read(value, both(lost, exp.Or))
