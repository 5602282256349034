"""Random cases of Liaoning's scheme, free of contradictions under the default readings, and how they look in YAML.

A case is drawn in pieces that cannot contradict one another, each drawn again until it does not contradict itself.
`completeness` is the chance that a thing which may be left out is said.
"""

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from re import fullmatch
from typing import Any

from brute import (
    COMPARED,
    ELEMENTS,
    FAULTS,
    FIELDS,
    JUDGES,
    KINDS,
    NOT_SELF_SCORED,
    READINGS,
    STANDARDS,
    TABLE,
    THRESHOLDS,
    contradicts,
    two_years_before,
)

Piece = dict[str, Any]
Draw = Callable[[Random, float], Piece]

DETAILS = {"附件.五.3.a": "childcare", "附件.五.5.a": "responsibility"}
RATES = ("0", "50", "89.9", "89.999999", "90", "90.0", "90.5", "99.99", "100")
PER_THOUSAND = ("0", "2.9", "3", "3.0", "3.000001", "4.5")
POINTS = ("0", "0.5", "1", "1.25", "1.5", "2", "2.0")
APPLYING = (
    date(2020, 2, 29),
    date(2021, 3, 1),
    date(2022, 2, 28),
    date(2022, 5, 20),
    date(2023, 1, 1),
    date(2024, 2, 29),
    date(2024, 5, 31),
    date(2025, 12, 31),
    date(2026, 2, 28),
    date(2026, 3, 1),
)
CYCLES = (2022, 2024, 2026)
MANY = 60  # clauses: enough to take an institution below 0


def random_case(rng: Random, *, completeness: float) -> Piece:
    """A case that does not contradict itself under the default readings."""
    case: Piece = {"city": "示例市甲", "document": "liaoning-2022"}
    for draw in [*_indicator_draws(), _scores, _institutions, _incidents, _names, _findings]:
        _merge(case, _agreeing(rng, completeness, draw))
    if contradicts(case, {}):
        raise AssertionError(f"pieces that contradict one another: {case}")
    return case


def random_readings(rng: Random) -> dict[str, str]:
    """Readings for a run: mostly left out, some stated as they are by default, some not."""
    chosen = {}
    for name, values in READINGS.items():
        if rng.random() < 0.3:
            chosen[name] = rng.choice(values)
    return chosen


def _agreeing(rng: Random, p: float, draw: Draw) -> Piece:
    piece = draw(rng, p)
    while contradicts(piece, {}):
        piece = draw(rng, p)
    return piece


def _merge(case: Piece, piece: Mapping[str, Any]) -> None:
    for key, value in piece.items():
        if isinstance(value, dict) and key != "inspected":
            case.setdefault(key, {}).update(value)
        else:
            case[key] = value


def _said(rng: Random, p: float) -> bool:
    return rng.random() < p


def _coin(rng: Random) -> bool:
    return rng.random() < 0.5


def _some(rng: Random, items: tuple[str, ...]) -> list[str]:
    return rng.sample(items, rng.randint(0, len(items)))


def _decimal(rng: Random, values: tuple[str, ...]) -> Decimal:
    return Decimal(rng.choice(values))


# --- the table ---------------------------------------------------------------------------------------------------


def _indicator_draws() -> list[Draw]:
    """One draw for each indicator that has conditions of its own, and those of the rest."""
    ordinary = [name for name, indicator in TABLE.items() if indicator.conditions]
    return [*(_ordinary(name) for name in ordinary), _plan, _policies, _discretion]


def _answered(rng: Random, condition: str, value: bool | int) -> Any:
    """The answer alone, or with its evidence and its detail."""
    answer: Piece = {"value": value}
    if rng.random() < 0.2:
        answer["evidence"] = rng.choice(("2021年决算报告", "会议纪要: 第3号", "见 #附件"))
    if value and condition in DETAILS and rng.random() < 0.7:
        answer[DETAILS[condition]] = _coin(rng)
    return answer if len(answer) > 1 or rng.random() < 0.1 else value


