"""The text of a document cut into its clauses, as the document's own list of clauses guides it.

A line that begins with a number (第一条, 一、, （一）, 1., （1）), or says only a clause's name (附件), may begin a clause;
which one is found by laying the numbers of the text against those of the list, in order. A clause's text are the lines up to
the next number: where others stand below it, its own words before them. A row of a table in which no clause begins belongs to
the clause that holds the table (its head, its total), unless it goes on with the one above.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from ..keeping import blake2b

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    Owner = str | int  # a clause of the list, or the line where one begins that is not in it

FRONT = ""
NUMERAL = "[一二三四五六七八九十百零〇]+"
# from the outermost down, as official documents number what they say
NUMBERS = tuple(
    re.compile(pattern)
    for pattern in (
        r"(附件\s*[0-9一二三四五六七八九十]*)\s*[:：]?\s*\Z",
        rf"(第\s*(?:{NUMERAL}|[0-9]+)\s*章)",
        rf"(第\s*(?:{NUMERAL}|[0-9]+)\s*节)",
        rf"(第\s*(?:{NUMERAL}|[0-9]+)\s*条)",
        rf"({NUMERAL})\s*、",
        rf"[（(]\s*({NUMERAL})\s*[）)]",
        r"([0-9]{1,3})\s*[.．、](?![0-9.]*\Z)",
        r"[（(]\s*([0-9]{1,3})\s*[）)]",
    )
)
CHINESE, ARABIC = (4, 5), (6, 7)  # where in NUMBERS
ALONE = ((re.compile(rf"({NUMERAL})\Z"), CHINESE[0]), (re.compile(r"([0-9]{1,3})\Z"), ARABIC[0]))
DECIMAL = re.compile(r"[0-9]+\.[0-9]{1,2}(?![0-9])")
LIST_OF_ATTACHMENTS = re.compile(r"附件\s*[:：]\s*\S")
BOOKMARK = re.compile(r"\[bookmark:[^\]]*\]")
WHITE = r"[\s\u00ad\u200b-\u200d\u2060\ufeff]+"
BETWEEN_WORDS = re.compile(rf"(?<=[0-9A-Za-z]){WHITE}(?=[0-9A-Za-z])")
ANY_WHITE = re.compile(WHITE)
HEADED_WITHIN = 8  # the signs of a number, at most


class Clause(NamedTuple):
    """An entry of a document's list: ids without the document, as `二.一.1`."""

    id: str
    parent: str
    heading: str

    @property
    def label(self) -> str:
        """Its own number, without those above."""
        return self.id.removeprefix(f"{self.parent}.") if self.parent else self.id


class Cut(NamedTuple):
    """What was found: `texts` of the clauses of the list, by id (`FRONT`: what stands before the first); `others`: the clauses
    that are not in it, by the id that they would have, in the order of the text."""

    texts: Mapping[str, str]
    others: Sequence[tuple[str, str]]


class Number(NamedTuple):
    """The number that a line begins with; `rank`: its place in NUMBERS; `sure`: not a decimal, nor a bare number in a table,
    which count only where the list has them."""

    line: int
    rank: int
    label: str
    sure: bool = True


def digest(text: str) -> str:
    """16 hexadecimal digits for what a text says.

    Not counted is what an editor changes without a meaning: the ends of lines, white space of every width (between two Latin
    letters or digits a run of it counts as one space), signs without width, and the `[bookmark: …]` of a converter.
    """
    parts = BETWEEN_WORDS.split(BOOKMARK.sub("", text))
    plain = " ".join(ANY_WHITE.sub("", part) for part in parts)
    return blake2b(plain.encode(), digest_size=8).hexdigest()


def cut(lines: Sequence[str], clauses: Sequence[Clause], recorded: Mapping[str, str]) -> Cut:
    """The texts of the clauses. `recorded`: the digests known of them, which settle where one ends whose next has no number."""
    return _Cutting(lines, clauses, recorded).cut()


