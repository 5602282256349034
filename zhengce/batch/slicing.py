"""One city of many as a case file: what can be asked of a case, why and why not too, can be asked of it."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from sqlglot import exp

from ..cases.rosters import item_number
from ..cases.writing import written
from ..datalog import values
from ..errors import QuestionError, did_you_mean
from ..keeping import blake2b, folder, write
from ..language import say
from ..sql.trees import column, select, table, text
from .checking import UNMET
from .running import CITY, Facts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..datalog.checked import Row
    from ..datalog.syntax import Type
    from ..workspace import Workspace

SIGN = "#"
CITIES = "cities"


def case_of(facts: Facts, city: str) -> str:
    """The text of a city's case file. Raises `QuestionError` for no such city, `CaseError` for what no case can say."""
    found = {name: rows(facts, name, city) for name in facts.loaded if CITY in facts.relations[name].columns}
    if not found[CITY]:
        raise QuestionError(say("没有“{name}”这个城市", name=city), hint=did_you_mean(city, facts.cities()))
    return written(found, facts.workspace.facts_known, facts.workspace.statable)


def rows(facts: Facts, relation: str, city: str) -> set[Row]:
    """The rows of a relation about a city, as engines keep them."""
    here = exp.EQ(this=column(CITY), expression=text(city))
    query = select([column(name) for name in facts.relations[relation].columns], [(table(relation), None)], [here])
    types = facts.relations[relation].types
    found = {_kept(row, types) for row in facts.database.select(query)}
    return {(*row[:-1], item_number(row[-1])) for row in found} if relation == UNMET else found


def _kept(row: Row, types: Sequence[Type]) -> Row:
    return tuple([value if t == "date" else values.encode(value, t) for value, t in zip(row, types, strict=True)])


def case_file(workspace: Workspace, given: str) -> str:
    """`TABLES#CITY` as the path of the city's case file, which is kept in the user's cache folder; anything else as it is.

    Raises `ZhengceError` for what is wrong with the tables.
    """
    tables, sign, city = given.rpartition(SIGN)
    if not sign or Path(given).exists():
        return given
    with Facts(workspace, [tables], check_names=False) as facts:
        content = case_of(facts, city).encode()
    home = folder() or Path(tempfile.gettempdir()) / "zhengce"
    where = home / CITIES / blake2b(str(Path(tables).resolve()).encode(), digest_size=8).hexdigest()
    where.mkdir(parents=True, exist_ok=True)
    path = where / f"{city.replace('/', '_')}.yaml"
    write(path, content)
    return str(path)
