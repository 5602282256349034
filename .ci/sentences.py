"""Hold the lists of what encodes each sentence (`covers`, `uncovered`) against the texts, where there is a copy of them.

    python .ci/sentences.py FOLDER [--show]

FOLDER holds `<document>.txt`. A sentence ends with 。 and belongs to the innermost numbered clause; a clause's heading is none.
Prints what is listed and is not there, and what is there and not listed; `--show` prints the sentences with their numbers.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

NUMERALS = "一二三四五六七八九十"
CHAPTER = re.compile(rf"\s*([{NUMERALS}])、(.*)")
HEADING = re.compile(rf"\s*（([{NUMERALS}])）(.*)", re.S)
ITEM = re.compile(r"\s*([0-9]{1,2})[.．](.*)", re.S)
NO_SENTENCE = r"（?附件.*|\d+分|政策 ?支持.*|责任|供给|融合|服务|质量"  # what the cells of a table break a heading into


def sentences(text: str) -> dict[str, list[str]]:
    """The sentences of each clause, by its id."""
    found: dict[str, list[str]] = {}
    chapter, heading, table = "", "", False
    here = ""
    for line in text.replace("\t", "").splitlines():
        if line.strip() == "附件":
            table, chapter, heading, here = True, "附件", "", "附件"
        elif not table and (m := CHAPTER.match(line)):
            chapter, heading, here = m[1], "", m[1]
            line = ""
        elif m := HEADING.match(line):
            heading = m[1]
            here = f"{chapter}.{heading}"
            line = "" if table else _after_heading(m[2])
        elif chapter and (m := ITEM.match(line)):
            here = f"{chapter}.{heading}.{m[1]}"
            line = m[2] if table or _is_listed(here, text) else _after_heading(m[2])
        if here:
            found.setdefault(here, []).extend(s for s in (p.strip() for p in line.split("。")) if _says_something(s))
    return found


def _after_heading(text: str) -> str:
    return text.partition("。")[2] if "。" in text else ""


def _is_listed(clause: str, text: str) -> bool:
    """Whether an item is a sentence and has no heading: those of chapter 六 of the scheme."""
    return clause.startswith("六.") and "撤销命名与退出程序" in text


def _says_something(sentence: str) -> bool:
    return bool(re.search(r"[\u4e00-\u9fff]", sentence)) and not re.fullmatch(NO_SENTENCE, sentence)


def main(folder: Path, show: bool) -> int:
    from zhengce.workspace import Workspace, find

    facts = Workspace(find(Path(__file__).parents[1])).facts
    wrong = []
    for file in sorted(folder.glob("*.txt")):
        listed = {(row[0], row[1]) for relation in ("covers", "uncovered") for row in facts(relation)}
        listed = {(c.partition("/")[2], n) for c, n in listed if c.startswith(f"{file.stem}/") and n}
        there = {(c, n): s for c, texts in sentences(file.read_text("utf-8")).items() for n, s in enumerate(texts, 1)}
        if show:
            print("\n".join(f"{c} {n}: {s}" for (c, n), s in there.items()))
        wrong += [
            f"{file.stem}/{c} sentence {n} is in neither list: {s[:30]}…" for (c, n), s in there.items() if (c, n) not in listed
        ]
        wrong += [f"{file.stem}/{c} sentence {n} is listed and not in the text" for c, n in sorted(listed - there.keys())]
    print("\n".join(wrong) or "every sentence of the texts is listed")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), "--show" in sys.argv))
