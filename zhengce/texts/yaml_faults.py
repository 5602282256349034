"""Faults of YAML syntax: what is wrong, where it began, and the likely fix.

A parser notices a fault where it cannot go on, often lines below the slip; the place shown is where the slip began. PyYAML
words its errors by how it was built, so that a text that libyaml refuses is read once more by the parser in Python.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from ..errors import Span, ZhengceError
from ..language import later, say
from .files import unseen
from .signs import CURLY, SQUARE, misprint

if TYPE_CHECKING:
    from collections.abc import Sequence

    import yaml

ANCHOR = later(("不用 YAML 的锚点与别名（& 和 *）", "把内容写出来；要写“&”“*”开头的文字，用引号括起来"))
TAG = later(("不用 YAML 的标签（!）", "把内容直接写出来；要写“!”开头的文字，用引号括起来"))
INDENT = later(("缩进与上一行不一致", "同一层的行从同一列写起"))
TWO_COLONS = later(("一行里有两个冒号", "值里有冒号时，用引号把值括起来"))
COMMA = later(("这里缺少半角逗号", "两项之间用半角逗号“,”隔开"))
MIXED = later(("列表项“- …”与“键: 值”混在了一层", "同一层只用一种写法"))
MORE = later(("这里多了内容", "引号、括号要括住整个值"))
QUOTES = later(("引号没有成对", "两边都用半角引号"))
OTHER = later(("这里的写法不合 YAML", "检查缩进、冒号后的空格、括号与引号是否成对"))
UNPAIRED = later(("括号没有成对", "删去这个括号，或补上前一半"))
BRACKETS = later({"[": ("方括号没有成对", "补上“]”"), "{": ("花括号没有成对", "补上“}”")})
WIDE_ENDS = "[］】〕）｝]"
WIDE_QUOTES = "[“”‘’＂＇]"
LONGEST = 2**20  # of the texts that are read once more
BREAK = "\r\n|[\r\n\x85\u2028\u2029]"

BEGAN, NOTICED = True, False
FAULTS = later(
    (  # PyYAML's wording, the place, our message and hint
        (r"quoted scalar: found unexpected", BEGAN, "引号没有成对", "补上另一半引号"),
        (r"double-quoted scalar", NOTICED, "双引号里的“\\”写得不对", "把双引号换成单引号，或写成“\\\\”"),
        (r"simple key", BEGAN, "这一行缺少冒号", "写作“键: 值”，冒号后面空一格"),
        (r"an anchor|an alias", BEGAN, *ANCHOR),
        (r" tag\b", BEGAN, *TAG),
        (r" tab |'\\t'", NOTICED, "缩进用了制表符", "缩进用空格，不用制表符"),
        (r"start any token", NOTICED, "文字不能用这个符号开头", "用引号把文字括起来"),
        (r"sequence entries are not allowed", NOTICED, "列表项的“-”要另起一行", "写在下一行，或写作 [甲, 乙]"),
        (r"mapping keys are not allowed", NOTICED, "文字不能用“?”开头", "用引号把文字括起来"),
        (r"block scalar", NOTICED, "“|”或“>”后面不能写文字", "文字从下一行写起，或用引号括起来"),
        (r"directive", NOTICED, "行首不能写“%”", "用引号把文字括起来"),
        (r"node content.*'[\]}]'", NOTICED, *UNPAIRED),
        (r"node content", NOTICED, "这里缺少一个值", "检查逗号与括号"),
        (r"<?document start", NOTICED, "这里多了内容", "检查括号是否成对"),
    )
)


class Fault(NamedTuple):
    """What is wrong, in which line and column, counted from 0, and the likely fix; both to be said."""

    line: int
    column: int
    message: str
    hint: str


def syntax_error(problem: yaml.YAMLError, text: str, file: str, error: type[ZhengceError]) -> ZhengceError:
    """PyYAML's error as ours."""
    import yaml

    problem = _reread(text) or problem
    if not isinstance(problem, yaml.MarkedYAMLError):
        return unseen(text, file, error)
    lines = re.split(BREAK, text)
    fault = _fault(problem, [*lines, ""])
    span = Span(file, fault.line + 1, fault.column + 1)
    return error(say(fault.message), span=span, hint=say(fault.hint), source="\n".join(lines))


