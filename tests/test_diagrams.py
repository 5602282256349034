"""Diagrams: what they hold is what the facts say, in every format, with nothing cut, hidden or told by colour alone."""

from __future__ import annotations

import re
import tomllib
from io import BytesIO
from itertools import combinations
from pathlib import Path
from typing import Any

import networkx as nx
import pytest
import yaml
from drawings import ASKED
from national import DOCUMENT, plan
from PIL import Image
from pypdf import PdfReader

import zhengce
from zhengce import Drawing
from zhengce.cli import run
from zhengce.diagrams import FORMATS, suited
from zhengce.diagrams.sheet import Box, Line, Sheet, Text, ems, wrapped
from zhengce.questions.drawn import COLOURS
from zhengce.workspace import Workspace

ROOT = Path(__file__).parents[1]
POLICY = zhengce.open(ROOT)
FACTS = yaml.safe_load((ROOT / "facts" / "fuxin-2020.yaml").read_text("utf-8"))
ALIASES = {a: d["name"] for d in FACTS["department"] for a in (d["name"], *d["department_alias"])}
DEPARTMENTS = [d["name"] for d in FACTS["department"]]
NUMBER = "阜政办发〔2020〕17号"
every_diagram = pytest.mark.parametrize("name", ASKED)
SIGNATURES = {"svg": b"<?xml", "png": b"\x89PNG", "pdf": b"%PDF", "html": b"<!doctype html>", "xlsx": b"PK"}
SLACK = 0.5  # points


