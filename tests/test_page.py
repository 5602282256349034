"""The page of a diagram in a real browser: search, click, filter, keyboard, print, on a wide screen and on a phone.

Where there is no Chromium these tests are skipped; `.ci/run` installs it.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import yaml
from drawings import ASKED
from national import DOCUMENT, plan
from playwright.sync_api import Browser, Page, sync_playwright
from pypdf import PdfReader

import zhengce
from zhengce import Drawing
from zhengce.diagrams import draw, fonts
from zhengce.language import speaking
from zhengce.workspace import Workspace

ROOT = Path(__file__).parents[1]
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
ARGUMENTS = (
    "--no-sandbox --disable-gpu --no-first-run --disable-background-networking --disable-component-update --disable-sync"
)
POLICY = zhengce.open(ROOT)
DEPARTMENTS = [d["name"] for d in yaml.safe_load((ROOT / "facts" / "fuxin-2020.yaml").read_text("utf-8"))["department"]]
PHONE = {"width": 390, "height": 844}
SLOWEST = 1000  # milliseconds that nobody waits; what it takes is in benchmarks/

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here (apt install chromium, or set CHROMIUM)")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        environment = dict(fonts.environment())  # the Chinese font of the extra, where the system has none
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS.split(), env=environment)
        yield started
        started.close()


class Opened:
    """A page that is open, and the drawing that it shows."""

    def __init__(self, page: Page, drawing: Drawing) -> None:
        self.page, self.drawing = page, drawing
        self.number = {id_: n for n, id_ in enumerate(drawing.graph)}

    def choose(self, id_: str) -> None:
        self.page.locator(f'#figure [data-n="{self.number[id_]}"]').locator("visible=true").first.click()

    def find(self, text: str) -> list[str]:
        """The labels that a search lists."""
        self.page.fill("#query", text)
        options = self.page.locator("#results [role=option]").all()
        return [option.evaluate("e => e.firstChild.textContent") for option in options]

    def neighbours(self) -> list[int]:
        """The numbers of the nodes that the panel lists."""
        return [int(button.get_attribute("data-to") or -1) for button in self.page.locator("#panel [data-to]").all()]

    def drawn(self) -> set[int]:
        """The numbers of the nodes in the small picture."""
        return {int(box.get_attribute("data-to") or -1) for box in self.page.locator("#around .box").all()}

    def joined(self, id_: str, *kinds: str) -> set[int]:
        graph = self.drawing.graph
        edges = [*graph.in_edges(id_, data=True), *graph.out_edges(id_, data=True)]
        wanted = [(a, b) for a, b, edge in edges if not kinds or edge["kind"] in kinds]
        return {self.number[b if a == id_ else a] for a, b in wanted}

    def heading(self) -> str:
        return self.page.locator("#panel h2").inner_text()


@pytest.fixture
def opened(browser: Browser, tmp_path: Path) -> Iterator[Any]:
    """Opens drawings; whatever the console says, and every request for something else, is a failure."""
    context, complaints = browser.new_context(viewport={"width": 1280, "height": 900}), []

    def open_(drawing: Drawing, **viewport: int) -> Opened:
        path = drawing.save(tmp_path / "page.html")
        page = context.new_page()
        if viewport:
            page.set_viewport_size(viewport)  # type: ignore[arg-type]
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda r: None if r.url.startswith(("file:", "data:")) else complaints.append(r.url))
        page.goto(path.as_uri())
        return Opened(page, drawing)

    yield open_
    context.close()
    assert not complaints


def whole_plan() -> Drawing:
    return POLICY.draw("responsibility")


@pytest.fixture(scope="module")
def national(tmp_path_factory: pytest.TempPathFactory) -> Drawing:
    return draw(Workspace(plan(tmp_path_factory.mktemp("national"))), "responsibility", {"document": DOCUMENT})


# -- choosing -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ASKED)
def test_every_page_opens_and_a_click_shows_a_node(name: str, opened: Any) -> None:
    page = opened(POLICY.draw(name, **ASKED[name]))
    graph = page.drawing.graph
    shown = [i for i in graph if page.page.locator(f'#figure [data-n="{page.number[i]}"]').count()]
    assert shown, "nothing can be clicked"
    for id_ in (shown[0], shown[-1]):
        page.choose(id_)
        assert page.heading() == graph.nodes[id_]["label"]
        assert set(page.neighbours()) == page.joined(id_)
        page.page.keyboard.press("Escape")
        assert page.page.locator("#panel").is_hidden()


@pytest.mark.parametrize("department", DEPARTMENTS)
def test_a_click_shows_only_the_neighbours_and_their_clauses(department: str, opened: Any) -> None:
    page = opened(whole_plan())
    page.choose(department)
    assert set(page.neighbours()) == page.joined(department)
    assert page.drawn() == page.joined(department) | {page.number[department]}
    assert page.page.locator("#figure").is_hidden()
    clauses = {edge["clauses"][0].split()[-1] for _, _, edge in page.drawing.graph.out_edges(department, data=True)}
    assert set(re.findall(r"[二三](?:\.[一二三四五])?\.[一二三四五\d]", page.page.locator("#panel").inner_text())) == clauses


def test_eight_led_and_four_joined(opened: Any) -> None:
    page = opened(whole_plan())
    page.choose("市卫生健康委")
    headings = page.page.locator("#panel h3").all_inner_texts()
    assert {"牵头的任务（8 个）", "配合的任务（4 个）"} <= set(headings)


def test_from_neighbour_to_neighbour_and_back(opened: Any) -> None:
    page = opened(whole_plan())
    page.choose("市税务局")
    page.page.locator("#panel [data-to]").first.click()
    assert page.heading() == "加强政策保障"
    page.page.locator("#around .box", has_text="市财政局").click()
    assert page.heading() == "市财政局"
    page.page.go_back()
    assert page.heading() == "加强政策保障"
    page.page.click("#back")
    assert page.page.locator("#figure").is_visible()
    assert page.page.locator("#panel").is_hidden()


def test_a_link_leads_to_a_node(opened: Any) -> None:
    page = opened(whole_plan())
    page.page.goto(f"{page.page.url.partition('#')[0]}#市民政局")
    page.page.reload()
    assert page.heading() == "市民政局"
    page.page.goto(f"{page.page.url.partition('#')[0]}#没有的")
    assert page.page.locator("#figure").is_visible()


def test_the_cell_of_a_matrix_shows_its_task(opened: Any) -> None:
    page = opened(POLICY.draw("matrix"))
    page.page.locator("#figure g.edge.lead text").first.click()
    assert page.heading().startswith("二.一.1")


# -- search and filter --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("教育", ["市教育局"]),
        ("落实", ["落实休假政策", "落实安全责任制"]),
        ("二.二.3", ["设计符合规范"]),
        ("市 教育", ["市教育局"]),
        ("没有这个", []),
    ],
)
def test_search(text: str, found: list[str], opened: Any) -> None:
    page = opened(whole_plan())
    assert page.find(text) == found
    assert page.page.locator("#said").inner_text() == (f"找到 {len(found)} 个" if found else "没有找到")
    if found:
        page.page.locator("#results [role=option]").first.click()
        assert page.heading() == found[0]
        assert page.page.locator("#results").is_hidden()


def test_only_who_leads(opened: Any) -> None:
    page = opened(whole_plan())
    lines = page.page.locator("#figure g.edge.participant")
    assert lines.first.is_visible()
    page.page.get_by_text("只看牵头单位").click()
    assert lines.first.is_hidden()
    assert page.page.locator("#figure g.edge.lead").first.is_visible()
    page.choose("市教育局")
    assert set(page.neighbours()) == page.joined("市教育局", "lead")
    page.page.get_by_text("只看配合单位").click()
    assert set(page.neighbours()) == page.joined("市教育局", "participant")
    page.page.get_by_text("全部", exact=True).click()
    assert set(page.neighbours()) == page.drawn() - {page.number["市教育局"]} == page.joined("市教育局")


def test_what_has_one_kind_of_lines_has_no_switch(opened: Any) -> None:
    page = opened(POLICY.draw("cooperation"))
    assert page.page.locator("#switch").is_hidden()


# -- keyboard and screen reader -----------------------------------------------------------------------------------------


def test_without_a_mouse(opened: Any) -> None:
    page = opened(whole_plan())
    keys = page.page.keyboard
    keys.press("/")
    keys.type("局")
    listed = page.page.locator("#results [role=option]")
    assert listed.count() > 5
    for key in ("ArrowDown", "ArrowDown", "ArrowUp", "ArrowDown"):
        keys.press(key)
    second = listed.nth(1)
    assert second.get_attribute("aria-selected") == "true"
    assert page.page.locator("#query").get_attribute("aria-activedescendant") == second.get_attribute("id")
    name = second.evaluate("e => e.firstChild.textContent")
    keys.press("Enter")
    assert page.heading() == name
    assert page.page.evaluate("document.activeElement.tagName") == "H2"
    assert name in page.page.locator("#said").inner_text()
    keys.press("Escape")
    assert page.page.locator("#figure").is_visible()


def test_the_picture_by_tab_and_arrows(opened: Any) -> None:
    page = opened(whole_plan())
    keys = page.page.keyboard
    for _ in range(12):
        keys.press("Tab")
        if page.page.evaluate("document.activeElement.closest('#figure .one') !== null"):
            break
    before = page.page.evaluate("document.activeElement.getAttribute('aria-label')")
    assert before
    keys.press("ArrowDown")
    after = page.page.evaluate("document.activeElement.getAttribute('aria-label')")
    assert after and after != before
    keys.press("Enter")
    assert after.startswith(page.heading())


def test_escape_empties_the_search_first(opened: Any) -> None:
    page = opened(whole_plan())
    page.choose("市妇联")
    page.find("局")
    page.page.keyboard.press("Escape")
    assert page.page.input_value("#query") == ""
    assert page.heading() == "市妇联"


@pytest.mark.parametrize("name", ASKED)
def test_everything_that_can_have_the_focus_has_a_name(name: str, opened: Any) -> None:
    page = opened(POLICY.draw(name, **ASKED[name]))
    unnamed = page.page.evaluate("""() => [...document.querySelectorAll('button, input, summary, [tabindex], [role=button]')]
        .filter(e => e.checkVisibility() && !(e.getAttribute('aria-label') || e.labels?.length || e.textContent.trim()))
        .map(e => e.outerHTML.slice(0, 80))""")
    assert not unnamed
    assert page.page.locator("h1").count() == 1
    assert page.page.locator("main").count() == 1
    assert page.page.get_attribute("html", "lang") == "zh-CN"


@pytest.mark.parametrize("name", ASKED)
def test_without_scripts_everything_can_be_read(name: str, browser: Browser, tmp_path: Path) -> None:
    drawing = POLICY.draw(name, **ASKED[name])
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(drawing.save(tmp_path / "page.html").as_uri())
    assert page.locator("#figure svg").is_visible()
    assert page.locator(".controls").is_hidden()
    text = page.locator("#text").text_content() or ""
    assert all(node["label"] in text for _, node in drawing.graph.nodes(data=True))
    context.close()


# -- paper, phone, English, hostile names -------------------------------------------------------------------------------


@pytest.mark.parametrize("chosen", ["", "市财政局"])
def test_print(chosen: str, opened: Any) -> None:
    page = opened(whole_plan())
    if chosen:
        page.choose(chosen)
    page.page.emulate_media(media="print")
    assert page.page.locator(".controls").is_hidden()
    text = "".join("".join(sheet.extract_text() for sheet in PdfReader(BytesIO(page.page.pdf(format="A4"))).pages).split())
    assert "责任关系图" in text
    assert "加强财政保障" in text
    assert ("严格监督管理" in text) is not bool(chosen)
    printed: list[int] = []
    page.page.expose_function("printed", lambda: printed.append(1))
    page.page.emulate_media(media="screen")
    page.page.evaluate("() => { window.print = () => window.printed(); }")
    page.page.click("#print")
    assert printed == [1]


@pytest.mark.parametrize("name", ASKED)
def test_on_a_phone(name: str, opened: Any) -> None:
    page = opened(POLICY.draw(name, **ASKED[name]), **PHONE)
    assert page.page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    for control in page.page.locator("button:visible, #query:visible, fieldset label:visible").all():
        assert (control.bounding_box() or {"height": 0})["height"] >= 40
    page.page.evaluate("document.querySelector('#figure .one').dispatchEvent(new MouseEvent('click', {bubbles: true}))")
    assert page.page.locator("#panel h2").is_visible()
    assert page.page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


@pytest.mark.parametrize("size", [None, PHONE])
def test_no_text_is_wider_than_its_box(size: dict[str, int] | None, opened: Any) -> None:
    page = opened(whole_plan(), **(size or {}))
    page.page.goto(f"{page.page.url}#市人力资源社会保障局")
    cut = page.page.evaluate("""() => [...document.querySelectorAll('#around .box')].flatMap(box => {
        const around = box.querySelector('rect').getBBox();
        return [...box.querySelectorAll('text')].filter(text => {
            const own = text.getBBox();
            return own.x + own.width > around.x + around.width || own.y + own.height > around.y + around.height + 2;
        }).map(text => text.textContent);
    })""")
    assert page.page.locator("#around .box").count() > 5
    assert not cut


def test_in_english(opened: Any) -> None:
    with speaking("en"):
        page = opened(whole_plan())
    assert page.page.get_attribute("html", "lang") == "en"
    assert page.page.locator("#print").inner_text() == "Print"
    page.choose("市卫生健康委")
    assert "tasks that it leads (8)" in page.page.locator("#panel").inner_text()


def test_names_are_only_names(opened: Any, tmp_path: Path) -> None:
    evil = "<img src=x onerror=alert(1)></script><b>&\"'`${1}"
    for name in ("policy", "facts", "queries", "visualize"):
        shutil.copytree(ROOT / name, tmp_path / name)
    facts = tmp_path / "facts" / "fuxin-2020.yaml"
    stated = yaml.safe_load(facts.read_text("utf-8"))
    for task in stated["task"]:
        task["responsible"] = [evil if name == "团市委" else name for name in task["responsible"]]
    next(d for d in stated["department"] if d["name"] == "团市委")["name"] = evil
    facts.write_text(yaml.safe_dump(stated, allow_unicode=True), "utf-8")
    page = opened(zhengce.open(tmp_path).draw("responsibility"))
    assert evil in page.number
    page.choose(evil)
    assert page.heading() == evil
    assert page.find("onerror") == [evil]
    assert page.page.locator("img, b").count() == 0


# -- a national plan ----------------------------------------------------------------------------------------------------


def test_sixty_times_three_hundred_answers_at_once(national: Drawing, opened: Any) -> None:
    page = opened(national)
    waited = """act => new Promise(done => { const start = performance.now(); (0, eval)(act);
        requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now() - start))); })"""
    letter = "const q = document.getElementById('query'); q.value += '卫'; q.dispatchEvent(new Event('input'))"
    click = "document.querySelector('#figure .one').dispatchEvent(new MouseEvent('click', {bubbles: true}))"
    page.page.evaluate(waited, "1")
    spent = {what: page.page.evaluate(waited, act) for what, act in {"letter": letter, "click": click}.items()}
    assert page.page.locator("#panel h2").is_visible()
    assert page.page.locator("#results [role=option]").count() > 0
    print({what: round(time) for what, time in spent.items()})
    assert max(spent.values()) < SLOWEST


def test_a_national_department_by_search(national: Drawing, opened: Any) -> None:
    page = opened(national)
    department = next(i for i, node in national.graph.nodes(data=True) if "卫生健康" in i and node["kind"] == "department")
    assert department in page.find("卫生健康")
    page.page.locator("#results [role=option]", has_text=department).first.click()
    assert set(page.neighbours()) == page.joined(department)