class _Cutting:
    def __init__(self, lines: Sequence[str], clauses: Sequence[Clause], recorded: Mapping[str, str]) -> None:
        self.lines = [ANY_WHITE.sub(" ", BOOKMARK.sub("", line)).strip() for line in lines]
        self.columns = list(_columns(lines))
        self.clauses, self.recorded = clauses, recorded
        self.ranks = _ranks(clauses)
        self.numbers = list(self.numbered())
        self.digests = dict(self.digested())
        self.starts = dict(self.aligned())
        self.numbers = list(self.counting())
        self.owners: list[Owner] = list(self.owned(self.starts))

    def cut(self) -> Cut:
        for n, clause in enumerate(self.clauses):
            if clause.id not in self.owners:
                self.in_its_place(n)
        owned = list(dict.fromkeys(self.owners))
        texts = {o: text for o in owned if isinstance(o, str) and (text := self.text(o))}
        return Cut(texts, [(self.would_be(o), self.text(o)) for o in owned if isinstance(o, int)])

    def text(self, owner: Owner) -> str:
        return "\n".join(line for line, o in zip(self.lines, self.owners, strict=True) if o == owner and line)

    # -- where clauses begin ------------------------------------------------------------------------------------------------

    def numbered(self) -> Iterator[Number]:
        """Every line that begins with a number or is the name of a clause; not the items of a list of attachments."""
        names = {clause.label for clause in self.clauses}
        listing = False
        for n, line in enumerate(self.lines):
            found = _number(n, line, self.columns[n] == 0 and self.columns[n - 1] < 0, names)
            listing = bool(LIST_OF_ATTACHMENTS.match(line)) or (listing and (not line or bool(found and found.rank in ARABIC)))
            if found and not listing:
                yield found

    def counting(self) -> Iterator[Number]:
        """The numbers of clauses: those of the list, and of the others those that are sure and stand, in a table, only where
        such numbers do."""
        columns: dict[int, set[int]] = {}
        for number in self.numbers:
            if number.line in self.starts and self.columns[number.line] >= 0:
                columns.setdefault(number.rank, set()).add(self.columns[number.line])
        for number in self.numbers:
            column = self.columns[number.line]
            usual = column < 0 or column in columns.get(number.rank, {column})
            if number.line in self.starts or (number.sure and usual):
                yield number

    def aligned(self) -> Iterator[tuple[int, str]]:
        """The lines at which the clauses of the list begin: the most that can be had in order, the best fit first."""
        n, m = len(self.clauses), len(self.numbers)
        best = [[0] * (m + 1) for _ in range(n + 1)]
        fits = [[self.fit(clause, number) for number in self.numbers] for clause in self.clauses]
        for i in reversed(range(n)):
            for j in reversed(range(m)):
                both = fits[i][j] + best[i + 1][j + 1] if fits[i][j] else 0
                best[i][j] = max(both, best[i + 1][j], best[i][j + 1])
        i = j = 0
        while i < n and j < m:
            if fits[i][j] and best[i][j] == fits[i][j] + best[i + 1][j + 1]:
                yield self.numbers[j].line, self.clauses[i].id
                i, j = i + 1, j + 1
            elif best[i][j] == best[i][j + 1]:
                j += 1
            else:
                i += 1

    def digested(self) -> Iterator[tuple[int, str]]:
        """The digest of what stands between each number and the next."""
        ends = [number.line for number in self.numbers[1:]] + [len(self.lines)]
        for number, end in zip(self.numbers, ends, strict=True):
            yield number.line, digest("\n".join(self.lines[number.line : end]))

    def fit(self, clause: Clause, number: Number) -> int:
        """How well a number is that of a clause; 0: not at all."""
        if number.label != clause.label or number.rank not in self.ranks[clause.id]:
            return 0
        same = self.digests[number.line] == self.recorded.get(clause.id)
        return 4 + 2 * same + self.headed(clause, self.lines[number.line]) - (number.rank != self.ranks[clause.id][0])

    # -- what belongs to them -------------------------------------------------------------------------------------------------

    def owned(self, starts: Mapping[int, str]) -> Iterator[Owner]:
        """For each line the clause that it belongs to."""
        begins: dict[int, Owner] = {number.line: number.line for number in self.numbers}
        begins.update(starts)
        current: Owner = FRONT
        holder, column = current, -1  # of the table; where the clause began in it
        for row in _rows(self.columns):
            inside = self.columns[row[0]] >= 0
            if not inside and self.lines[row[0]]:
                holder = begins.get(row[0], current)
            aside = inside and not begins.keys() & set(row) and self.stands_alone(row, column)
            for n in row:
                if n in begins:
                    current, column = begins[n], self.columns[n]
                yield holder if aside else current

    def stands_alone(self, row: Sequence[int], column: int) -> bool:
        """Whether a row says something in the column where the clause above it began."""
        return any(self.lines[n] and self.columns[n] == column for n in row)

    def in_its_place(self, missing: int) -> None:
        """Find a clause whose number is not there: it is the only other one that stands in its place, with a number of its kind
        or with its heading; or it begins where the clause before ends, as the digest recorded of that shows."""
        clause, ids = self.clauses[missing], [each.id for each in self.clauses]
        before, after = ids[max(0, missing - 1) : missing], ids[missing + 1 : missing + 2]
        if not {*before, *after} <= {*self.owners}:
            return
        first = self.owners.index(before[0]) if before else 0
        last = self.owners.index(after[0]) if after else len(self.lines)
        others = list(dict.fromkeys(o for o in self.owners[first:last] if isinstance(o, int)))
        alike = [o for o in others if self.number(o).rank in self.ranks[clause.id] or self.headed(clause, self.text(o))]
        begins = alike if len(others) == 1 else [n for n in range(first, last) if self.shown(n, clause.id)][:1]
        if begins:
            self.starts[begins[0]] = clause.id
            self.owners = list(self.owned(self.starts))

    def shown(self, line: int, id_: str) -> bool:
        """Whether the clause that has a line now is as recorded only when another begins there."""
        owner = self.owners[line]
        if not self.lines[line] or line in self.starts or not isinstance(owner, str):
            return False
        known, text = self.recorded.get(owner), self.text(owner)
        if known is None or digest(text) == known:
            return False
        self.owners, before = list(self.owned({**self.starts, line: id_})), self.owners
        text, self.owners = self.text(owner), before
        return digest(text) == known

    @staticmethod
    def headed(clause: Clause, text: str) -> bool:
        return clause.heading in ANY_WHITE.sub("", text)[: len(clause.heading) + HEADED_WITHIN]

    # -- what is not in the list ---------------------------------------------------------------------------------------------

    def number(self, line: int) -> Number:
        return next(number for number in self.numbers if number.line == line)

    def would_be(self, line: int) -> str:
        """The id that a clause would have: its number below the nearest one further out."""
        number = self.number(line)
        above = [each.line for each in self.numbers if each.line < line and each.rank < number.rank]
        if not above or number.rank == 0:
            return number.label
        owner = self.owners[above[-1]]
        return f"{owner if isinstance(owner, str) else self.would_be(above[-1])}.{number.label}"


