"""Commands whose help is in the language in use, laid out for wide characters too."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ..language import current, say, width

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

GAP = 2
CLOSING = "，。；、：）？"


class Spoken(click.Command):
    """A command whose help is in the language in use. `about`: what its arguments are."""

    about: Mapping[str, str]

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        formatter.write_usage(ctx.command_path, " ".join(self.collect_usage_pieces(ctx)), prefix=say("用法：{usage}", usage=""))

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        options = [p for p in self.get_params(ctx) if isinstance(p, click.Option)]
        write_section(formatter, say("选项："), (row for p in options if (row := p.get_help_record(ctx))))

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        option = super().get_help_option(ctx)
        if option is not None:
            option.help = say("显示这段说明。")
        return option

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:
        pieces = super().collect_usage_pieces(ctx)
        return [say("[选项]") if piece == self.options_metavar else piece for piece in pieces]


def write_section(formatter: click.HelpFormatter, heading: str, rows: Iterable[tuple[str, str]]) -> None:
    """What there is, and what it is for, under a heading. (Click counts characters, of which Chinese ones take two columns.)"""
    rows = list(rows)
    if not rows:
        return
    first = max(width(name) for name, _ in rows) + 2 * GAP
    room = formatter.width - first
    formatter.write(f"\n{heading}\n")
    for name, text in rows:
        lines = click.wrap_text(text, room).split("\n") if current() != "zh" else list(_wrapped(text, room))
        formatter.write(f"{' ' * GAP}{name}{' ' * (first - GAP - width(name))}{lines[0]}".rstrip() + "\n")
        for line in lines[1:]:
            formatter.write(f"{' ' * first}{line}\n")


def _wrapped(text: str, room: int) -> Iterable[str]:
    """A text without spaces in lines of so many columns."""
    line = ""
    for character in text:
        if line and width(line + character) > room and character not in CLOSING:
            yield line
            line = ""
        line += character
    yield line
