"""How much DuckDB may use, where it keeps what does not fit, and what is said when that does not do."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import duckdb

from ..engines.duckdb.database import SETTINGS, DuckDB
from ..errors import EngineError, QuestionError
from ..language import listed, say
from ..texts import unwritten

if TYPE_CHECKING:
    from collections.abc import Sequence

SIZE = re.compile(r"(\d{1,6}(?:\.\d{1,3})?) ?([KMGT])(iB|B)?", re.IGNORECASE | re.ASCII)
LEAST, WORTHWHILE = 64 * 10**6, 256 * 10**6  # with less than the first not even a few cities get through
EXAMPLES = "512MB", "4GB"


class Settings(NamedTuple):
    """What DuckDB may use: `memory` (512MB, 4GB), `threads`, and the folder in which it keeps what does not fit (`spill`)."""

    memory: str | None = None
    threads: int | None = None
    spill: Path | str | None = None


class Limited(DuckDB):
    """DuckDB within limits: where they do not do, the error says what would. `spill`: the folder that it was given."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, settings: Settings, spill: Path) -> None:
        super().__init__(connection)
        self.settings, self.spill = settings, spill

    def fetch(self, statement: str, values: Sequence[Any] | None = None) -> list[tuple[Any, ...]]:
        try:
            return super().fetch(statement, values)
        except duckdb.OutOfMemoryException:
            raise _too_little(self.settings) from None
        except RuntimeError as problem:
            if "interrupted" in str(problem):  # by a signal, which DuckDB makes an error of its own
                raise KeyboardInterrupt from None
            raise
        except duckdb.IOException as problem:
            if str(self.spill) not in str(problem):
                raise
            message = say("放不下的暂存不了：{problem}", problem=str(problem).splitlines()[0])
            raise EngineError(message, hint=say("用 --spill 指一个有空位的文件夹，或加大 --memory")) from None


def opened(settings: Settings, spill: Path) -> duckdb.DuckDBPyConnection:
    """A database in memory, which keeps what does not fit in files. Raises `QuestionError`."""
    config: dict[str, Any] = {**SETTINGS, "preserve_insertion_order": False, "temp_directory": str(spill)}
    if settings.memory is not None:
        config["memory_limit"] = settings.memory
    if settings.threads is not None:
        config["threads"] = settings.threads
    try:
        return duckdb.connect(config=config)
    except duckdb.Error as problem:
        raise QuestionError(say("DuckDB 开不了：{problem}", problem=str(problem).splitlines()[0])) from None


def check(settings: Settings) -> None:
    """Raises `QuestionError` for a size that is none, or too little for anything."""
    if settings.memory is not None and _bytes(settings.memory) < LEAST:
        message = say("--memory {size} 太少", size=settings.memory)
        raise QuestionError(
            message, hint=say("至少写 {least}；城市多的，从 {more} 试起", least=_size(LEAST), more=_size(WORTHWHILE))
        )


def spill_folder(given: Path | str | None) -> Path:
    """A fresh folder: in the one given, else where the system keeps what is temporary. Raises `QuestionError`."""
    try:
        if given is not None:
            Path(given).mkdir(parents=True, exist_ok=True)
        return Path(tempfile.mkdtemp(prefix="zhengce-", dir=given))
    except OSError as problem:
        error = unwritten(Path(given or tempfile.tempdir or "/tmp"), problem, QuestionError)
        error.hint = say("--spill 要是能写的文件夹；不写就用系统的临时文件夹")
        raise error from None


def _bytes(size: str) -> float:
    found = SIZE.fullmatch(size.strip())
    if found is None:
        hint = say("写作 {examples}", examples=listed(EXAMPLES))
        raise QuestionError(say("--memory 要写大小，不是“{size}”", size=size), hint=hint)
    unit = 1024.0 if found[3] and len(found[3]) > 1 else 1000.0
    return float(found[1]) * unit ** (1 + "KMGT".index(found[2].upper()))


def _size(number: float) -> str:
    return f"{round(number / 10**6)}MB" if number < 10**9 else f"{number / 10**9:g}GB"


def _too_little(settings: Settings) -> EngineError:
    if settings.memory is None:
        hint = say("用 --threads 1；还不够，就分成几片各算各的，见 docs/scale.zh.md")
        return EngineError(say("内存不够"), hint=hint)
    more = _size(max(WORTHWHILE, 2 * _bytes(settings.memory)))
    hint = say("至少试 {more}", more=more) if settings.threads == 1 else say("至少试 {more}，或加上 --threads 1", more=more)
    return EngineError(say("--memory {size} 不够", size=settings.memory), hint=hint)
