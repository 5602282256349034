"""Text to `Program`. The grammar is the file beside this one; here its pieces become the nouns of `syntax`.

Several heads and `;` are unfolded on the way, negation of a group is pushed inwards, and what Soufflé would refuse
(reserved words as names, escapes it does not know) is refused with a message that names the fix.
"""

from __future__ import annotations

import re
from contextlib import contextmanager
from decimal import Decimal
from functools import cache
from itertools import product
from typing import TYPE_CHECKING, Any

from ..errors import RuleSyntaxError, RuleTypeError, Span, ZhengceError, did_you_mean, raise_all
from ..language import later, say
from . import syntax as s

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lark import Lark, Token
    from lark.exceptions import UnexpectedInput

RESERVED = frozenset(
    (
        "as band bnot bor btree bxor brie cat contains count eqrel false inline land lnot lor lxor match max "
        "mean min nil ord range strlen substr sum to_float to_number to_string to_unsigned true autoinc"
    ).split()
)
ESCAPES = {"\\": "\\", '"': '"', "n": "\n", "t": "\t", "r": "\r"}
NEGATED = {"=": "!=", "!=": "=", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}
MOST_ALTERNATIVES = 1000
DEEPEST = 100

Conjunction = tuple[s.Literal, ...]


def parse(text: str, file: str = "<rules>") -> s.Program:
    """Read the text of one file. A BOM is dropped. Raises `RuleSyntaxError`."""
    from lark.exceptions import UnexpectedInput

    text = text.removeprefix("\ufeff")
    builder = _Builder(file, text)
    try:
        tree = grammar().parse(text)
    except UnexpectedInput as error:
        raise _syntax_error(error, text, file) from None
    program = builder.program(tree)
    raise_all(builder.errors)
    return program


@cache
def grammar(*, every_token: bool = False) -> Lark:
    """The parser to trees; with `every_token`, commas and brackets are in them too."""
    from importlib.resources import files

    from lark import Lark

    text = files(__package__).joinpath("grammar.lark").read_text(encoding="utf-8")
    return Lark(text, parser="lalr", maybe_placeholders=False, keep_all_tokens=every_token)


