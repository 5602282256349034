"""The command. Every question of the workspace is a subcommand, and so is each tool; this package only carries arguments in and
reports out.
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NoReturn

import click

from ..errors import QuestionError, ZhengceError
from ..language import LANGUAGES, of_locale, say, speaking
from .command import Report, without
from .group import Questions, command_group
from .mistakes import told_for

if TYPE_CHECKING:
    from collections.abc import Sequence

BAD, INTERRUPTED = 2, 130
DEBUG = "ZHENGCE_DEBUG"


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command and exit: 0 answered, 1 undetermined, ambiguous or empty, 2 bad input."""
    sys.exit(run(sys.argv[1:] if arguments is None else arguments))


def run(arguments: Sequence[str]) -> int:
    """Run the command; the message of whatever is wrong goes to standard error."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    with speaking(of_locale()):
        try:
            rest, language = without(list(arguments), "--lang", "zh|en")
            if language is not None and language not in LANGUAGES:
                raise QuestionError(say("没有“{language}”这种语言", language=language), hint="--lang zh / --lang en")
            with speaking(language or of_locale()):
                return _run(rest)
        except ZhengceError as error:
            return _told(str(error))


def _run(arguments: list[str]) -> int:
    try:
        return _answered(arguments)
    except ZhengceError as error:
        return _told(str(error))
    except click.exceptions.NoArgsIsHelpError as error:
        return _told(error.format_message())
    except click.UsageError as error:
        return _told(told_for(error))
    except (click.Abort, KeyboardInterrupt):
        return INTERRUPTED
    except BrokenPipeError:
        _let_go(sys.stdout)
        return 0
    except OSError as error:
        return _unwritten(error) if error.filename is None else _unexpected(error)
    except Exception as error:
        return _unexpected(error)


def _answered(arguments: list[str]) -> int:
    if sys.stdout is None:
        return _told(say("写不出结果：标准输出已经关闭"))
    report = command_group().main(arguments, prog_name="zhengce", standalone_mode=False)
    if isinstance(report, Report) and report.text:
        click.echo(report.text, err=report.status == BAD and report.for_people)
    sys.stdout.flush()
    return report.status if isinstance(report, Report) else 0


def _told(message: str) -> int:
    with suppress(OSError):  # when not even this can be said, the status says it
        click.echo(message, err=True)
    return BAD


def _unwritten(error: OSError) -> int:
    """The output cannot be written; nor, then, what is left of it when Python ends."""
    import errno

    _let_go(sys.stdout)
    if error.errno == errno.ENOSPC:
        return _told(say("写不出结果：磁盘已满"))
    return _told(say("写不出结果：系统错误 {number}", number=error.errno))


def _unexpected(error: Exception) -> int:
    """A fault of this program: one line, and with ZHENGCE_DEBUG where it came from."""
    if os.environ.get(DEBUG):
        import traceback

        traceback.print_exception(error)
    what = say("{kind}：{message}", kind=type(error).__name__, message=" ".join(str(error).split()))
    return _told(say("内部错误：{what}（请报告；设 {debug}=1 可看详情）", what=what, debug=DEBUG))


def _let_go(stream: Any) -> None:
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


__all__ = ["Questions", "main", "run"]
