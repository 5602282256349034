"""What an exported program may hold: a reading of Soufflé's syntax, and of the design's table, apart from ours.

`faults(text)` gives what is wrong, in words; nothing for a program that uses only what is known to work in Soufflé 2.5.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any, NamedTuple

TOKEN = re.compile(
    r'\s+|//[^\n]*|(?P<string>"(?:[^"\\\n]|\\["\\ntr])*")|(?P<decimal>\d+\.\d+)|(?P<number>\d+)'
    r"|(?P<directive>\.(?:type|decl|output)\b)|(?P<name>[A-Za-z_][A-Za-z0-9_]*)|(?P<sign>:-|!=|<=|>=|@\[|[=<>!,.:;()\[\]{}+\-*/%])"
)
WORDS = set(  # of src/parser/scanner.ll of Soufflé 2.5, and what its preprocessor replaces
    """autoinc band bor bxor bnot bshl bshr bshru land lor lxor lnot match mean cat ord fold range strlen substr stateful
    contains output input overridable printsize eqrel inline no_inline magic no_magic brie btree_delete btree min max as nil
    count sum true false to_float to_number to_string to_unsigned itou itof utoi utof ftoi ftou debug_delta
    recursive_iteration_cnt linux unix i386""".split()
)
TYPES = ("symbol", "number", "decimal", "date")
PRELUDE = [".type decimal = float", ".type date = symbol"]
BINARY = {"+": 1, "-": 1, "*": 2, "/": 2, "%": 2}
COMPARISONS = ("=", "!=", "<", "<=", ">", ">=")
AGGREGATES = ("count", "sum", "min", "max", "mean")


class Fault(Exception):
    """Something that Soufflé might not read as it is meant."""


class Token(NamedTuple):
    kind: str
    text: str
    line: int


class Aggregate(NamedTuple):
    function: str
    target: Any
    body: list[Any]


class Call(NamedTuple):
    """Arithmetic, or `min`, `max`, `to_float`."""

    operator: str
    arguments: list[Any]


class Atom(NamedTuple):
    relation: str
    arguments: list[Any]
    negated: bool = False


class Comparison(NamedTuple):
    operator: str
    left: Any
    right: Any


class Clause(NamedTuple):
    head: Atom
    body: list[Any]
    line: int


def faults(text: str) -> list[str]:
    """What is wrong with a program; nothing when it is fine."""
    try:
        reader = Reader(list(tokens(text)))
        reader.program()
        return [
            *declared(reader),
            *(f"line {c.line}: {fault}" for c in reader.clauses for fault in Rule(c, reader.types).faults()),
        ]
    except Fault as fault:
        return [str(fault)]


def tokens(text: str) -> Iterator[Token]:
    place, line = 0, 1
    while place < len(text):
        found = TOKEN.match(text, place)
        if not found:
            raise Fault(f"line {line}: {text[place : place + 20]!r}")
        if found.lastgroup:
            yield Token(found.lastgroup, found[0], line)
        line += found[0].count("\n")
        place = found.end()


class Reader:
    """Recursive descent. `types`: the columns of each relation."""

    def __init__(self, read: list[Token]) -> None:
        self.left = [*reversed(read)]
        self.types: dict[str, list[str]] = {}
        self.outputs: list[str] = []
        self.clauses: list[Clause] = []
        self.prelude: list[str] = []

    def program(self) -> None:
        while self.left:
            while self.taken("@["):
                self.annotation()
            match self.left[-1].text:
                case ".type":
                    self.prelude.append(" ".join(self.next().text for _ in range(4)))
                case ".decl":
                    self.declaration()
                case ".output":
                    self.next()
                    self.outputs.append(self.name())
                case _:
                    self.clause()

    def next(self) -> Token:
        if not self.left:
            raise Fault("the text ends too early")
        return self.left.pop()

    def taken(self, *signs: str) -> str:
        return self.next().text if self.left and self.left[-1].text in signs else ""

    def must(self, sign: str) -> None:
        if not self.taken(sign):
            raise Fault(f"line {self.left[-1].line}: {self.left[-1].text} instead of {sign}")

    def name(self) -> str:
        token = self.next()
        if token.kind != "name" or token.text in WORDS or token.text.startswith("__") or token.text == "_":
            raise Fault(f"line {token.line}: {token.text} is no name")
        return token.text

    def annotation(self) -> None:
        while True:
            if self.next().kind != "name":
                raise Fault("an annotation without a name")
            self.must("=")
            if self.next().kind != "string":
                raise Fault("an annotation without a string")
            if not self.taken(","):
                break
        self.must("]")

    def declaration(self) -> None:
        self.next()
        relation, columns = self.name(), []
        self.must("(")
        names = []
        while not self.taken(")"):
            names.append(self.name())
            self.must(":")
            columns.append(self.next().text)
            self.taken(",")
        if len(set(names)) < len(names) or relation in self.types or relation in (*TYPES, "float", "unsigned"):
            raise Fault(f"{relation} declared badly")
        if set(columns) - set(TYPES):
            raise Fault(f"{relation} has columns of unknown types")
        self.types[relation] = columns

    def clause(self) -> None:
        line = self.left[-1].line
        head, body = self.atom(), []
        if self.taken(":-"):
            body = self.literals()
        self.must(".")
        self.clauses.append(Clause(head, body, line))

    def literals(self) -> list[Any]:
        found = [self.literal()]
        while self.taken(","):
            found.append(self.literal())
        return found

    def literal(self) -> Any:
        if self.taken("!"):
            return self.atom()._replace(negated=True)
        if self.left[-1].kind == "name" and self.left[-1].text not in WORDS and self.left[-2].text == "(":
            return self.atom()
        left = self.expression()
        if not (operator := self.taken(*COMPARISONS)):
            raise Fault(f"line {self.left[-1].line}: no comparison")
        return Comparison(operator, left, self.expression())

    def atom(self) -> Atom:
        relation = self.name()
        self.must("(")
        arguments = []
        while not self.taken(")"):
            arguments.append(self.expression())
            self.taken(",")
        return Atom(relation, arguments)

    def expression(self, above: int = 0) -> Any:
        left = self.operand()
        while self.left[-1].text in BINARY and BINARY[self.left[-1].text] > above:
            operator = self.next().text
            left = Call(operator, [left, self.expression(BINARY[operator])])
        return left

    def operand(self) -> Any:
        if self.taken("-"):
            return Call("neg", [self.operand()]) if self.left[-1].kind not in ("number", "decimal") else self.operand()
        if self.taken("("):
            inner = self.expression()
            self.must(")")
            return inner
        token = self.left[-1]
        if token.text in AGGREGATES and not (token.text in ("min", "max") and self.left[-2].text == "("):
            return self.aggregate(self.next().text)
        if self.taken("min", "max", "to_float"):
            self.must("(")
            arguments = [self.expression()]
            while self.taken(","):
                arguments.append(self.expression())
            self.must(")")
            return Call(token.text, arguments)
        if token.kind in ("string", "number", "decimal"):
            return self.next()
        return self.next() if token.text == "_" else self.name()

    def aggregate(self, function: str) -> Aggregate:
        target = None if function == "count" else self.expression()
        self.must(":")
        self.must("{")
        body = self.literals()
        self.must("}")
        return Aggregate(function, target, body)


def declared(reader: Reader) -> Iterator[str]:
    if reader.prelude != PRELUDE:
        yield f"the prelude is {reader.prelude}"
    for name in reader.outputs:
        if name not in reader.types:
            yield f"{name} is put out and not declared"


class Rule:
    """One clause. Variables are told apart by where they live: `name` in the rule, `(aggregate, name)` in an aggregate."""

    def __init__(self, clause: Clause, columns: dict[str, list[str]]) -> None:
        self.clause, self.columns = clause, columns
        self.own = {n for part in (clause.head, *clause.body) for n in names(part, inside=False)}
        self.types: dict[Any, str] = {}

    def faults(self) -> Iterator[str]:
        atoms = [self.clause.head, *(a for part in self.clause.body for a in atoms_in(part))]
        for atom in atoms:
            if len(self.columns.get(atom.relation, ())) != len(atom.arguments):
                yield f"{atom.relation} is not declared with {len(atom.arguments)} columns"
                return
        yield from self.shape()
        before = -1
        while before < len(self.types):
            before = len(self.types)
            list(self.typed())
        yield from self.typed()

    def shape(self) -> Iterator[str]:
        head = self.clause.head
        if any(is_blank(a) or list(aggregates_in(a)) for a in head.arguments):
            yield "a `_` or an aggregate in the head"
        if not self.clause.body and not all(isinstance(a, Token) for a in head.arguments):
            yield "a fact that is not of constants"
        positive = (part for part in self.clause.body if isinstance(part, Atom) and not part.negated)
        bound = {a for part in positive for a in part.arguments if isinstance(a, str)}
        equations = (part for part in self.clause.body if isinstance(part, Comparison) and part.operator == "=")
        bound |= {side for part in equations for side in (part.left, part.right) if isinstance(side, str)}
        for part in self.clause.body:
            if isinstance(part, Atom) and any(list(aggregates_in(a)) for a in part.arguments):
                yield "an aggregate in an atom"
            for aggregate in aggregates_in(part):
                yield from self.aggregate(aggregate, bound)

    def aggregate(self, aggregate: Aggregate, bound: set[str]) -> Iterator[str]:
        if any(list(aggregates_in(part)) for part in (aggregate.target, *aggregate.body)):
            yield "an aggregate in an aggregate"
        if set(names(aggregate.target)) & self.own:
            yield "an aggregated variable that is also bound outside"
        if unbound := {n for part in aggregate.body for n in names(part)} & self.own - bound:
            yield f"grouped by {unbound}, which nothing outside binds"
        atoms = [a for a in aggregate.body if isinstance(a, Atom) and not a.negated]
        doubled = any(n > 1 for n in Counter(n for a in atoms for n in names(a)).values())
        if any(is_blank(a) for atom in atoms for a in atom.arguments) and (len(atoms) > 1 or doubled):
            yield "a `_` in an aggregate over more than one atom"

    # -- types ----------------------------------------------------------------------------------------------------

    def typed(self) -> Iterator[str]:
        yield from self.literal(self.clause.head, None)
        for part in self.clause.body:
            yield from self.literal(part, None)

    def literal(self, part: Any, inside: Aggregate | None) -> Iterator[str]:
        if isinstance(part, Atom):
            for argument, type_ in zip(part.arguments, self.columns[part.relation], strict=True):
                yield from self.agrees(argument, type_, inside)
        else:
            left, right = self.type(part.left, inside), self.type(part.right, inside)
            yield from self.agrees(part.left, right, inside)
            yield from self.agrees(part.right, left, inside)
        for aggregate in aggregates_in(part):
            for literal in aggregate.body:
                yield from self.literal(literal, aggregate)
            yield from self.folded(aggregate)

    def folded(self, aggregate: Aggregate) -> Iterator[str]:
        if aggregate.target is None:
            return
        type_ = self.type(aggregate.target, aggregate)
        if aggregate.function == "mean" and type_ == "number":
            yield "a mean over number"
        if type_ in ("date", "symbol"):
            yield f"{aggregate.function} over {type_}"
        yield from self.agrees(aggregate.target, type_, aggregate)

    def agrees(self, term: Any, type_: str | None, inside: Aggregate | None) -> Iterator[str]:
        """A term is of a type (None: not known yet), and so, in arithmetic, are its operands."""
        if type_ is None or is_blank(term):
            return
        if isinstance(term, str):
            term_type = self.types.setdefault(self.place(term, inside), type_)
        else:
            term_type = self.type(term, inside) or type_
        if term_type != type_:
            yield f"{term} is {term_type}, not {type_}"
        if isinstance(term, Call):
            below = "number" if term.operator == "to_float" else type_
            if term.operator not in ("min", "max") and type_ in ("date", "symbol"):
                yield f"{term.operator} on {type_}"
            for argument in term.arguments:
                yield from self.agrees(argument, below, inside)

    def type(self, term: Any, inside: Aggregate | None) -> str | None:
        """The type of a term; None while it is not known. A string is taken for a date where it looks like one."""
        match term:
            case str():
                return self.types.get(self.place(term, inside))
            case Token("string", text):
                return None if re.fullmatch(r'"\d{4}-\d\d-\d\d"', text) else "symbol"
            case Token(kind):
                return kind
            case Call("to_float"):
                return "decimal"
            case Call(_, arguments):
                return next((t for a in arguments if (t := self.type(a, inside))), None)
            case Aggregate("count"):
                return "number"
            case Aggregate(_, target):
                return self.type(target, term)
        raise Fault(str(term))

    def place(self, name: str, inside: Aggregate | None) -> Any:
        return name if inside is None or name in self.own else (id(inside), name)


def is_blank(term: Any) -> bool:
    return isinstance(term, Token) and term.text == "_"


def parts(node: Any) -> list[Any]:
    match node:
        case Atom() | Call():
            return node.arguments
        case Comparison():
            return [node.left, node.right]
    return []


def names(node: Any, inside: bool = True) -> Iterator[str]:
    """The variables of a node; those of an aggregate only when `inside`."""
    if isinstance(node, str):
        yield node
    elif isinstance(node, Aggregate) and inside:
        for part in (node.target, *node.body):
            yield from names(part)
    for part in parts(node):
        yield from names(part, inside)


def aggregates_in(node: Any) -> Iterator[Aggregate]:
    if isinstance(node, Aggregate):
        yield node
    for part in parts(node):
        yield from aggregates_in(part)


def atoms_in(node: Any) -> Iterator[Atom]:
    if isinstance(node, Atom):
        yield node
    for aggregate in aggregates_in(node):
        for literal in aggregate.body:
            yield from atoms_in(literal)
