"""A TOML file as plain values, and its faults in Chinese whatever the wording of the Python that reads it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from ..errors import Span, ZhengceError
from ..language import later, say
from .files import read_text
from .signs import SPACE, SQUARE, WIDE_SPACES

if TYPE_CHECKING:
    from pathlib import Path

QUOTES = later('文字要写在半角双引号里："…"')
OPEN = later("方括号没有成对")
CLOSE = later("补上“]”")
VALUE = later("取值写得不对")
KEY = later("键只能用英文字母")
NEEDS_EQUALS = later("键后面要有 =")
NAMED = later('有中文的键要放在半角引号里："{key}" = …')
PAIR = later(("这一行不是“键 = 值”", '写作 键 = "值"'))
FAULTS = later(
    (  # tomllib's wording, ours, a hint
        (r"Illegal character '\\[nr]|Unterminated string|Expected [\"']{3}", "引号没有成对", "补上另一半半角引号"),
        (r"Illegal character", "引号里有看不见的字符", "删去它"),
        (r"[Uu]nescaped|Invalid hex value|Escaped character", "双引号里的“\\”写得不对", "把双引号换成单引号，或写成“\\\\”"),
        (r"Invalid date", "没有这样的日期", QUOTES),
        (r"Unclosed array|Expected '\]", OPEN, CLOSE),
        (r"Unclosed inline table", "花括号没有成对", "补上“}”"),
        (r"Expected '='", NEEDS_EQUALS, '写作 键 = "值"，键只能用英文字母'),
        (r"Expected newline", "这里多了内容", "一行只写一个键；文字要整个放在引号里"),
        (r"Invalid statement|Invalid initial character", KEY, '写作 title = "…"'),
        (r"Invalid value|Found invalid character", VALUE, QUOTES),
    )
)
WIDE_ENDS = "］】，、"
TWICE = "Cannot overwrite|Cannot declare|Cannot mutate|Cannot redefine|Duplicate"
WIDE = later(
    {
        **dict.fromkeys("“”‘’＂＇", QUOTES),
        **dict.fromkeys("［］【】", SQUARE),
        **dict.fromkeys("，、", "用半角逗号“,”"),
        **dict.fromkeys(WIDE_SPACES, SPACE),
        "＝": "用半角等号“=”",
        "：": "用半角等号“=”",
        "＃": "用半角“#”",
    }
)


class Fault(NamedTuple):
    """What is wrong, in which line and column, and the likely fix."""

    line: int
    column: int
    message: str
    hint: str = ""


def read_toml(path: Path, error: type[ZhengceError], named_keys: bool = False) -> dict[str, Any]:
    """A TOML file as plain values. `named_keys`: keys may be names, which are not plain ASCII and need quotes."""
    import tomllib

    text = read_text(path, error)
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as problem:
        lines = text.replace("\r\n", "\n").split("\n")
        fault = _fault(str(problem), lines)
        if (
            named_keys
            and fault.message in (say(KEY), say(NEEDS_EQUALS))
            and (key := _name(lines[fault.line - 1], fault.column))
        ):
            fault = fault._replace(hint=say(NAMED, key=key))
        span = Span(str(path), fault.line, fault.column)
        raise error(fault.message, span=span, hint=fault.hint, source=text) from None
    except ValueError:
        raise error(say("{path}：有一个数太长，读不了", path=path), hint=say('文字要写在引号里：title = "…"')) from None
    except RecursionError:
        raise error(say("{path}：嵌套太深", path=path), hint=say("检查方括号是否成对")) from None


def _fault(wording: str, lines: list[str]) -> Fault:
    line, column = _place(wording, lines)
    written = lines[line - 1]
    if re.match(TWICE, wording):
        inline = re.search("inline table key '(.*)'", wording)
        return Fault(line, column, say("“{name}”写了两次", name=inline[1])) if inline else _twice(lines, line)
    message, hint = next((found[1:] for found in FAULTS if re.match(found[0], wording)), (later("这里的写法不合 TOML"), ""))
    sign = written[column - 1 : column]
    opened = message == OPEN or (message == VALUE and not written[: column - 1].strip(" \t["))
    if opened and (fault := _open_bracket(lines, line)):
        return fault
    if message == KEY and (sign.isascii() or sign in WIDE):
        message, hint = PAIR
    return Fault(line, column, say(message), say(WIDE.get(sign, hint)))


def _name(line: str, column: int) -> str:
    """The name that stands at a column without quotes, if it is no plain ASCII."""
    found = next((f for f in re.finditer(r"[\w-]+", line) if f.start() < column <= f.end()), None)
    return found[0] if found and not found[0].isascii() else ""


def _place(wording: str, lines: list[str]) -> tuple[int, int]:
    """The line and the column; behind the last thing written where tomllib says only that the document ends."""
    if found := re.search(r"\(at line (\d+), column (\d+)\)", wording):
        return int(found[1]), int(found[2])
    last = max((n for n, line in enumerate(lines, 1) if line.strip()), default=1)
    return last, len(lines[last - 1].rstrip()) + 1


def _open_bracket(lines: list[str], number: int) -> Fault | None:
    """The list above a line, or in it, that has more brackets opening than closing."""
    for n in range(number, 0, -1):
        line = lines[n - 1]
        found = re.match(r"[^=\"']*=\s*(?=\[)", line)
        if found and sum(other.count("[") - other.count("]") for other in [line, *lines[n : number - 1]]) > 0:
            wide = next((c for c in WIDE_ENDS if re.search(rf'["\d\[] *{c}', line)), "")
            return Fault(n, found.end() + 1, say(OPEN), say(WIDE.get(wide, CLOSE)))
    return None


def _twice(lines: list[str], number: int) -> Fault:
    """A key or table again; most often `[clause]` where `[[clause]]` was meant."""
    line = lines[number - 1]
    found = re.match(r"[\s\[]*([^\s=\]]+)", line)
    name, column = (found[1], found.start(1) + 1) if found else (line.strip(), 1)
    earlier = [n for n, other in enumerate(lines[: number - 1], 1) if re.match(rf"\s*\[*\s*{re.escape(name)}\s*[=\]]", other)]
    hint = say("前一次在第 {line} 行", line=earlier[-1]) if earlier else ""
    tables = [n for n in [*earlier, number] if re.match(r"\s*\[", lines[n - 1])]
    if len(tables) > 1 and (single := [n for n in tables if not lines[n - 1].lstrip().startswith("[[")]):
        hint = say("第 {line} 行的 [{name}] 要写成 [[{name}]]，两层方括号", line=single[0], name=name)
    return Fault(number, column, say("“{name}”写了两次", name=name), hint)
