"""Proofs and remedies for people: the ledger adds up, lines cite clauses, formats can be read, what is said would do does."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from html.parser import HTMLParser
from io import BytesIO
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

import zhengce
from zhengce.ask import ask
from zhengce.errors import ProofError, QuestionError
from zhengce.language import width
from zhengce.proof import Step
from zhengce.proof.changes import changed
from zhengce.report.outline import Line
from zhengce.why import FACT, FORMATS, Explanation, Remedies, why
from zhengce.workspace import Workspace, find

ROOT = Path(__file__).parents[1]
WORKSPACE = Workspace(find(ROOT))
SAMPLES = sorted(WORKSPACE.samples)
CITY = "示例市甲"
SCREEN = 45  # lines of a screen, 100 columns wide
every_sample = pytest.mark.parametrize("city", SAMPLES)


def explained(question: str, *given: str, **named: Any) -> Explanation:
    found = zhengce.open(ROOT).why(question, *given, **named)
    assert isinstance(found, Explanation)
    return found


def remedied(question: str, *given: str, **named: Any) -> Remedies:
    found = zhengce.open(ROOT).why_not(question, *given, **named)
    assert isinstance(found, Remedies)
    return found


# -- the ledger -----------------------------------------------------------------------------------------------------------


def interval(step: Step) -> tuple[Decimal, Decimal]:
    low, high = step.row[-2:]
    return low, high


def summed(steps: list[Step]) -> tuple[Decimal, Decimal]:
    return sum((interval(s)[0] for s in steps), Decimal(0)), sum((interval(s)[1] for s in steps), Decimal(0))


def below(line: Line, steps: tuple[Step, ...], *relations: str) -> list[Step]:
    """The steps that the lines right below a line stand for."""
    numbers = [n for one in line.lines for n in (one.of or ((one.number,) if one.number is not None else ()))]
    return [steps[n] for n in numbers if steps[n].relation in relations]


@every_sample
def test_the_ledger_adds_up(city: str) -> None:
    """As it is printed: the indicators of a group, the groups of the total, and what each indicator loses."""
    explanation = explained("score", city)
    (proof,) = explanation.proofs
    (total,) = explanation.lines
    groups = below(total, proof.steps, "group_score")
    assert summed(groups) == interval(proof.goal)
    for group in (line for line in total.lines if line.number is not None):
        scores = below(group, proof.steps, "score")
        assert summed(scores) == interval(proof.steps[group.number or 0])
        for line in (line for line in group.lines if line.number is not None):
            score = proof.steps[line.number or 0]
            most = score.row[3]
            low, high = summed(below(line, proof.steps, "own_loss", "branch", "block"))
            assert interval(score) == (most - min(most, high), most - min(most, low)), line.text


@every_sample
def test_the_ledger_has_every_indicator_once_in_the_order_of_the_document(city: str) -> None:
    explanation = explained("score", city)
    steps = explanation.proofs[0].steps
    groups = [line for line in explanation.lines[0].lines if line.number is not None]
    shown = [[steps[n].row[1] for one in g.lines for n in (one.of or (one.number or 0,))] for g in groups]
    flat = [indicator for group in shown for indicator in group]
    answer = ask(WORKSPACE, "score", {"city": city}, alternatives=False)
    wanted = [f"{answer['document']}/{i['id']}" for i in answer["indicators"]]
    assert sorted(flat) == sorted(wanted)
    lossy = [[i for i in group if i in wanted] for group in shown]
    assert [group[0].rpartition(".")[0] for group in lossy] == list(dict.fromkeys(i.rpartition(".")[0] for i in wanted))


def test_the_ledger_fits_on_two_screens_and_every_line_cites() -> None:
    explanation = explained("score", CITY)
    lines = str(explanation).split("\n")
    assert len(lines) <= 2 * SCREEN
    assert all(width(line) <= 100 for line in lines)
    clauses = WORKSPACE.clause_order
    for _, line in explanation.lines[0].walk():
        assert line.clauses, line.text
        assert all(explanation.asked.clause(clause) in clauses for clause in line.clauses)
        assert any(clause.partition("/")[2] in line.text + line.notes for clause in line.clauses)


@every_sample
@pytest.mark.parametrize("question", ["score", "eligible", "revocation"])
def test_a_proof_proves_what_the_answer_says(city: str, question: str) -> None:
    answer = ask(WORKSPACE, question, {"city": city}, alternatives=False)
    goal = explained(question, city).proofs[0].goal
    if question == "score":
        assert interval(goal) == (answer["total"]["low"], answer["total"]["high"])
    else:
        assert goal.row == (city, answer["verdict"])


@every_sample
def test_readings_come_to_what_the_answer_says_of_them(city: str) -> None:
    explanation = explained("score", city)
    (proof,) = explanation.proofs
    told = {r["id"]: r for r in ask(WORKSPACE, "score", {"city": city})["readings"]}
    for number, effects in explanation.effects(proof).items():
        if proof.steps[number].kind == "reading":
            reading = told[proof.steps[number].row[1].partition("/")[2]]
            for effect in effects:
                other = next(a for a in reading["alternatives"] if a["value"] == effect.under)
                if effect.row is not None:
                    row = explanation.asked.plain("total", effect.row)
                    low, high = interval(proof.goal)
                    assert {"low": row[2], "high": row[3]} == other.get("total", {"low": low, "high": high})


@every_sample
def test_what_is_not_known_comes_to_what_an_assumption_does(city: str) -> None:
    """The outcomes told of an unknown answer are those of `--assume`."""
    explanation = explained("score", city)
    (proof,) = explanation.proofs
    for effects in explanation.effects(proof).values():
        for effect in effects:
            if [c.relation for c in effect.changes] == ["answer"] and effect.changes[0].after and effect.row:
                _, condition, value = effect.changes[0].after
                answer = ask(
                    WORKSPACE, "score", {"city": city}, assume={condition.partition("/")[2]: value}, alternatives=False
                )
                row = explanation.asked.plain("total", effect.row)
                assert {"low": row[2], "high": row[3]} == answer.supposed["total"]  # type: ignore[attr-defined]


# -- why not --------------------------------------------------------------------------------------------------------------


@every_sample
@pytest.mark.parametrize("question", ["eligible", "revocation"])
def test_what_is_said_would_do_does(city: str, question: str) -> None:
    try:
        remedies = remedied(question, city)
    except ProofError:
        return  # it is so already
    check(remedies)


@pytest.mark.parametrize("indicator", ["附件.一.2", "附件.一.3", "附件.一.4", "附件.三.5", "附件.五.1", "附件.六.4"])
def test_what_is_said_would_give_full_points_does(indicator: str) -> None:
    remedies = remedied("score", CITY, indicator)
    check(remedies)
    assert [remedy for remedy in remedies.found if not any(ways for _, ways in remedy.ways)] == []


def check(remedies: Remedies) -> None:
    """Every way, applied to the facts, gives what was wanted, and the case does not contradict itself."""
    asked = remedies.asked
    for remedy in remedies.found:
        for _, ways in remedy.ways:
            for way in ways:
                model = asked.model_of(changed(asked.facts, way.changes))
                rows = model.rows[remedy.relation]
                assert any(all(w in (None, v) for w, v in zip(remedy.wanted, row, strict=True)) for row in rows)
                assert not model.rows.get("conflict")


def test_history_cannot_be_changed_and_what_is_not_known_can_be_found_out() -> None:
    text = str(remedied("eligible", "示例市乙"))
    assert "要是没有：案例列有第1件重大信访事件——已经发生的事，谁也改不了" in text
    added = next(line for line in text.split("\n") if "查明：第1件重大信访事件发生在" in line)
    assert "改不了" not in added


def test_a_document_would_have_to_say_it() -> None:
    text = str(remedied("lead", "休假", "市总工会"))
    assert text.count("文件所定，谁也改不了") >= 1
    assert "要是：" in text


def test_a_reading_may_do() -> None:
    text = str(remedied("score", CITY, "附件.一.3", readings={"附件.一.3.unclear": "each"}))
    assert "换一种读法" not in text
    remedies = remedied(FACT, CITY, 'score(_, "附件.一.3", _, _, 2, 2)')
    assert [(r.partition("/")[2], v) for r, v in remedies.found[0].readings] == [("附件.一.3.unclear", "each")]


def test_it_is_so_already() -> None:
    with pytest.raises(ProofError, match="本来就是这样"):
        remedied("score", CITY, "附件.一.1")
    with pytest.raises(ProofError, match="本来就是这样"):
        remedied(FACT, CITY, 'eligibility(_, "eligible")')


# -- facts ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fact", ['lead("fuxin-2020/二.一.1", _)', 'lead("二.一.1", _)', "lead(_, _)", 'lead(x, "市总工会").'])
def test_any_fact_can_be_proved(fact: str) -> None:
    found = why(WORKSPACE, FACT, {"fact": fact})
    assert isinstance(found, Explanation)
    assert {proof.goal.relation for proof in found.proofs} == {"lead"}


def test_a_fact_that_does_not_hold_has_no_proof() -> None:
    with pytest.raises(ProofError, match="不是这样：市总工会牵头"):
        why(WORKSPACE, FACT, {"fact": 'lead("二.一.1", "市总工会")'})


def test_others_are_other_proofs_of_the_same() -> None:
    (proof,) = explained(FACT, CITY, 'condition_loss(_, "附件.一.2.b", _, _, _, _)', others=True).proofs
    assert all(other.goal.row == proof.goal.row for other in proof.others)
    assert len({other.steps for other in map(_comparable, (proof, *proof.others))}) == 1 + len(proof.others)


def _comparable(proof: Any) -> Any:
    from types import SimpleNamespace

    return SimpleNamespace(steps=repr(proof.steps))


def test_several_names_that_fit_are_shown() -> None:
    answer = zhengce.open(ROOT).why("lead", "发展")
    assert "candidates" in answer.data  # type: ignore[union-attr]


def test_a_question_that_proves_nothing_says_which_do() -> None:
    with pytest.raises(QuestionError) as caught:
        why(WORKSPACE, "search", {"words": "托育"})
    assert "score" in caught.value.hint


# -- the text of the documents --------------------------------------------------------------------------------------------


def test_a_copy_of_the_text_is_quoted_once(tmp_path: Path) -> None:
    copy = tmp_path / "fuxin-2020.txt"
    copy.write_text("二、具体任务\n（一）加强支持\n1.落实休假政策。甲乙丙丁。\n2.保障工作权利。戊己庚辛。\n", "utf-8")
    text = str(explained("lead", "休假", sources=[copy]))
    assert text.count("甲乙丙丁") == 1
    assert "戊己庚辛" not in text
    data = json.loads(explained("lead", "休假", sources=[copy]).json())
    assert any("甲乙丙丁" in step.get("quote", "") for step in data["proofs"][0]["steps"])


# -- formats --------------------------------------------------------------------------------------------------------------


class Tags(HTMLParser):
    """Counts what stands open, and keeps the text."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.text = ""
        self.seen: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.seen.append(tag)
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def test_a_page_is_whole_and_needs_nothing() -> None:
    explanation = explained("score", CITY)
    page = explanation.html()
    tags = Tags()
    tags.feed(page)
    assert tags.open == []
    assert not {"script", "link", "img"} & {*tags.seen}
    assert "http" not in page.replace("http-equiv", "")
    assert all(line.text in tags.text for _, line in explanation.lines[0].walk())


