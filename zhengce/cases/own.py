"""Facts of the workspace's own relations, under `facts:` in a case: read by their declarations, as a document's are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import RuleTypeError, did_you_mean
from ..language import later, say
from ..rows import DeclaredRows, dangling, double_keys
from . import is_blank
from .shape import BadValueError, day

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..datalog.syntax import Declaration, Type
    from ..datalog.values import Internal
    from ..errors import Span
    from ..rows import Facts, Statable
    from ..texts import Node
    from . import Written
    from .names import Known

SECTION = "facts"
REFUSED = later(
    {
        "ours": "{name} 是 zhengce 自己的关系，不写在 facts 下",
        "no input": "{name} 没有 .input，案例不能写它",
        "no city": "{name} 的第一列不是 city: symbol，案例不能写它",
        "unknown": "没有 {name} 这个关系",
    }
)


def own_facts(written: Written, city: str, document: str, statable: Statable, *known: Known) -> Facts:
    """The rows under `facts:`; what is wrong is among the errors of `written`.

    Args:
        statable: the relations that may stand there.
        known: the facts that these rows may refer to beside one another.
    """
    own = {name: d for name, d in statable.declarations.items() if name not in statable.refused}
    rows = _OwnRows(written, city, document, own)
    for key, node in written.find(SECTION)[1].pairs:
        if key.text not in own:
            message = say(REFUSED[statable.refused.get(key.text, "unknown")], name=key.text)
            hint = did_you_mean(key.text, own) or say("能写的要在 policy/ 里声明：.decl 名称(city: symbol, …) 和 .input 名称")
            written.fail_at(key.span, message, hint)
        elif not is_blank(node):
            rows.relation(own[key.text], node, {})
    if not written.errors:  # else what is referred to may be among what could not be read
        for span, message, hint in double_keys(rows.facts, own):
            written.fail_at(span, message, hint)
        for found in dangling(rows.facts, statable.declarations, rows.facts, *known):
            written.fail_at(*found.fault(document, written.source, rows.cells))
    return rows.facts


class _OwnRows(DeclaredRows):
    """Rows about the case's city, dates written as elsewhere in a case."""

    def __init__(self, written: Written, city: str, document: str, own: Mapping[str, Declaration]) -> None:
        def fail(message: str, span: Span, hint: str = "") -> None:
            written.fail_at(span, message, hint)

        super().__init__(fail, document, own, {"city": city})

    def typed(self, node: Node, type_: Type) -> Internal:
        if type_ != "date" or node.kind != "scalar" or node.is_null:
            return super().typed(node, type_)
        try:
            return day(node.text.strip())
        except BadValueError as wrong:
            raise RuleTypeError(wrong.message, hint=wrong.hint) from None