@pytest.fixture(scope="module")
def national(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return Workspace(plan(tmp_path_factory.mktemp("national")))


def drawn(name: str, **more: Any) -> Drawing:
    return POLICY.draw(name, **{**ASKED[name], **more})


def said() -> dict[tuple[str, str], str]:
    """Who leads and who joins which task, read from the facts by hand."""
    return {
        (ALIASES[written], f"fuxin-2020/{task['task']}"): "participant" if place else "lead"
        for task in FACTS["task"]
        for place, written in enumerate(task["responsible"])
    }


def edges(drawing: Drawing) -> dict[tuple[str, str], str]:
    return {(a, b): edge["kind"] for a, b, edge in drawing.to_networkx().edges(data=True)}


# -- what is drawn ------------------------------------------------------------------------------------------------------


def test_every_diagram_of_the_workspace_is_tried() -> None:
    assert set(ASKED) == set(POLICY.workspace.diagrams) == {path.stem for path in (ROOT / "visualize").glob("*.toml")}


def test_the_whole_plan() -> None:
    drawing = drawn("responsibility")
    assert edges(drawing) == said()
    assert len(DEPARTMENTS) == 17
    graph = drawing.to_networkx()
    assert {i for i, node in graph.nodes(data=True) if node["kind"] == "department"} == set(DEPARTMENTS)
    tasks = [i for i, node in graph.nodes(data=True) if node["kind"] == "task"]
    assert tasks == [f"fuxin-2020/{task['task']}" for task in FACTS["task"]]
    assert [graph.nodes[i]["group"] for i in tasks] == [f"fuxin-2020/{task['section']}" for task in FACTS["task"]]


@pytest.mark.parametrize("department", DEPARTMENTS)
def test_one_department_and_nothing_else(department: str) -> None:
    drawing = drawn("responsibility", department=department)
    expected = {pair: kind for pair, kind in said().items() if pair[0] == department}
    assert edges(drawing) == expected
    assert set(drawing.graph) == {department, *(task for _, task in expected)}
    for alias in (a for a, name in ALIASES.items() if name == department):
        assert edges(drawn("responsibility", department=alias)) == expected


def test_the_health_commission_leads_eight() -> None:
    kinds = list(edges(drawn("responsibility", department="市卫生健康委")).values())
    assert (kinds.count("lead"), kinds.count("participant")) == (8, 4)


def test_the_emergency_bureau_is_one_under_both_its_names() -> None:
    written = {name for task in FACTS["task"] for name in task["responsible"] if ALIASES[name] == "市应急管理局"}
    assert written == {"市应急局", "市应急管理局"}
    assert "市应急局" not in drawn("responsibility").graph
    assert len(edges(drawn("responsibility", department="市应急局"))) == 5


@pytest.mark.parametrize(
    ("filters", "kept"),
    [
        ({"task": "落实休假政策"}, lambda d, t, k: t == "fuxin-2020/二.一.1"),
        ({"section": "二.五"}, lambda d, t, k: t.startswith("fuxin-2020/二.五.")),
        ({"section": "保障措施"}, lambda d, t, k: t.startswith("fuxin-2020/三.")),
        ({"section": "二"}, lambda d, t, k: t.startswith("fuxin-2020/二.")),
        ({"lead_only": True}, lambda d, t, k: k == "lead"),
        ({"document": NUMBER}, lambda d, t, k: True),
        ({"department": ["市教育局", "市妇联"], "lead_only": True}, lambda d, t, k: d == "市教育局" and k == "lead"),
        ({"department": "教育", "section": "二.四"}, lambda d, t, k: d == "市教育局" and ".四." in t),
    ],
)
@pytest.mark.parametrize("name", ["responsibility", "matrix"])
def test_filters(name: str, filters: dict[str, Any], kept: Any) -> None:
    assert edges(drawn(name, **filters)) == {pair: kind for pair, kind in said().items() if kept(*pair, kind)}


def test_localities_are_a_note_and_no_edges() -> None:
    drawing = drawn("responsibility")
    assert "各县区政府" not in drawing.graph
    assert "各县区政府（25 项任务）" in drawing.graph.graph["notes"][0]


def test_two_documents_in_one_matrix(national: Workspace) -> None:
    drawing = zhengce.diagrams.draw(national, "matrix", {})  # type: ignore[attr-defined]
    assert {node["clauses"][0].partition(" ")[0] for _, node in drawing.graph.nodes(data=True) if node["clauses"]} == {
        "fuxin-2020",
        DOCUMENT,
    }
    assert len(drawing.graph) == 17 + 25 + 60 + 300


def test_notes_stand_once_however_often_it_is_drawn() -> None:
    drawing = drawn("responsibility")
    for _ in range(2):
        drawing.render("html")
        assert len(drawing.sheet.items)
        notes = drawing.graph.graph["notes"]
        assert len(notes) == len(set(notes))
        assert any("各画一次" in note for note in notes)


def copied(folder: Path) -> Path:
    import shutil

    for name in ("policy", "facts", "queries", "visualize"):
        shutil.copytree(ROOT / name, folder / name)
    return folder


@pytest.mark.parametrize("name", ["matrix", "responsibility", "score"])
def test_what_has_no_group_is_drawn_too(name: str, tmp_path: Path) -> None:
    path = copied(tmp_path) / "visualize" / f"{name}.toml"
    text = path.read_text("utf-8")
    start = text.index("[[group]]")
    path.write_text(text.replace(text[start : text.index("[[node]]")], "").replace('group = "{', '# group = "{'), "utf-8")
    whole, loose = drawn(name), zhengce.open(tmp_path).draw(name, **ASKED[name])
    lost = {*whole.sheet.texts()} - {*loose.sheet.texts()}
    apart = {text for words in whole.graph.graph["groups"].values() for text in words.values()}
    apart |= {note for note in whole.graph.graph["notes"] if "每一节分开画" in note}
    assert lost <= apart


@pytest.mark.parametrize(("upto", "said"), [("betweenness", "未知"), ("department", "画不出来")])
def test_what_is_not_known_is_not_drawn_as_nothing(upto: str, said: str, tmp_path: Path) -> None:
    path = copied(tmp_path) / "visualize" / "load.toml"
    text = (
        path.read_text("utf-8").replace('"tasks"]\n', f'"tasks", "{upto}"]\n').replace('["lead", "led"]', f'["lead", "{upto}"]')
    )
    path.write_text(text, "utf-8")
    with pytest.raises(zhengce.DrawingError, match=said):  # type: ignore[attr-defined]
        # In a section in which somebody works alone, that department has no place in the network.
        zhengce.open(tmp_path).draw("load", section="三").render("svg")


def test_who_works_together_and_how_often() -> None:
    together: dict[frozenset[str], set[str]] = {}
    for (one, task), (other, same) in combinations(said(), 2):
        if task == same:
            together.setdefault(frozenset((one, other)), set()).add(task)
    graph = drawn("cooperation").to_networkx()
    assert not graph.is_directed()
    assert {frozenset((a, b)): edge["weight"] for a, b, edge in graph.edges(data=True)} == {
        pair: len(tasks) for pair, tasks in together.items()
    }
    assert {d: graph.nodes[d]["degree"] for d in graph} == dict(graph.degree())
    measured = nx.betweenness_centrality(graph)
    assert all(abs(float(graph.nodes[d]["betweenness"]) - measured[d]) < 1e-6 for d in graph)
    groups = [{d for d in graph if graph.nodes[d]["group"] == g} for g in graph.graph["groups"]]
    assert set().union(*groups) == set(graph)
    assert nx.community.modularity(graph, groups) > 0.1


def test_bars_add_up() -> None:
    for _, node in drawn("load").graph.nodes(data=True):
        assert node["led"] + node["joined"] == node["tasks"]
    score, answer = drawn("score"), POLICY.score("示例市甲")
    bars = {i: n for i, n in score.graph.nodes(data=True) if n["kind"] == "indicator"}
    assert len(bars) == 31
    assert sum(n["low"] for n in bars.values()) == answer["total"]["low"]
    assert sum(n["max"] for n in bars.values()) == 100
    parts = [item for item in score.sheet.items if isinstance(item, Box) and "part" in item.of]
    wide = {kind: sum(box.width for box in parts if kind in box.of) for kind in ("kept", "unknown", "lost")}
    whole = sum(wide.values())
    low, high = (float(answer["total"][key]) / 100 for key in ("low", "high"))
    assert wide["kept"] / whole == pytest.approx(low)
    assert wide["unknown"] / whole == pytest.approx(high - low)
    losses = {(i["id"], loss["condition"]) for i in answer["indicators"] for loss in i["losses"]}
    assert {(a, b.split("/")[1]) for a, b in score.graph.edges} == losses


@pytest.mark.parametrize(
    ("day", "overdue"), [("2022-05-31", 0), ("2022-06-01", 1), ("2022-10-01", 3), ("2023-01-01", 4), ("2022-01-01", 0)]
)
def test_what_is_overdue_on_a_day(day: str, overdue: int) -> None:
    drawing = drawn("stages", on=day)
    states = [node["state"] for _, node in drawing.graph.nodes(data=True) if node["kind"] == "stage"]
    assert (len(states), states.count("overdue")) == (4, overdue)
    lines = [item.y for item in drawing.sheet.items if isinstance(item, Text) and "today" in item.of]
    dates = {item.text: item.y for item in drawing.sheet.items if isinstance(item, Text) and re.match(r"\d{4}-", item.text)}
    dates = {text: y for text, y in dates.items() if len(text) == 10}
    assert len(lines) == 1
    assert all((y < lines[0]) == (text < day) for text, y in dates.items())


def test_stages_without_a_day_have_no_state() -> None:
    drawing = POLICY.draw("stages")
    assert not [item for item in drawing.sheet.items if isinstance(item, Text) and "today" in item.of]
    assert not [text for text in drawing.sheet.texts() if text in ("期限已过", "未到期")]


def test_rules_are_those_that_there_are() -> None:
    graph = POLICY.draw("rules").graph
    text = "".join(path.read_text("utf-8") for path in (ROOT / "policy").glob("*.dl"))
    assert set(re.findall(r"^\.decl (\w+)", text, re.M)) <= set(graph)
    assert graph.edges["participant", "responsibility"]["kind"] == "plain"
    assert graph.edges["lead_only", "responsibility"]["kind"] == "through"
    for below, above, edge in graph.edges(data=True):
        step = edge["kind"] == "through"
        assert graph.nodes[above]["stratum"] >= graph.nodes[below]["stratum"] + step, (below, above)


# -- how it looks -------------------------------------------------------------------------------------------------------


def laid(sheet: Sheet) -> list[tuple[float, float, float, float, str]]:
    """Where each text stands, as left, top, right, bottom."""
    found = []
    for item in (i for i in sheet.items if isinstance(i, Text)):
        wide = ems(item.text) * item.size
        left = item.x + {"l": 0, "c": (item.width - wide) / 2, "r": item.width - wide}[item.align]
        found.append((left, item.y + item.size * 0.2, left + wide, item.y + item.size * 1.2, item.text))
    return found


def nothing_is_hidden(sheet: Sheet) -> None:
    places = sorted(laid(sheet), key=lambda place: place[1])
    for left, top, right, bottom, text in places:
        assert left >= -SLACK and top >= -SLACK and right <= sheet.width + SLACK and bottom <= sheet.height + SLACK, text
    for n, one in enumerate(places):
        for other in places[n + 1 :]:
            if other[1] >= one[3]:
                break
            assert one[2] <= other[0] + SLACK or other[2] <= one[0] + SLACK, (one, other)
    for item in sheet.items:
        if isinstance(item, Text) and item.text.strip():
            assert ems(item.text) * item.size <= item.width + SLACK, item


@every_diagram
def test_no_text_is_cut_or_overlaps(name: str) -> None:
    nothing_is_hidden(drawn(name).sheet)


@pytest.mark.parametrize("name", ["responsibility", "matrix", "cooperation", "load"])
def test_nor_at_sixty_times_three_hundred(name: str, national: Workspace) -> None:
    drawing = zhengce.diagrams.draw(national, name, {"document": DOCUMENT})  # type: ignore[attr-defined]
    kinds = [node["kind"] for _, node in drawing.graph.nodes(data=True)]
    assert kinds.count("department") == 60
    assert name in ("load", "cooperation") or kinds.count("task") == 300
    nothing_is_hidden(drawing.sheet)


def test_a_whole_rule_base_is_legible() -> None:
    nothing_is_hidden(POLICY.draw("rules").sheet)


@every_diagram
def test_in_english_too(name: str) -> None:
    from zhengce.language import speaking

    with speaking("en"):
        drawing = drawn(name)
        nothing_is_hidden(drawing.sheet)
    texts = [item for item in drawing.sheet.items if isinstance(item, Text)]
    assert texts[0].text.isascii() or "示例市甲" in texts[0].text
    assert all(item.text.isascii() for item in texts if {"legend", "head"} & {*item.of} and len(item.text) > 1)


def test_tasks_stand_in_the_order_of_the_document() -> None:
    drawing = drawn("responsibility")
    titles = [task["title"] for task in FACTS["task"]]
    tops = {item.text: item.y for item in drawing.sheet.items if isinstance(item, Text) and "task" in item.of}
    assert sorted(titles, key=lambda title: tops[title]) == titles


def test_long_names_wrap() -> None:
    text = "国家级某某重点任务“托育”机构（含托班）的设立、登记与备案，以及ABC-defg hijklmnop的监督管理"
    for room in (6, 10, 17):
        lines = list(wrapped(text, room))
        assert "".join(lines).replace(" ", "") == text.replace(" ", "")
        assert all(ems(line) <= room for line in lines)
        assert not [line for line in lines if line[0] in "，、”）" or line[-1] in "“（"]
    assert list(wrapped("hello world", 4)) == ["hello", "world"]
    assert list(wrapped("", 5)) == []


@every_diagram
def test_what_every_picture_says(name: str) -> None:
    drawing = drawn(name)
    texts = list(drawing.sheet.texts())
    diagram = tomllib.loads((ROOT / "visualize" / f"{name}.toml").read_text("utf-8"))
    assert texts[0].startswith(diagram["title"])
    for document in drawing.answer.documents:
        row = next(row for row in POLICY.documents()["rows"] if row["document"] == document)
        assert any(row["title"] in text and (row["number"] or "没有文号") in text for text in texts)
    assert any(re.fullmatch(r"制图 \d{4}-\d\d-\d\d", text) for text in texts)
    assert [item for item in drawing.sheet.items if "legend" in item.of]


@every_diagram
def test_black_and_white_says_the_same(name: str) -> None:
    """What the legend tells apart by colour differs in line, width, shape or sign too."""
    drawing = drawn(name)
    styles = drawing.diagram.styles
    edges = {edge["kind"] for _, _, edge in drawing.graph.edges(data=True)} if drawing.diagram.form != "timeline" else set()
    bars = {kind for kind, _ in drawing.diagram.options.get("upto", ())}
    shown = {
        "network": {node["kind"] for _, node in drawing.graph.nodes(data=True)},
        "timeline": {"overdue", "due", "upcoming"},
    }
    for group in (edges, bars, shown.get(drawing.diagram.form, set())):
        looks = {
            kind: (styles[kind].line, styles[kind].width, styles[kind].shape, styles[kind].sign)
            for kind in group & styles.keys()
        }
        if group is bars:  # each with its number in it, dark, light or empty
            looks = {kind: (styles[kind].colour in ("blue", "green"), *look) for kind, look in looks.items()}
        assert len(set(looks.values())) == len(looks), looks


def _luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("colour", COLOURS)
def test_colours_are_seen(colour: str) -> None:
    """Lines against paper, and text on every ground, by the contrasts of WCAG 2.1."""
    from zhengce.diagrams.palette import DARK, FULL, INK, LIGHT, on_dark

    def contrast(one: str, other: str) -> float:
        low, high = sorted((_luminance(one), _luminance(other)))
        return (high + 0.05) / (low + 0.05)

    assert contrast(DARK[colour], "#ffffff") >= 3
    assert contrast(INK, LIGHT[colour]) >= 4.5
    assert contrast("#ffffff" if on_dark(colour) else INK, FULL[colour]) >= 3


# -- what comes out -----------------------------------------------------------------------------------------------------


@every_diagram
@pytest.mark.parametrize("form", FORMATS)
def test_every_format(name: str, form: str, tmp_path: Path) -> None:
    drawing, path = drawn(name), tmp_path / f"图.{form}"
    if form not in drawing.formats:
        with pytest.raises(zhengce.DrawingError, match="没有边"):  # type: ignore[attr-defined]
            drawing.save(path)
        assert not list(tmp_path.iterdir())
        return
    assert drawing.save(path) == path
    assert [p.name for p in tmp_path.iterdir()] == [path.name]
    content = path.read_bytes()
    assert content.startswith(SIGNATURES.get(form, b""))
    READ[form](drawing, content)


def _svg(drawing: Drawing, content: bytes) -> None:
    from xml.etree import ElementTree

    root = ElementTree.fromstring(content)
    space = "{http://www.w3.org/2000/svg}"
    assert [e.tag for e in root.iter(f"{space}title")] == [f"{space}title"]
    assert root[0].text and drawing.graph.graph["title"] in root[0].text
    texts = list(root.iter(f"{space}text"))
    assert sorted(e.text for e in texts if e.text) == sorted(drawing.sheet.texts())
    families = {e.get("font-family") or "" for e in texts}
    assert all("Noto Sans SC" in f and "Microsoft YaHei" in f and "PingFang SC" in f for f in families)


def _png(drawing: Drawing, content: bytes) -> None:
    image = Image.open(BytesIO(content))
    assert image.width > drawing.sheet.width
    assert len(image.convert("RGB").getcolors(1 << 24) or ()) > 5


def _pdf(drawing: Drawing, content: bytes) -> None:
    (page,) = PdfReader(BytesIO(content)).pages
    text = "".join(page.extract_text().split())
    assert drawing.graph.graph["title"] in text
    assert drawing.sheet.width < float(page.mediabox.width) < drawing.sheet.width + 50


def _html(drawing: Drawing, content: bytes) -> None:
    assert drawing.graph.graph["title"] in content.decode()


def _dot(drawing: Drawing, content: bytes) -> None:
    from pygraphviz import AGraph

    read, graph = AGraph(string=content.decode()), drawing.to_networkx()
    assert {str(node) for node in read.nodes()} == set(graph)
    pairs = {(str(a), str(b)) for a, b in read.edges()}
    assert (
        pairs == set(graph.edges) if graph.is_directed() else {frozenset(p) for p in pairs} == set(map(frozenset, graph.edges))
    )


def _graphml(drawing: Drawing, content: bytes) -> None:
    read, graph = nx.read_graphml(BytesIO(content)), drawing.to_networkx()
    assert set(read) == set(graph)
    assert read.number_of_edges() == graph.number_of_edges()
    assert all(read.nodes[i]["label"] == node["label"] for i, node in graph.nodes(data=True))


def _mmd(drawing: Drawing, content: bytes) -> None:
    lines = content.decode().splitlines()
    assert "flowchart LR" in lines
    assert len(re.findall(r"^  n\d+ \S+ n\d+$", content.decode(), re.M)) == drawing.graph.number_of_edges()
    assert sum(line.count('"') == 2 and line.lstrip().startswith("n") for line in lines) == len(drawing.graph)


def _xlsx(drawing: Drawing, content: bytes) -> None:
    from openpyxl import load_workbook

    book = load_workbook(BytesIO(content))
    sheets = {sheet.title: [list(row) for row in sheet.values] for sheet in book}
    tables = [b for b in drawing.answer.prepared.question.text if "table" in b and drawing.answer[b["table"]]]
    assert len(sheets) == len(tables) + 1 + (drawing.diagram.form == "matrix")
    for rows in list(sheets.values())[:-1]:
        assert len(rows) > 1
    if drawing.diagram.name == "load":
        first = next(iter(sheets.values()))
        assert first[1][:4] == ["市卫生健康委", 8, 4, 12]
    if drawing.diagram.form == "matrix":
        rows = next(iter(sheets.values()))
        head = {name: n for n, name in enumerate(rows[0]) if name in DEPARTMENTS}
        marks = {
            (department, row[0].split("　")[0]): row[n]
            for row in rows[1:]
            for department, n in head.items()
            if row[n] in ("●", "○")
        }
        wanted = {(d, t.partition("/")[2]): "●" if kind == "lead" else "○" for (d, t), kind in said().items()}
        assert marks == wanted
        assert rows[-2][head["市卫生健康委"]], rows[-1][head["市卫生健康委"]] == (8, 4)


READ = {"svg": _svg, "png": _png, "pdf": _pdf, "html": _html, "dot": _dot, "graphml": _graphml, "mmd": _mmd, "xlsx": _xlsx}


def test_a_date_can_be_set_and_the_file_is_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    one, other = (drawn("cooperation").render("svg") for _ in range(2))
    assert one == other
    assert "制图 2023-11-14".encode() in one


def test_it_shows_itself_in_a_notebook() -> None:
    assert drawn("load")._repr_svg_().startswith("<?xml")


def test_formats_in_the_documentation() -> None:
    for page in ("diagrams.md", "diagrams.zh.md"):
        lines = (ROOT / "docs" / page).read_text("utf-8").split("\n")
        start = next(n for n, line in enumerate(lines) if "| svg |" in line)
        head = [cell.strip() for cell in lines[start].strip("|").split("|")]
        told = {}
        for line in lines[start + 2 : start + 2 + len(ASKED)]:
            cells = [cell.strip() for cell in line.strip("|").split("|")]
            told[cells[0].strip("`").split()[0]] = {form for form, cell in zip(head[2:], cells[2:], strict=True) if cell}
        assert told == {name: set(suited(POLICY.workspace.diagram(name))) for name in ASKED}
        assert set(head[2:]) == set(FORMATS)


@pytest.mark.parametrize("page", ["diagrams.md", "diagrams.zh.md"])
def test_the_diagram_of_the_documentation(page: str, tmp_path: Path) -> None:
    import shutil

    for name in ("policy", "facts", "queries", "visualize"):
        shutil.copytree(ROOT / name, tmp_path / name)
    (text,) = re.findall(r"```toml visualize/leads\.toml\n(.*?)```", (ROOT / "docs" / page).read_text("utf-8"), re.S)
    (tmp_path / "visualize" / "leads.toml").write_text(text, "utf-8")
    drawing = zhengce.open(tmp_path).draw("leads", lead_only=True)
    assert edges(drawing) == {pair: kind for pair, kind in said().items() if kind == "lead"}
    nothing_is_hidden(drawing.sheet)


# -- the command --------------------------------------------------------------------------------------------------------


def test_the_command_says_what_it_wrote(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "卫健委.svg"
    arguments = ["--workspace", str(ROOT), "draw", "responsibility", "--department", "卫健委", "-o", str(path)]
    assert run([*arguments, "--lang", "zh"]) == 0
    assert capsys.readouterr().out == f"{path}\n"
    assert "责任关系图：市卫生健康委" in path.read_text("utf-8")


def test_a_file_is_replaced_as_a_whole(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "a.svg"
    path.write_text("before", "utf-8")
    assert run(["--workspace", str(ROOT), "draw", "responsibility", "--department", "没有的", "-o", str(path)]) == 2
    assert path.read_text("utf-8") == "before"
    assert run(["--workspace", str(ROOT), "draw", "load", "-o", str(path)]) == 0
    assert path.read_bytes().startswith(b"<?xml")


@pytest.mark.parametrize("named", [True, False])
def test_open_shows_it(
    named: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shown: list[str] = []
    monkeypatch.setattr("click.launch", lambda path: shown.append(path) or 0)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    more = ["-o", str(tmp_path / "a.svg")] if named else []
    assert run(["--workspace", str(ROOT), "draw", "load", "--open", *more]) == 0
    (path,) = shown
    assert path == capsys.readouterr().out.strip()
    assert Path(path).suffix == (".svg" if named else ".html")
    assert Path(path).stat().st_size > 1000


def test_lines_run_from_box_to_box() -> None:
    """Each edge of the columns ends at the sides of its two nodes."""
    sheet = drawn("responsibility").sheet
    boxes: dict[str, list[Box]] = {}
    for item in sheet.items:
        if isinstance(item, Box) and "node" in item.of:
            boxes.setdefault(item.of[2], []).append(item)
    for line in (item for item in sheet.items if isinstance(item, Line) and "edge" in item.of):
        ends = {name.replace("from", "n").replace("to", "n") for name in line.of if name.startswith(("from-", "to-"))}
        for (x, y), side in ((line.points[0], 1), (line.points[-1], 0)):
            touching = [
                name
                for name in ends
                for box in boxes[name]
                if abs(box.x + side * box.width - x) < SLACK and box.y - SLACK <= y <= box.y + box.height + SLACK
            ]
            assert len(touching) == 1, line