class _Builder:
    """Turns the parse tree of one file into a `Program`; what is wrong gathers in `errors`."""

    def __init__(self, file: str, text: str) -> None:
        self.file, self.text = file, text
        self.errors: list[ZhengceError] = []
        self.depth = 0

    def program(self, tree: Any) -> s.Program:
        declarations: list[s.Declaration] = []
        rules: list[s.Rule] = []
        directives: list[s.Directive] = []
        for item in tree.children:
            match item.data:
                case "declaration":
                    declarations.append(self.declaration(item.children))
                case "directive":
                    kind = item.children[0][1:]
                    directives.append(s.Directive(kind, *self.name(item.children[1])))
                case _:
                    rules += self.clause(item.children)
        return s.Program(tuple(declarations), tuple(rules), tuple(directives), ((self.file, self.text),))

    def declaration(self, children: list[Any]) -> s.Declaration:
        notes = self.annotations(children)
        name, span = self.name(next(c for c in children if c is not None and getattr(c, "data", "") == "name"))
        columns = tuple(self.column(c) for c in children if getattr(c, "data", "") == "column")
        return s.Declaration(name, columns, notes, span)

    def column(self, tree: Any) -> s.Column:
        name, span = self.name(tree.children[0])
        token = tree.children[1].children[0]
        if token not in s.TYPES:
            hint = did_you_mean(token, s.TYPES)
            self.error(RuleTypeError, say("没有“{name}”这种类型", name=token), token, hint)
        return s.Column(name, str(token), span)  # type: ignore[arg-type]

    def annotations(self, children: list[Any]) -> tuple[s.Annotation, ...]:
        notes = (n for c in children if getattr(c, "data", "") == "annotation" for n in c.children)
        return tuple(self.note(n.children) for n in notes)

    def note(self, children: list[Token]) -> s.Annotation:
        value = self.unescape(children[1]) if len(children) > 1 else ""
        return s.Annotation(str(children[0]), value, self.span(children[0]))

    def clause(self, children: list[Any]) -> list[s.Rule]:
        notes = self.annotations(children)
        heads = next(c for c in children if c.data == "heads").children
        body = next((c for c in children if c.data == "alternatives"), None)
        bodies = self.alternatives(body) if body is not None else [()]
        atoms = [self.atom(head) for head in heads]
        return [s.Rule(head, body, notes, head.span) for head in atoms for body in bodies]

    # -- bodies, as a list of conjunctions ------------------------------------------------------------------------

    def alternatives(self, tree: Any, negated: bool = False) -> list[Conjunction]:
        """`;` of `,`; negated, `,` of `;`."""
        parts = [self.conjunction(c, negated) for c in tree.children]
        return self.every(parts, tree) if negated else [c for part in parts for c in part]

    def conjunction(self, tree: Any, negated: bool) -> list[Conjunction]:
        parts = [self.literal(c, negated) for c in tree.children]
        return [c for part in parts for c in part] if negated else self.every(parts, tree)

    def every(self, parts: list[list[Conjunction]], tree: Any) -> list[Conjunction]:
        """One conjunction for each way to take one from every part."""
        size = 1
        for part in parts:
            size *= len(part)
        if size > MOST_ALTERNATIVES:
            token = _first(tree)
            message = say("“;”展开后有 {number} 种情形，太多了", number=size)
            self.error(RuleSyntaxError, message, token, say("给其中一部分单独立一个关系"))
            return [()]
        return [tuple(lit for part in chosen for lit in part) for chosen in product(*parts)]

    def literal(self, tree: Any, negated: bool) -> list[Conjunction]:
        with self.deeper(tree):
            return self.one_literal(tree, negated)

    def one_literal(self, tree: Any, negated: bool) -> list[Conjunction]:
        match tree.data:
            case "atom":
                atom = self.atom(tree)
                return [(s.Negation(atom, atom.span) if negated else atom,)]
            case "negation":
                return self.literal(tree.children[1], not negated)
            case "group":
                return self.alternatives(tree.children[0], negated)
            case _:
                left, operator, right = tree.children
                sign = NEGATED[operator] if negated else str(operator)
                return [(s.Comparison(sign, self.term(left), self.term(right), None, self.span(operator)),)]

    def atom(self, tree: Any) -> s.Atom:
        name = self.checked(tree.children[0])
        return s.Atom(name, tuple(map(self.term, tree.children[1:])), self.span(tree.children[0]))

    # -- terms ----------------------------------------------------------------------------------------------------

    @contextmanager
    def deeper(self, tree: Any) -> Iterator[None]:
        """One level further in; what is nested too deeply would exhaust the stack later."""
        self.depth += 1
        if self.depth > DEEPEST:
            message, hint = say("嵌套超过 {most} 层", most=DEEPEST), say("把它拆成几条规则")
            raise RuleSyntaxError(message, span=self.span(_first(tree)), hint=hint, source=self.text)
        yield
        self.depth -= 1

    def term(self, tree: Any) -> s.Term:
        with self.deeper(tree):
            return self.one_term(tree)

    def one_term(self, tree: Any) -> s.Term:
        children = tree.children
        token = children[0]
        match tree.data:
            case "variable":
                return s.Variable(self.checked(token), self.span(token))
            case "wildcard":
                return s.Wildcard(self.span(token))
            case "number":
                return self.number(token)
            case "decimal":
                return self.decimal(token)
            case "string":
                return s.Constant(self.unescape(token), None, self.span(token))
            case "operation":
                left, operator, right = children
                return s.Operation(str(operator), (self.term(left), self.term(right)), None, self.span(operator))
            case "minus":
                return _minus(self.term(children[1]), self.span(token))
            case "functor":
                return s.Operation(str(token), tuple(map(self.term, children[1:])), None, self.span(token))
            case _:
                return self.aggregate(children)

    def aggregate(self, children: list[Any]) -> s.Aggregate:
        function, *target, body = children
        alternatives = self.alternatives(body.children[0])
        if len(alternatives) != 1:
            hint = say("给花括号里的内容单独立一个关系")
            self.error(RuleSyntaxError, say("聚合的花括号里不能有“;”"), function, hint)
        term = self.term(target[0]) if target else None
        return s.Aggregate(str(function), term, alternatives[0], None, self.span(function))

    def number(self, token: Token) -> s.Constant:
        if len(token) > 40:  # Python itself refuses to read thousands of digits
            self.error(RuleTypeError, say("{value} 超出 64 位整数的范围", value=f"{token[:40]}…"), token)
        return s.Constant(int(token[:40]), None, self.span(token))

    def decimal(self, token: Token) -> s.Constant:
        if len(token.partition(".")[2]) > 6:
            self.error(RuleSyntaxError, say("小数 {value} 超过六位", value=token), token, say("小数最多写到小数点后六位"))
        return s.Constant(Decimal(token), None, self.span(token))

    def unescape(self, token: Token) -> str:
        def one(found: re.Match[str]) -> str:
            if found[1] not in ESCAPES:
                message = say("字符串里没有“\\{sign}”这种转义", sign=found[1])
                self.error(RuleSyntaxError, message, token, say("直接写出该字符"))
            return ESCAPES.get(found[1], "")

        return re.sub(r"\\(.)", one, token[1:-1])

    # -- names and places -----------------------------------------------------------------------------------------

    def name(self, tree: Any) -> tuple[str, Span]:
        return self.checked(tree.children[0]), self.span(tree.children[0])

    def checked(self, token: Token) -> str:
        if token in RESERVED:
            hint = say("换个名称，如 {name}_value", name=token)
            self.error(RuleSyntaxError, say("“{name}”是保留字，不能作名称", name=token), token, hint)
        return str(token)

    def span(self, token: Token) -> Span:
        return Span(self.file, token.line or 1, token.column or 1, len(token))

    def error(self, kind: type[ZhengceError], message: str, token: Token, hint: str = "") -> None:
        self.errors.append(kind(message, span=self.span(token), hint=hint, source=self.text))


