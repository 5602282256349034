"""An outline as a page that needs nothing else: what is below a line folds away. No script; on paper everything is open."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from ..language import current, say

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from .outline import Line

OPEN = 2  # so many levels are unfolded at first
LANGUAGE = {"zh": "zh-CN", "en": "en"}
STYLE = """
body { font: 16px/1.6 "Noto Sans SC", "Source Han Sans SC", "Microsoft YaHei", "PingFang SC", sans-serif; margin: 1.5rem auto;
  max-width: 60rem; padding: 0 1rem; color: #1a1a1a; background: #fff; }
h1 { font-size: 1.25rem; }
ul { list-style: none; margin: 0; padding-left: 1.4rem; border-left: 1px solid #c9c9c9; }
main > ul { border: 0; padding-left: 0; }
li { margin: .15rem 0; }
summary { cursor: pointer; }
summary:focus-visible { outline: 2px solid #0072b2; }
small { color: #5a5a5a; }
blockquote { margin: .2rem 0 .4rem 1rem; padding-left: .6rem; border-left: 3px solid #0072b2; color: #3a3a3a; }
.reading > summary, .reading > p { color: #0072b2; } .unknown > summary, .unknown > p { color: #b26a00; }
.note > p, .seen { color: #5a5a5a; } .fixed > p { color: #c44e00; }
p { margin: 0; }
@media print { body { max-width: none; font-size: 11pt; }
  details::details-content { content-visibility: visible; display: block; }
  details:not([open]) > *:not(summary) { display: block; } summary { list-style: none; } }
"""


def render(title: str, lines: Iterable[Line]) -> str:
    """The page."""
    body = "".join(part for line in lines for part in _item(line, 0))
    return (
        f'<!DOCTYPE html>\n<html lang="{LANGUAGE[current()]}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        f"<title>{escape(title)}</title>\n<style>{STYLE}</style>\n</head>\n"
        f"<body>\n<main>\n<h1>{escape(title)}</h1>\n<ul>\n{body}</ul>\n</main>\n</body>\n</html>\n"
    )


def _item(root: Line, depth: int) -> Iterator[str]:
    """A line and what is below it. An entry without a line closes what was opened."""
    left: list[tuple[int, Line | None]] = [(depth, root)]
    while left:
        depth, line = left.pop()
        if line is None:
            yield "</ul></details></li>\n"
            continue
        text = f"{escape(line.text)} <small>{escape(line.notes)}</small>" if line.notes else escape(line.text)
        quote = f"<blockquote>{escape(say('“{quote}”', quote=line.quote))}</blockquote>" if line.quote else ""
        if line.lines:
            yield f'<li><details class="{line.kind}"{" open" if depth < OPEN else ""}><summary>{text}</summary>{quote}<ul>\n'
            left.append((depth, None))
            left += [(depth + 1, below) for below in reversed(line.lines)]
        else:
            yield f'<li class="{line.kind}"><p>{text}</p>{quote}</li>\n'
