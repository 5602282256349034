"""Reading files at the border: text, YAML and TOML, every value with its place, every failure with a message.

YAML is read as text: a scalar stays the characters that were written, so that `no`, `1.50` and `2022-05-20` mean what they
say, and whoever asks for a type converts them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from .errors import Span, ZhengceError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

DEEPEST = 40
LARGEST = 64 * 2**20


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


def read_text(path: Path, error: type[ZhengceError]) -> str:
    """The text of a UTF-8 file, a BOM dropped."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise error(f"没有这个文件：{path}") from None
    except IsADirectoryError:
        raise error(f"这是文件夹，不是文件：{path}") from None
    except OSError as problem:
        raise error(f"读不了 {path}：{problem.strerror or problem}") from None
    if len(data) > LARGEST:
        raise error(f"文件太大：{path}（{len(data)} 字节）")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        raise error(f"{path} 不是 UTF-8 编码", span=_place(path, data, problem.start), hint=_encoding(data)) from None
    if "\0" in text:
        raise error(f"{path} 不是文本文件")
    return text


def read_yaml(path: Path, error: type[ZhengceError]) -> Node:
    """A YAML file as a mapping node. Raises `error` for what cannot be read, an empty file, double keys, anchors."""
    text = read_text(path, error)
    return parse_yaml(text, str(path), error)


def parse_yaml(text: str, file: str, error: type[ZhengceError]) -> Node:
    """YAML text as a mapping node; `file` is the name that errors show."""
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        root = _Composer(yaml.parse(text, Loader=loader), file, text, error).document()
    except yaml.MarkedYAMLError as problem:
        mark = problem.problem_mark or problem.context_mark
        span = Span(file, mark.line + 1, mark.column + 1) if mark else Span(file, 1, 1)
        raise error(f"YAML 写得不对：{problem.problem}", span=span, hint=_yaml_hint(text, span), source=text) from None
    except yaml.YAMLError as problem:
        raise error(f"{file} 读不懂：{str(problem).splitlines()[0]}") from None
    if root is None:
        raise error(f"{file} 是空的")
    if root.kind != "mapping":
        raise error("文件的最外层要是“键: 值”", span=root.span, source=text)
    return root


def read_toml(path: Path, error: type[ZhengceError]) -> dict[str, Any]:
    """A TOML file as plain values."""
    import tomllib

    text = read_text(path, error)
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as problem:
        raise error(f"{path} 的 TOML 写得不对：{problem}") from None


class _Composer:
    """Builds nodes from the event stream, without recursion deeper than `DEEPEST`."""

    def __init__(self, events: Iterator[Any], file: str, text: str, error: type[ZhengceError]) -> None:
        self.events, self.file, self.text, self.kind = events, file, text, error
        self.depth = 0

    def document(self) -> Node | None:
        root: Node | None = None
        for event in self.events:
            name = type(event).__name__
            if name in ("ScalarEvent", "SequenceStartEvent", "MappingStartEvent", "AliasEvent"):
                if root is not None:
                    raise self.fail("一个文件里只能有一份内容（多了一个“---”）", event)
                root = self.node(event)
        return None if root is None or root.is_null else root

    def node(self, event: Any) -> Node:
        if getattr(event, "anchor", None):
            raise self.fail("不用 YAML 的锚点与别名（& 和 *）", event, "把内容写出来")
        span = Span(self.file, event.start_mark.line + 1, event.start_mark.column + 1)
        match type(event).__name__:
            case "ScalarEvent":
                return Node(event.value, "scalar", span._replace(width=max(1, len(event.value))), event.implicit[0])
            case "SequenceStartEvent":
                return Node(list(self.members()), "list", span)
            case _:
                return Node(self.pairs(), "mapping", span)

    def members(self) -> Iterator[Node]:
        self.depth += 1
        for event in self.events:
            if type(event).__name__ in ("SequenceEndEvent", "MappingEndEvent"):
                self.depth -= 1
                return
            if self.depth > DEEPEST:
                raise self.fail(f"嵌套超过 {DEEPEST} 层", event)
            yield self.node(event)

    def pairs(self) -> list[tuple[Node, Node]]:
        members = list(self.members())
        pairs = list(zip(members[::2], members[1::2], strict=True))
        seen: dict[str, Node] = {}
        for key, _ in pairs:
            if key.kind != "scalar":
                raise self.kind("键要是文字", span=key.span, source=self.text)
            if key.text in seen:
                hint = f"前一次在第 {seen[key.text].span.line} 行"
                raise self.kind(f"“{key.text}”写了两次", span=key.span, hint=hint, source=self.text)
            seen[key.text] = key
        return pairs

    def fail(self, message: str, event: Any, hint: str = "") -> ZhengceError:
        span = Span(self.file, event.start_mark.line + 1, event.start_mark.column + 1)
        return self.kind(message, span=span, hint=hint, source=self.text)


def _place(path: Path, data: bytes, offset: int) -> Span:
    line = data.count(b"\n", 0, offset) + 1
    return Span(str(path), line, offset - data.rfind(b"\n", 0, offset))


def _encoding(data: bytes) -> str:
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "像是 UTF-16（记事本的“Unicode”）：另存为 UTF-8"
    try:
        data.decode("gb18030")
    except UnicodeDecodeError:
        return "另存为 UTF-8"
    return "像是 GB 18030（GBK）：另存为 UTF-8"


def _yaml_hint(text: str, span: Span) -> str:
    lines = text.split("\n")
    line = lines[span.line - 1] if span.line <= len(lines) else ""
    if "\t" in line:
        return "缩进用空格，不用制表符"
    return "冒号要用半角“:”，后面空一格" if "：" in line else "检查缩进、冒号后的空格、括号与引号是否成对"