def _reread(text: str) -> yaml.YAMLError | None:
    import yaml

    try:
        if len(text) <= LONGEST:
            for _ in yaml.parse(text, Loader=yaml.SafeLoader):
                pass
    except yaml.YAMLError as problem:
        return problem
    return None


def _fault(problem: yaml.MarkedYAMLError, lines: Sequence[str]) -> Fault:
    wording = f"{problem.context}: {problem.problem}"
    noticed: Any = problem.problem_mark or problem.context_mark
    began: Any = problem.context_mark or noticed
    if found := re.search(r"flow (sequence|mapping): ", wording):
        return _open_bracket(wording, began, noticed, lines, "[" if found[1] == "sequence" else "{")
    if "mapping values are not allowed" in wording:
        return _stray_colon(noticed, lines)
    if re.search(r"block (mapping|collection|sequence): ", wording):
        return _out_of_line(wording, began, noticed, lines)
    if "simple key" in wording and (fault := _misprinted(began.line, lines)):
        return fault
    if "quoted scalar: found unexpected" in wording and re.search(WIDE_QUOTES, lines[began.line][began.column :]):
        return Fault(began.line, began.column, *QUOTES)
    if "node content" in wording and (fault := _last_open(lines, noticed.line, noticed.column)):
        return fault
    for pattern, at_start, message, hint in FAULTS:
        if re.search(pattern, wording):
            mark = began if at_start else noticed
            return Fault(mark.line, mark.column, message, hint)
    return Fault(noticed.line, noticed.column, *OTHER)


def _misprinted(line: int, lines: Sequence[str]) -> Fault | None:
    found = misprint(lines[line])
    return found and Fault(line, found.column - 1, found.message, found.hint)


def _open_bracket(wording: str, began: Any, noticed: Any, lines: Sequence[str], bracket: str) -> Fault:
    """A list or mapping in brackets that breaks off: without its end, or without a comma."""
    message, hint = BRACKETS[bracket]
    if began.line == noticed.line and re.search("got '<(scalar|anchor|flow)|got '[\\[{]'", wording):
        return Fault(noticed.line, noticed.column, *COMMA)
    if began.line == noticed.line and "got ':'" in wording:
        return Fault(noticed.line, noticed.column, *TWO_COLONS)
    if re.search(WIDE_ENDS, lines[began.line][began.column :]):
        hint = SQUARE if bracket == "[" else CURLY
    return Fault(began.line, began.column, message, hint)


def _last_open(lines: Sequence[str], line: int, column: int) -> Fault | None:
    """The bracket still open where the parser wanted a value and found the end; None where it found a comma or bracket."""
    if lines[line][column : column + 1] in (*",]}",):
        return None
    opened: list[Fault] = []
    for number, written in enumerate([*lines[:line], lines[line][:column]]):
        for found in re.finditer(r"[\[\]{}]", written):
            if found[0] in BRACKETS:
                opened.append(Fault(number, found.start(), *BRACKETS[found[0]]))
            elif opened:
                opened.pop()
    return opened[-1] if opened else None


def _stray_colon(noticed: Any, lines: Sequence[str]) -> Fault:
    """A colon where no key is open: a second one in the line, or a line above that is no “key: value”, or is less indented."""
    before = lines[noticed.line][: noticed.column]
    if re.search(r":\s", before):
        return Fault(noticed.line, noticed.column, *TWO_COLONS)
    number, fault = noticed.line, _misprinted(noticed.line, lines)
    while number and (above := _misprinted(number - 1, lines)):
        number, fault = number - 1, above
    return fault or Fault(noticed.line, len(before) - len(before.lstrip()), *INDENT)


def _out_of_line(wording: str, began: Any, noticed: Any, lines: Sequence[str]) -> Fault:
    """Something behind a whole value, or a line that starts in a column of its own."""
    before = lines[noticed.line][: noticed.column]
    if re.search(r"found '[\]}]'", wording):
        return Fault(noticed.line, noticed.column, *UNPAIRED)
    if before.strip(" -"):
        return Fault(noticed.line, noticed.column, *MORE)
    if noticed.column == began.column:
        return Fault(noticed.line, noticed.column, *MIXED)
    return _misprinted(noticed.line, lines) or Fault(noticed.line, noticed.column, *INDENT)
