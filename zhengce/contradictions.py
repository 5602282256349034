"""How a case contradicts itself, as its document's rules found, and how that is put right: in the file or among assumptions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .errors import ContradictionError
from .language import say

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from .cases import Case
    from .datalog.checked import Model
    from .errors import Span
    from .workspace import Workspace

ASSUMED = "--assume"  # the file in which assumptions stand


def contradictions(workspace: Workspace, case: Case, model: Model, used: Mapping[str, str]) -> Iterator[ContradictionError]:
    """The errors of a case. `used`: the readings in force."""
    for _, section, id_, item, says, other_section, other in model.rows.get("conflict", ()):
        subject, against = (text.partition("/")[2] or text for text in (id_, other))
        span = case.place(section, id_, item)
        if other_section == "readings":
            hint = say("读法 {reading} 现为 {value}；改案例，或改用别的读法", reading=against, value=used.get(other))
        else:
            there = case.place(other_section, other)
            hint = _against(case, span, there, _assumable(section, subject, item), (other_section, against))
        says = workspace.say(says)
        message = say("{subject}：{says}", subject=subject, says=says) if subject else says
        yield ContradictionError(message, span=span, source=case.text(span), hint=hint)


def _assumable(section: str, id_: str, item: int = 0) -> str:
    """How something is called where it is assumed."""
    return ".".join(part for part in (section, id_, str(item or "")) if part)


def _against(case: Case, span: Span, other: Span, here: str, there: tuple[str, str]) -> str:
    """What to do about a contradiction with what stands at another place: in the file, or among what is assumed."""
    section, id_ = there
    where = say("{section} 的 {id}", section=section, id=id_) if id_ else section
    assumption = case.text(other).split("\n")[other.line - 1] if other.file == ASSUMED else ""
    match span.file == ASSUMED, other.file == ASSUMED:
        case True, True:
            return say("与假设 {other} 不合；改其中一个", other=assumption)
        case True, False:
            also = f"{ASSUMED} {_assumable(section, id_)}=unknown"
            return say("与案例第 {line} 行的 {where} 不合；也写 {also} 或别的值", line=other.line, where=where, also=also)
        case False, True:
            also = f"{ASSUMED} {here}=unknown"
            return say("与假设 {other} 不合；也写 {also} 或别的值", other=assumption, also=also)
        case _:
            return say("与第 {line} 行的 {where} 不合；改其中一处", line=other.line, where=where)