def _ordinary(name: str) -> Draw:
    conditions = [f"{name}.{letter}" for letter in TABLE[name].conditions]

    def draw(rng: Random, p: float) -> Piece:
        answers = {c: _answered(rng, c, _coin(rng)) for c in conditions if _said(rng, p)}
        metrics: Piece = {}
        for condition in conditions:
            metrics |= _metric(rng, p, condition)
        return {"answers": answers} | ({"metrics": metrics} if metrics else {})

    return draw


def _metric(rng: Random, p: float, condition: str) -> Piece:
    if condition in THRESHOLDS and _said(rng, p):
        return {THRESHOLDS[condition][0]: _decimal(rng, RATES)}
    if condition in COMPARED and _said(rng, p):
        values = PER_THOUSAND if condition == "附件.三.5.a" else RATES
        sides = {side: _decimal(rng, values) for side in ("city", "province") if _said(rng, max(p, 0.6))}
        if len(sides) == 2 and rng.random() < 0.3:
            sides["province"] = sides["city"]
        return {COMPARED[condition]: sides} if sides else {}
    return {}


def _plan(rng: Random, p: float) -> Piece:
    conditions = [f"附件.一.3.{letter}" for letter in "abc"]
    piece: Piece = {"answers": {c: _answered(rng, c, _coin(rng)) for c in conditions if _said(rng, p)}}
    if _said(rng, p / 2):
        piece["unclear_elements"] = _some(rng, ELEMENTS)
    return piece


def _policies(rng: Random, p: float) -> Piece:
    piece: Piece = {}
    if _said(rng, p):
        count = rng.choice((0, 1, 2, 3, 4, 9))
        piece["answers"] = {"附件.二.1.count": _answered(rng, "附件.二.1.count", count)}
    if _said(rng, p / 2):
        piece["fields"] = _some(rng, FIELDS)
    return piece


def _discretion(rng: Random, p: float) -> Piece:
    return {"discretion": {"附件.五.1": _decimal(rng, POINTS)}} if _said(rng, p) else {}


def _scores(rng: Random, p: float) -> Piece:
    """Self-assessed points, which change no answer of ours; 三.5 has none."""
    names = [name for name in TABLE if name != NOT_SELF_SCORED and _said(rng, p / 2)]
    halves = {name: rng.randint(0, int(2 * TABLE[name].max)) for name in names}
    return {"self_scores": {name: Decimal(half) / 2 for name, half in halves.items()}} if names else {}


# --- institutions ------------------------------------------------------------------------------------------------


def _institutions(rng: Random, p: float) -> Piece:
    piece: Piece = {}
    names: tuple[str, ...] = ()
    if _said(rng, p):
        names = ("A园", "B园", "C园", "D园")[: rng.randint(0, 4)]
        piece["institutions"] = list(names)
    if _said(rng, p):
        piece["inspected"] = _inspected(rng, p, names)
    if _said(rng, p):
        piece["unmet"] = _unmet(rng, names)
    return piece


def _inspected(rng: Random, p: float, names: tuple[str, ...]) -> Piece:
    said = [standard for standard in STANDARDS.values() if _said(rng, max(p, 0.5))]
    return {standard: "all" if _coin(rng) else _some(rng, names) for standard in said}


def _unmet(rng: Random, names: tuple[str, ...]) -> list[Piece]:
    """Rows of unmet clauses, some twice; now and then so many that the institution falls below 0."""
    rows = []
    for name in names:
        for standard in STANDARDS.values():
            count = rng.choice((0, 0, 1, 2, 3, 7)) if rng.random() < 0.95 else rng.randint(45, MANY)
            clauses = rng.sample(range(1, MANY + 1), count)
            rows += [{"institution": name, "standard": standard, "clause": str(clause)} for clause in clauses]
    rows += [dict(row) for row in rows[:40] if rng.random() < 0.1]
    rng.shuffle(rows)
    return rows


# --- eligibility and revocation ----------------------------------------------------------------------------------