def _columns(lines: Sequence[str]) -> Iterator[int]:
    """For each line the column of the table in which it stands, from 0; -1 outside."""
    column = -1
    for line in lines:
        column = column + 1 if line.startswith("\t") else column if line.strip() else -1
        yield column


def _rows(columns: Sequence[int]) -> Iterator[list[int]]:
    """The lines in groups: each row of a table together, any other line alone."""
    row: list[int] = []
    for n, column in enumerate(columns):
        if row and (column < 0 or columns[n - 1] < 0):
            yield row
            row = []
        row.append(n)
    if row:
        yield row


def _number(n: int, line: str, first_in_row: bool, names: set[str]) -> Number | None:
    """The number that a line begins with. A bare one counts at the beginning of a row."""
    for rank, pattern in enumerate(NUMBERS):
        if found := pattern.match(line):
            return Number(n, rank, found[1].replace(" ", ""), not DECIMAL.match(line))
    if line in names and not any(pattern.match(line) for pattern, _ in ALONE):
        return Number(n, 0, line)
    alone = ((pattern.match(line), rank) for pattern, rank in ALONE) if first_in_row else ()
    return next((Number(n, rank, found[1], False) for found, rank in alone if found), None)


def _ranks(clauses: Sequence[Clause]) -> dict[str, tuple[int, ...]]:
    """The ranks that the number of each clause may have, the likeliest first: its kind's, further in than that above it."""
    ranks: dict[str, tuple[int, ...]] = {}
    for clause in clauses:
        above = ranks.get(clause.parent, (-1,))[0]
        ranks[clause.id] = tuple(rank for rank in _kind(clause.label) if rank > above) or _kind(clause.label)
    return ranks


def _kind(label: str) -> tuple[int, ...]:
    if label.isdecimal():
        return ARABIC
    if re.fullmatch(NUMERAL, label):
        return CHINESE
    return next(((rank,) for rank, pattern in enumerate(NUMBERS[:4]) if pattern.match(label)), (0,))
