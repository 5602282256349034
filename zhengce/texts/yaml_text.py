"""YAML as nodes, every one with its place.

YAML is read as text: a scalar stays the characters that were written, so that `no`, `1.50` and `2022-05-20` mean what they
say, and whoever asks for a type converts them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from ..errors import Span, ZhengceError
from ..language import say
from .files import read_text
from .signs import COLON, SPACE, WIDE_COLON, WIDE_SPACES, misprint
from .yaml_faults import ANCHOR, TAG, syntax_error

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

DEEPEST = 40
ENDS = ("SequenceEndEvent", "MappingEndEvent")
STARTS = ("ScalarEvent", "SequenceStartEvent", "MappingStartEvent", "AliasEvent")


class Node(NamedTuple):
    """A piece of YAML: `value` is a `str`, a list of nodes, or a list of (key, value) pairs of nodes.

    `plain` is False for a quoted scalar.
    """

    value: str | list[Node] | list[tuple[Node, Node]]
    kind: str
    span: Span
    plain: bool = True

    @property
    def text(self) -> str:
        assert isinstance(self.value, str)
        return self.value

    @property
    def items(self) -> list[Node]:
        """The members of a list."""
        assert self.kind == "list"
        return self.value  # type: ignore[return-value]

    @property
    def pairs(self) -> list[tuple[Node, Node]]:
        """The members of a mapping."""
        assert self.kind == "mapping"
        return self.value  # type: ignore[return-value]

    @property
    def is_null(self) -> bool:
        """Nothing written, `null` or `~`."""
        return self.kind == "scalar" and self.plain and self.value in ("", "null", "~", "Null", "NULL")


def read_yaml(path: Path, error: type[ZhengceError]) -> Node:
    """A YAML file as a mapping node. Raises `error` for what cannot be read, an empty file, double keys, anchors."""
    return parse_yaml(read_text(path, error), str(path), error)


def parse_yaml(text: str, file: str, error: type[ZhengceError]) -> Node:
    """YAML text as a mapping node; `file` is the name that errors show."""
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        root = _Composer(yaml.parse(text, Loader=loader), file, text, error).document()
    except yaml.YAMLError as problem:
        raise syntax_error(problem, text, file, error) from None
    if root is None:
        raise error(say("{file} 是空的", file=file))
    if root.kind != "mapping":
        raise _no_mapping(root, text, error)
    return root


def _no_mapping(root: Node, text: str, error: type[ZhengceError]) -> ZhengceError:
    span = root.span
    if root.kind == "scalar" and (found := misprint(text.split("\n")[span.line - 1])):
        return error(say(found.message), span=Span(span.file, span.line, found.column), hint=say(found.hint), source=text)
    return error(say("文件的最外层要是“键: 值”"), span=span, source=text)


class _Composer:
    """Builds nodes from the event stream, without recursion deeper than `DEEPEST`."""

    def __init__(self, events: Iterator[Any], file: str, text: str, error: type[ZhengceError]) -> None:
        self.events, self.file, self.text, self.kind = events, file, text, error
        self.depth = 0

    def document(self) -> Node | None:
        root: Node | None = None
        for event in self.events:
            if type(event).__name__ in STARTS:
                if root is not None:
                    raise self.fail(say("一个文件里只能有一份内容（多了一个“---”）"), self.place(event))
                root = self.node(event)
        return None if root is None or root.is_null else root

    def node(self, event: Any) -> Node:
        name, mark = type(event).__name__, event.start_mark
        width = (len(event.value) or 1) if name == "ScalarEvent" else 1
        span = Span(self.file, mark.line + 1, mark.column + 1, width)
        if event.anchor:
            raise self.fail(say(ANCHOR[0]), span._replace(width=1), say(ANCHOR[1]))
        if event.tag:
            raise self.fail(say(TAG[0]), span._replace(width=1), say(TAG[1]))
        if name == "ScalarEvent":
            return Node(event.value, "scalar", span, event.implicit[0])
        if name == "SequenceStartEvent":
            return Node(list(self.members()), "list", span)
        return Node(self.pairs(), "mapping", span)

    def members(self) -> Iterator[Node]:
        self.depth += 1
        for event in self.events:
            if type(event).__name__ in ENDS:
                self.depth -= 1
                return
            if self.depth > DEEPEST:
                raise self.fail(say("嵌套超过 {most} 层", most=DEEPEST), self.place(event))
            yield self.node(event)

    def pairs(self) -> list[tuple[Node, Node]]:
        members = list(self.members())
        pairs = list(zip(members[::2], members[1::2], strict=True))
        seen: dict[str, Node] = {}
        for key, value in pairs:
            if key.kind != "scalar":
                raise self.fail(say("键要是文字"), key.span)
            if key.text in seen:
                before = say("前一次在第 {line} 行", line=seen[key.text].span.line)
                raise self.fail(say("“{name}”写了两次", name=key.text), key.span, before)
            if key.text[:1] in WIDE_SPACES:
                raise self.fail(say("这里是全角空格"), key.span._replace(width=1), say(SPACE))
            if value.value == "" and key.plain and WIDE_COLON in key.text:
                column = key.span.column + key.text.index(WIDE_COLON)
                raise self.fail(say("这里的冒号是全角的“：”"), Span(self.file, key.span.line, column), say(COLON))
            seen[key.text] = key
        return pairs

    def place(self, event: Any) -> Span:
        return Span(self.file, event.start_mark.line + 1, event.start_mark.column + 1)

    def fail(self, message: str, span: Span, hint: str = "") -> ZhengceError:
        return self.kind(message, span=span, hint=hint, source=self.text)