def _incidents(rng: Random, p: float) -> Piece:
    """The day of application, the unit, and incidents about the edges of the window."""
    piece: Piece = {}
    applying = rng.choice(APPLYING)
    if _said(rng, max(p, 0.5)):
        piece["applying_on"] = applying
    if _said(rng, max(p, 0.5)):
        piece["unit"] = "设区的市" if rng.random() < 0.9 else rng.choice(("县级市", "市辖区"))
    kinds = [kind for kind in KINDS if _said(rng, p)]
    if kinds:
        numbers = {kind: rng.choice((0, 0, 0, 1, 1, 2)) for kind in kinds}
        piece["incidents"] = {kind: [_incident(rng, applying) for _ in range(n)] for kind, n in numbers.items()}
    return piece


def _incident(rng: Random, applying: date) -> Piece:
    incident: Piece = {}
    if rng.random() < 0.85:
        incident["on"] = rng.choice(_edges(applying))
    if rng.random() < 0.5:
        incident["about_childcare"] = _coin(rng)
    return incident


def _edges(applying: date) -> list[date]:
    """Days in and out of the windows of both readings, and the leap days."""
    start, year = two_years_before(applying), applying.year
    near = [day + timedelta(days=shift) for day in (start, applying) for shift in (-2, -1, 0, 1, 2)]
    years = [date(year - 3, 12, 31), date(year - 2, 1, 1), date(year - 1, 12, 31), date(year, 1, 1)]
    return [*near, *years, date(2016, 2, 29), date(2020, 2, 29), date(2024, 2, 29), date(year + 1, 6, 1)]


def _names(rng: Random, p: float) -> Piece:
    """The cycles in which the city was named and its name revoked: some, null, or left out."""
    piece: Piece = {}
    for key, chance in (("named_in", 0.7), ("revoked_in", 0.4)):
        if _said(rng, max(p, 0.3)):
            piece[key] = rng.choice(CYCLES) if rng.random() < chance else None
    if _said(rng, p):
        again: Piece = {"on": date(2024, 6, 1)} if rng.random() < 0.8 else {}
        again |= {"meets": _coin(rng)} if rng.random() < 0.9 else {}
        piece |= {"reexamined": again} if again else {}
    return piece


def _findings(rng: Random, p: float) -> Piece:
    """Findings on whole triggers or by part; mostly no, so that every verdict comes up."""
    findings: Piece = {}
    for clause, parts in (("六.一.1", ()), ("六.一.2", FAULTS), ("六.一.3", JUDGES)):
        if not _said(rng, p):
            continue
        by_part = {part: rng.random() < 0.3 for part in parts if _said(rng, max(p, 0.5))}
        findings[clause] = by_part if by_part and _coin(rng) else rng.random() < 0.2
    piece: Piece = {"findings": findings} if findings else {}
    if _said(rng, p):
        piece["metrics"] = {"托育机构满意度": _decimal(rng, RATES)}
    return piece


# --- YAML --------------------------------------------------------------------------------------------------------


def to_yaml(case: Mapping[str, Any]) -> str:
    """The case as its user would write it: a line for each key, each entry of a mapping, each row of a list."""
    return "".join(f"{key}:{_block(value)}\n" for key, value in case.items())


def _block(value: Any) -> str:
    if value and isinstance(value, Mapping):
        return "".join(f"\n  {key}: {_flow(entry)}" for key, entry in value.items())
    if value and isinstance(value, list):
        return "".join(f"\n  - {_flow(entry)}" for entry in value)
    return f" {_flow(value)}"


def _flow(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {_flow(entry)}" for key, entry in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_flow(entry) for entry in value) + "]"
    return _scalar(value)


def _scalar(value: Any) -> str:
    if value is None or isinstance(value, bool):
        return {None: "null", True: "yes", False: "no"}[value]
    if isinstance(value, Decimal):
        return format(value, "f")
    return _text(value) if isinstance(value, str) else str(value)


def _text(value: str) -> str:
    """Plain where nothing in it could be taken for something else (是 and 否 mean yes and no), quoted otherwise."""
    if len(value) > 1 and fullmatch(r"all|[A-Z]?[\u4e00-\u9fff]+", value):
        return value
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