def _first(tree: Any) -> Token:
    """The leftmost word of a piece of the text."""
    while hasattr(tree, "children"):
        tree = tree.children[0]
    return tree  # type: ignore[no-any-return]


def _minus(term: s.Term, span: Span) -> s.Term:
    """A negative literal is one constant, so that the least 64-bit number can be written."""
    if isinstance(term, s.Constant) and not isinstance(term.value, str) and not str(term.value).startswith("-"):
        return s.Constant(-term.value, None, span)  # type: ignore[operator]
    return s.Operation("neg", (term,), None, span)


HINTS = later(
    (
        (r"'", '字符串用双引号："…"'),
        (r'"[^"\n]*$', "字符串没有结束：缺少右边的双引号"),
        (r"/\*", "注释没有结束：缺少 */"),
        (r"[，。；：（）“”！]", "这里要用半角标点"),
        (r"\d+[eE]\d+|[eE]\d+", "不支持科学记数法，写出全部数字"),
        (r"\.\w+", "可用的指令只有 .decl、.input、.output"),
        (r"[A-Za-z_]\w*\s*=\s*\d+\.\s", "小数点后要有数字，如 2.0"),
    )
)


def _syntax_error(error: UnexpectedInput, text: str, file: str) -> RuleSyntaxError:
    from lark.exceptions import UnexpectedEOF, UnexpectedToken

    ended = isinstance(error, UnexpectedEOF) or (isinstance(error, UnexpectedToken) and error.token.type == "$END")
    if ended:
        lines = text.rstrip().split("\n")
        span = Span(file, len(lines), max(1, len(lines[-1])))
        return RuleSyntaxError(say("文字到此为止，语句还没有完"), span=span, hint=say("语句以“.”结束"), source=text)
    lines = text.split("\n")
    rest = lines[error.line - 1][error.column - 1 :] if error.line <= len(lines) else ""
    found = str(error.token) if isinstance(error, UnexpectedToken) else rest[:1]
    span = Span(file, error.line, error.column, max(1, len(found.split("\n")[0])))
    hint = next((say(hint) for pattern, hint in HINTS if re.match(pattern, rest)), _expected(error))
    return RuleSyntaxError(say("这里不能是“{found}”", found=found), span=span, hint=hint, source=text)


def _expected(error: UnexpectedInput) -> str:
    """The few signs that could stand here."""
    names: set[str] = set()
    for attribute in ("accepts", "expected", "allowed"):
        names = names or set(getattr(error, attribute, None) or ())
    signs = {
        "DOT": ".",
        "COMMA": ",",
        "RPAR": ")",
        "LPAR": "(",
        "__ANON_0": "@[",
        "__ANON_1": ":-",
        "COLON": ":",
        "LBRACE": "{",
        "RBRACE": "}",
    }
    shown = [signs[n] for n in signs if n in names]
    return say("可以是 {signs}", signs=" ".join(shown)) if shown else ""