def test_markdown_nests_as_the_outline_does() -> None:
    explanation = explained("eligible", CITY)
    items = [line for line in explanation.markdown().split("\n") if line.lstrip().startswith("- ")]
    depths = [depth for depth, _ in explanation.lines[0].walk()]
    assert [(len(item) - len(item.lstrip())) // 2 for item in items] == depths


def test_pictures_can_be_read() -> None:
    pygraphviz, image = pytest.importorskip("pygraphviz"), pytest.importorskip("PIL.Image")
    explanation = explained("score", CITY, "附件.一.3")
    lines = [line for _, line in explanation.lines[0].walk()]
    graph = pygraphviz.AGraph(string=explanation.render("dot").decode())
    assert (len(graph.nodes()), len(graph.edges())) == (len(lines), len(lines) - 1)
    drawn = "".join(ElementTree.fromstring(explanation.render("svg")).itertext())
    assert "附件.一.3" in re.sub(r"\s", "", drawn)
    assert image.open(BytesIO(explanation.render("png"))).size > (500, 100)


@pytest.mark.parametrize("form", sorted({*FORMATS} - {"png", "pdf"}))
def test_remedies_have_the_same_formats(form: str, tmp_path: Path) -> None:
    path = remedied("eligible", "示例市乙").save(tmp_path / f"x.{form}")
    assert path.stat().st_size > 100


def test_english_says_the_same_steps() -> None:
    from zhengce.language import speaking

    zh = [step.kind for step in explained("score", CITY).proofs[0].steps]
    with speaking("en"):
        found = explained("score", CITY)
        assert [step.kind for step in found.proofs[0].steps] == zh
        assert not re.search("[得失]分|成立|采用", str(found))
