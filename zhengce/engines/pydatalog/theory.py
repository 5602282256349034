"""All that touches the library: one theory of stored facts, and single rules put to it.

Values go in as engines keep them: `str`, whole `int` and `date`, never a float (pyDatalog rounds those to 26 bits) nor a
bool (for it, True is 1). A decimal is the int of its millionths, and since columns are typed it never meets a number. The
objects of `pyEngine` are made directly, for a text is never parsed then: a quote or a Chinese name in it means nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from itertools import count
from typing import TYPE_CHECKING, Any, NamedTuple

from ...errors import EngineError
from ...language import say

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ...datalog.checked import Row

OPERATORS = {"=": "==", "!=": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">="}


class Unknown(NamedTuple):
    """A variable of a rule."""

    number: int


class Known(NamedTuple):
    """A constant of a rule."""

    value: Any


Term = Unknown | Known


class Stored(NamedTuple):
    """A predicate that holds facts, each as a key and other terms; `keyed`: how many values the key has."""

    predicate: Any
    keyed: int


class Derived(NamedTuple):
    """A rule that the library has."""

    clause: Any


class Theory:
    """What pyDatalog knows during one evaluation, in one thread. Use it inside `opened`.

    A predicate's name is a number: no predicate or resolver of a user's own has such a name, and no sign in it means anything.
    """

    def __init__(self, library: Any) -> None:
        self._library = library
        self._numbers = count()
        self._facts: dict[str, list[Any]] = {}

    def hold(self, rows: Iterable[Row], keyed: int, width: int) -> Stored:
        """Facts for these rows, of which the first `keyed` values are the key that they are looked up by."""
        arity = width - keyed + bool(keyed)
        predicate = self._library.Pred(str(next(self._numbers)), arity)
        predicate.prearity = arity
        self._library.insert(predicate)
        stored = Stored(predicate, keyed)
        self.add(stored, rows)
        return stored

    def add(self, stored: Stored, rows: Iterable[Row]) -> None:
        """More facts; one that is there already changes nothing."""
        library, (predicate, keyed) = self._library, stored
        kept = self._facts.setdefault(predicate.name, [])
        for row in rows:
            terms = [library.Const(value) for value in row]
            if keyed > 1:
                terms[:keyed] = [self._key(terms[:keyed])]
            fact = library.Clause(library.Literal(predicate, terms), [])
            library.assert_(fact)
            kept.append(fact)

    def drop(self, stored: Stored) -> None:
        """Forget a predicate and its facts."""
        for fact in self._facts.pop(stored.predicate.name):
            self._library.retract(fact)
        self._library.remove(stored.predicate)

    def literal(self, stored: Stored, terms: Sequence[Term], *, negated: bool = False) -> Any:
        """An atom of a body. When it is reached, the terms of its key must be bound."""
        made = self._terms(terms)
        if stored.keyed > 1:
            made[: stored.keyed] = [self._key(made[: stored.keyed])]
        return self._library.Literal(f"~{stored.predicate.name}" if negated else stored.predicate.name, made)

    def comparison(self, operator: str, left: Term, right: Term) -> Any:
        return self._library.Literal(OPERATORS[operator], self._terms((left, right)))

    def rule(self, wanted: Sequence[Unknown], body: list[Any]) -> Derived:
        """The one rule of a new predicate: `new(wanted) <= body`."""
        head = self._library.Literal(str(next(self._numbers)), self._terms(wanted))
        return Derived(self._library.assert_(self._library.Clause(head, body)))

    def derived(self, rule: Derived) -> Any:
        """An atom that holds for what a rule derives, with the rule's own variables."""
        head = rule.clause.head
        return self._library.Literal(head.pred.name, list(head.terms))

    def answers(self, rule: Derived) -> list[Row]:
        """The rows that a rule derives, each once."""
        head = rule.clause.head
        asked = self._terms([Unknown(-1 - i) for i in range(len(head.terms))])
        found = self._library.Literal(head.pred.name, asked).ask()
        return [()] if found is True else found

    def forget(self, rule: Derived) -> None:
        self._library.retract(rule.clause)
        self._library.remove(rule.clause.head.pred)

    def clear(self) -> None:
        """Take back every fact: some builds of the library never free what stands in their index."""
        for facts in self._facts.values():
            for fact in facts:
                self._library.retract(fact)
        self._facts.clear()

    def _terms(self, terms: Iterable[Term]) -> list[Any]:
        make, constant = self._library.Var, self._library.Const
        return [constant(t.value) if isinstance(t, Known) else make(f"v{t.number}") for t in terms]

    def _key(self, terms: list[Any]) -> Any:
        """Several columns as one term, so that the library finds a row by all of them at once."""
        return self._library.VarTuple(terms)


@contextmanager
def opened() -> Iterator[Theory]:
    """A theory of our own. What this thread has in pyDatalog is set aside, and is there again afterwards.

    Raises `EngineError` when the library is not installed.
    """
    try:
        from pyDatalog import Logic, pyEngine, pyParser
    except ImportError:
        message = say("没有安装 {name}", name="pyDatalog")
        raise EngineError(message, hint="pip install 'zhengce[pydatalog]'") from None
    with ExitStack() as stack:
        for storage in (Logic.tl, pyEngine.Fresh_var.tl, pyParser.Thread_storage):
            stack.enter_context(_set_aside(storage))
        Logic()
        theory = Theory(pyEngine)
        try:
            yield theory
        finally:
            theory.clear()


@contextmanager
def _set_aside(storage: Any) -> Iterator[None]:
    """Keep the contents of a `threading.local` of this thread."""
    kept = dict(storage.__dict__)
    try:
        yield
    finally:
        storage.__dict__.clear()
        storage.__dict__.update(kept)
