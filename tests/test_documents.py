"""What the files of `facts/` and `policy/` mean: the real ones load, and a bad one says what is wrong and where."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random

import pytest

from zhengce.datalog.parser import parse
from zhengce.datalog.syntax import Declaration
from zhengce.documents import check_facts, merge, read_document, read_facts
from zhengce.errors import WorkspaceError, ZhengceError
from zhengce.rows import Facts

ROOT = Path(__file__).parents[1]
Declarations = dict[str, Declaration]

RULES = """
@[key = "clause"]
.decl clause(clause: symbol, document: symbol, parent: symbol, heading: symbol, position: number)
.decl document(document: symbol, title: symbol)
.decl document_issuer(document: symbol, issuer: symbol)
.decl document_number(document: symbol, number: symbol)
.decl document_basis(document: symbol, basis: symbol)
.decl document_silent(document: symbol, matter: symbol)
@[key = "item", ids = "item", references = "item = clause.clause"]
.decl item(item: symbol, document: symbol, position: number, title: symbol, points: decimal)
@[ids = "item", references = "item = item.item"]
.decl open(item: symbol)
@[ids = "item", references = "item = item.item"]
.decl body(item: symbol, position: number, name: symbol)
@[ids = "item", references = "item = item.item"]
.decl limit(item: symbol, many: number, since: date)
@[key = "many, points"]
.decl pair(many: number, points: decimal, name: symbol)
.decl name(title: symbol)
@[key = "part", ids = "part", references = "parent = node.part"]
.decl node(part: symbol, parent: symbol)
"""


def declared(*texts: tuple[str, str]) -> Declarations:
    return {d.name: d for text, file in texts for d in parse(text, file).declarations}


@pytest.fixture(scope="module")
def real() -> Declarations:
    files = sorted([*(ROOT / "policy").glob("*.dl"), *(ROOT / "zhengce" / "prelude").glob("*.dl")])
    return declared(*((p.read_text("utf-8"), str(p)) for p in files))


@pytest.fixture(scope="module")
def facts(real: Declarations) -> Facts:
    yamls = [read_facts(p, real) for p in sorted((ROOT / "facts").glob("*.yaml"))]
    return merge([*yamls, *(read_document(p) for p in sorted((ROOT / "policy").glob("*.toml")))])


@pytest.fixture(scope="module")
def small() -> Declarations:
    return declared((RULES, "rules.dl"))


@pytest.fixture
def written(tmp_path: Path) -> Callable[[str, str], Path]:
    def write(name: str, text: str) -> Path:
        path = tmp_path / name
        path.write_text(text, "utf-8")
        return path

    return write


Written = Callable[[str, str], Path]
Rows = dict[str, set[tuple[object, ...]]]


# -- the real files ---------------------------------------------------------------------------------------------------


def test_the_files_of_the_workspace_are_sound(facts: Facts, real: Declarations) -> None:
    assert check_facts(facts, real) == []


@pytest.mark.parametrize(
    ("relation", "rows"),
    [
        ("document", 2), ("document_basis", 5), ("document_number", 1),
        ("indicator_group", 6), ("indicator", 31), ("condition", 48), ("excludes", 5), ("element", 4), ("field", 7),
        ("not_self_scored", 1), ("below_province", 2), ("below_value", 3), ("standard", 2),
        ("task", 25), ("locality", 25), ("open_list", 24), ("by_duty", 24), ("department", 17),
        ("incident_kind", 4), ("revocation_trigger", 3), ("trigger_part", 5),
    ],
)  # fmt: skip
def test_as_many_rows_as_the_inventory_has(facts: Facts, relation: str, rows: int) -> None:
    assert len(facts[relation]) == rows


def test_points_add_up(facts: Facts) -> None:
    groups = {row[0]: row[4] for row in facts["indicator_group"]}
    sums = Counter[str]()
    for row in facts["indicator"]:
        sums[row[1]] += row[4]
    assert dict(sums) == groups
    assert [points // 10**6 for points in groups.values()] == [25, 24, 16, 10, 10, 15]
    assert set(facts["scored_table"]) == {("liaoning-2022", 100 * 10**6)}


def test_emergency_management_serves_five_tasks(facts: Facts) -> None:
    assert sum(row[2] in ("市应急局", "市应急管理局") for row in facts["responsible"]) == 5


def test_tasks_by_section(facts: Facts) -> None:
    sections = Counter(row[1].removeprefix("fuxin-2020/") for row in facts["task"])
    assert sections == {"二.一": 5, "二.二": 5, "二.三": 4, "二.四": 3, "二.五": 4, "三": 4}


def test_nested_rows_know_whose_they_are_and_their_place(facts: Facts) -> None:
    assert ("fuxin-2020/二.一.1", 2, "市总工会") in facts["responsible"]
    assert ("liaoning-2022/附件.一.1", "liaoning-2022/附件.一", 1, "职责分工与专题会议", 6000000) in facts["indicator"]
    assert ("liaoning-2022/附件.一.3.c", "资金来源") in facts["element"]
    assert ("liaoning-2022/附件.五.5.b", "满意度", 90000000) in facts["below_value"]
    assert ("liaoning-2022/二.二.cycle", "2022", 1, "周期始于偶数年，第一个为2022—2023年") in facts["reading_option"]


def test_an_id_of_another_document_keeps_its_name(facts: Facts) -> None:
    assert any(row[:2] == ("liaoning-2022/附件.六.2", "fuxin-2020/二.二.3") for row in facts["text_fault"])


def test_clauses_and_their_parents(facts: Facts) -> None:
    clauses = list(facts["clause"])
    assert ("fuxin-2020/一", "fuxin-2020", "", "总体要求", 1) in clauses
    assert ("fuxin-2020/一.一", "fuxin-2020", "fuxin-2020/一", "指导思想", 2) in clauses


@pytest.mark.parametrize("relation", ["indicator", "condition", "responsible", "excludes", "open_list", "clause"])
def test_places_point_at_the_text(facts: Facts, relation: str) -> None:
    for row, span in facts[relation].items():
        line = Path(span.file).read_text("utf-8").split("\n")[span.line - 1]
        start = line[span.column - 1 :]
        key = "id" if relation == "clause" else relation
        shown = str(row[-1])
        assert start.startswith((f"{key}: ", f"{{{key}: ", "id = ", shown, shown.split("/")[-1], "yes"))


# -- conventions ------------------------------------------------------------------------------------------------------

GOOD = [
    ("name: [甲, 乙]", {"name": {("甲",), ("乙",)}}),
    ("name: 甲", {"name": {("甲",)}}),
    ("name: {title: 甲}", {"name": {("甲",)}}),
    ("name: []", {}),
    ("name: ['null', '', 'yes', no, 1.50]", {"name": {("null",), ("",), ("yes",), ("no",), ("1.50",)}}),
    ("open: [一, other/二, '']", {"open": {("doc/一",), ("other/二",), ("",)}}),
    ("item: {item: 一, title: 甲, points: 2.5}", {"item": {("doc/一", "doc", 1, "甲", 2500000)}}),
    ("item: {item: 一, title: 甲, points: -3, position: 7, document: x}",
     {"item": {("doc/一", "x", 7, "甲", -3000000)}}),
    ("item: {open: 是, points: 1, body: 甲, title: t, item: 一}",
     {"item": {("doc/一", "doc", 1, "t", 1000000)}, "open": {("doc/一",)}, "body": {("doc/一", 1, "甲")}}),
    ("item: {item: 一, title: t, points: 1, open: 否, body: [甲, {name: 乙}, {name: 丙, item: 二}]}",
     {"item": {("doc/一", "doc", 1, "t", 1000000)},
      "body": {("doc/一", 1, "甲"), ("doc/一", 2, "乙"), ("doc/二", 3, "丙")}}),
    ("document: {title: a}", {"document": {("doc", "a")}}),
    ("document_number: 〔2020〕17号", {"document_number": {("doc", "〔2020〕17号")}}),
    ("node: {part: 一, parent: '', node: {part: 二, node: {part: 三}}}",
     {"node": {("doc/一", ""), ("doc/二", "doc/一"), ("doc/三", "doc/二")}}),
]  # fmt: skip


@pytest.mark.parametrize(("text", "rows"), GOOD, ids=[text for text, _ in GOOD])
def test_conventions(small: Declarations, written: Written, text: str, rows: Rows) -> None:
    assert {name: set(found) for name, found in read_facts(written("doc.yaml", text), small).items()} == rows


def test_a_date(small: Declarations, written: Written) -> None:
    found = read_facts(written("doc.yaml", "limit: {item: 一, many: 12, since: 2022-05-20}"), small)["limit"]
    assert [(row[1], row[2].isoformat()) for row in found] == [(12, "2022-05-20")]


def test_two_files_may_state_one_row(small: Declarations, written: Written) -> None:
    one = read_facts(written("a.yaml", "name: [甲, 乙]"), small)
    two = read_facts(written("b.yaml", "name: [丙, 甲]"), small)
    merged = merge([one, two])["name"]
    assert list(merged) == [("甲",), ("乙",), ("丙",)]
    assert Path(merged[("甲",)].file).name == "a.yaml"


# -- what is wrong, and where -----------------------------------------------------------------------------------------

# In each text ▲ marks the place that the error must show.

ITEM = "item:\n- {item: 一, title: 甲, points: 1}\n"
INSIDE = "item:\n- {item: 一, title: 甲, points: 1, "
BAD_YAML = [
    ("▲nam: 甲", "没有 nam 这个关系", "name"),
    ("item:\n- {item: 一, ▲titel: 甲, points: 1}", "item 里不能写 titel", "title"),
    ("item:\n- ▲{item: 一, titel: 甲, points: 1}", "item 缺少 title", ""),
    (INSIDE + "▲bodies: 甲}", "item 里不能写 bodies", "body"),
    (INSIDE + "▲name: 甲}", "item 里不能写 name", ""),
    ("item:\n- ▲item: 一", "item 缺少 title、points", ""),
    ("item:\n- {item: 一, title: 甲, points: ▲two}", "item 的 points：“two”不是数", "半角"),
    ("item:\n- {item: 一, title: 甲, points: ▲１}", "“１”不是数", "半角"),
    ("item:\n- {item: 一, title: 甲, points: ▲1e3}", "“1e3”不是数", ""),
    ("item:\n- {item: 一, title: 甲, points: ▲0.1234567}", "超过六位", ""),
    ("item:\n- {item: 一, title: 甲, points: ▲1000000000000}", "超出小数的范围", ""),
    ("item:\n- {item: 一, title: 甲, points: ▲.nan}", "“.nan”不是数", ""),
    ("item:\n- {item: 一, title: 甲, points: ▲[1]}", "item 的 points：这里要写一个值", ""),
    ("item:\n- {item: 一, title: ▲{a: b}, points: 1}", "item 的 title：这里要写一个值", ""),
    ("item:\n- item: 一\n  title:▲\n  points: 1", "item 的 title：没有写值", "''"),
    ("item:\n- ▲一", "item 的一行要按列来写", "{item: …, title: …, points: …}"),
    ("item:\n- ▲[一, 甲, 1]", "item 的一行要按列来写", ""),
    ("item:▲", "item 的一行要按列来写", ""),
    ("name:▲", "name 的 title：没有写值", ""),
    ("name: [甲, ▲~]", "name 的 title：没有写值", ""),
    ("name: [▲[甲]]", "name 的一行要按列来写", "{title: …}"),
    ("name: ▲{}", "name 缺少 title", ""),
    ("name: [甲, 乙, ▲甲]", "name 的这一行写了两次", "第 1 行"),
    (ITEM + "open: [一, 二,\n  ▲doc/一]", "open 的这一行写了两次", "第 3 行"),
    (INSIDE + "open: yes}\nopen: ▲一", "open 的这一行写了两次", "第 2 行"),
    ("limit: {item: 一, many: ▲1.0, since: 2022-05-20}", "limit 的 many：“1.0”不是整数", ""),
    ("limit: {item: 一, many: ▲99999999999999999999, since: 2022-05-20}", "64 位", ""),
    (f"limit: {{item: 一, many: ▲{'9' * 5000}, since: 2022-05-20}}", "不是整数", ""),
    ("limit: {item: 一, many: 1, since: ▲2022年5月20日}", "“2022年5月20日”不是日期", "2022-05-20"),
    ("limit: {item: 一, many: 1, since: ▲2022-02-30}", "没有“2022-02-30”这一天", ""),
    (INSIDE + "open: ▲maybe}", "open 只能写 yes 或 no", ""),
    (INSIDE + "open: ▲{}}", "open 只能写 yes 或 no", ""),
    (INSIDE + "open: [▲[yes]]}", "open 只能写 yes 或 no", ""),
    (INSIDE + "open: ▲}", "open 只能写 yes 或 no", ""),
    (INSIDE + "body: [甲, {▲nam: 乙}]}", "body 里不能写 nam", "name"),
    ("name: 甲\n▲name: 乙", "“name”写了两次", "第 1 行"),
    ("▲- 甲", "最外层", ""),
    ("name: ▲[甲\n", "方括号没有成对", "]"),
]


@pytest.mark.parametrize(("marked", "message", "hint"), BAD_YAML)
def test_bad_facts(small: Declarations, written: Written, marked: str, message: str, hint: str) -> None:
    text, place = unmarked(marked)
    with pytest.raises(WorkspaceError) as caught:
        read_facts(written("doc.yaml", text), small)
    assert_one(caught.value, message, hint, place)


def test_all_that_is_wrong_is_said_at_once(small: Declarations, written: Written) -> None:
    text = "item:\n- {item: 一, titel: 甲, points: x, open: maybe, body: [[]]}\nnam: 1"
    with pytest.raises(WorkspaceError) as caught:
        read_facts(written("doc.yaml", text), small)
    wrong = [text.split("\n")[e.span.line - 1][e.span.column - 1 :] for e in caught.value.all if e.span]
    assert [w[:5] for w in wrong] == ["{item", "titel", "x, op", "maybe", "[]]}", "nam: "]


HEAD = 'title = "甲"\nissuer = "乙"\n'
ONE = HEAD + '[[clause]]\nid = "一"\nheading = "总"\n'
BAD_TOML = [
    ('▲issuer = "乙"', "缺少 title", 'title = "…"'),
    ('issuer = "乙"\n▲title = 3', "title 要写成文字", ""),
    ('issuer = "乙"\n▲title = " "', "title 要写成文字，不能是空的", ""),
    (HEAD + '▲nummer = "1"', "不认识的键 nummer", "number"),
    (HEAD + "▲basis = [1]", "basis 写得不对", ""),
    (HEAD + "▲number = 17", "number 写得不对", ""),
    (HEAD + '▲silent = ["a", "a"]', "写了两次", "第 3 行"),
    (HEAD + '▲clause = "一"', "clause 写得不对", "[[clause]]"),
    (HEAD + '[▲clause]\nid = "一"', "clause 写得不对", "[[clause]]"),
    (HEAD + '▲[[clause]]\nheading = "总"', "缺少 id", ""),
    (HEAD + "▲[[clause]]", "缺少 heading", ""),
    (HEAD + '[[clause]]\nheading = "总"\n▲id = 1', "id 要写成文字", ""),
    (HEAD + '[[clause]]\nheading = "总"\n▲id = "a/b"', "斜线", ""),
    (ONE + '▲parnt = ""', "不认识的键 parnt", "parent"),
    (ONE + "▲parent = 0", "parent 要写成文字", ""),
    (ONE + '▲parent = "二"', "没有“二”这一条", ""),
    (ONE + '▲parent = "一"', "上级条款“一”要写在前面", ""),
    (ONE + '  [[clause]]\n  id = "一.一"\n  heading = "x"\n  ▲parent = "一.二"', "没有“一.二”这一条", "一"),
    (ONE + '[[clause]]\n▲id = "一"\nheading = "又"', "条款“一”写了两次", "第 4 行"),
    (ONE + '[[clause]]\n▲"id" = "一"\nheading = "又"', "条款“一”写了两次", "第 4 行"),
    (HEAD + "[▲extra]\na = 1", "不认识的键 extra", ""),
    (ONE + '▲extra.a = "一"', "不认识的键 extra", ""),
]


@pytest.mark.parametrize(("marked", "message", "hint"), BAD_TOML)
def test_bad_document(written: Written, marked: str, message: str, hint: str) -> None:
    text, place = unmarked(marked)
    with pytest.raises(WorkspaceError) as caught:
        read_document(written("doc.toml", text))
    assert_one(caught.value, message, hint, place)


def test_clauses_written_inline_are_read_too(written: Written) -> None:
    inline = HEAD + 'clause = [{id = "一", heading = "x"}, {id = "一.1", parent = "一", heading = "y"}]'
    rows = read_document(written("doc.toml", inline))["clause"]
    assert set(rows) == {("doc/一", "doc", "", "x", 1), ("doc/一.1", "doc", "doc/一", "y", 2)}


BETWEEN = [
    ("item: {item: ▲二, title: 甲, points: 1}", "clause 里没有“doc/二”", "一"),
    (ITEM + "- ▲{title: 乙, points: 2, item: 一}\n", "item 有两行的 item 相同：doc/一", "doc.yaml:2:3"),
    (
        "pair:\n- {many: 1, points: 2.50, name: a}\n- ▲{many: 1, points: 2.5, name: b}",
        "pair 有两行的 many、points 相同：1、2.5",
        "doc.yaml:2:3",
    ),
    (ITEM + "body: {name: 乙, item: ▲一.1}", "item 里没有“doc/一.1”", "一"),
    (ITEM + "open: [一,\n  ▲other/一]", "item 里没有“other/一”", "一"),
    (ITEM + "open: [▲'']", "item 里没有“”", "一"),
    ("node: {part: 一, parent: ▲二}", "node 里没有“二”", "一"),
]


@pytest.mark.parametrize(("marked", "message", "hint"), BETWEEN)
def test_wrong_between_rows(small: Declarations, written: Written, marked: str, message: str, hint: str) -> None:
    text, place = unmarked(marked)
    parts = [read_facts(written("doc.yaml", text), small), read_document(written("doc.toml", ONE))]
    errors = check_facts(merge(parts), small)
    assert len(errors) == 1
    assert_one(errors[0], message, hint, place)


def test_an_empty_parent_is_no_reference(small: Declarations, written: Written) -> None:
    assert check_facts(read_facts(written("doc.yaml", "node: {part: 一, parent: ''}"), small), small) == []


def test_keys_across_files_name_both_places(small: Declarations, written: Written) -> None:
    rows = "pair: {many: 1, points: 2, name: %s}"
    parts = [read_facts(written(f"{n}.yaml", rows % n), small) for n in "ab"]
    (error,) = check_facts(merge(parts), small)
    assert error.span is not None
    assert Path(error.span.file).name == "b.yaml"
    assert "a.yaml:1:7" in error.hint


def test_an_error_without_its_file_still_has_its_row(small: Declarations, written: Written) -> None:
    path = written("doc.yaml", "open:\n- {item: 二}")
    rows = read_facts(path, small)
    path.unlink()
    (error,) = check_facts(rows, small)
    assert (error.span, error.source) == (rows["open"][("doc/二",)], "")


BAD_RULES = [
    ('@[▲ids = "b"]\n.decl r(a: symbol)', "没有“r.b”这一列", "r.a"),
    ('@[▲key = "b"]\n.decl r(a: symbol)', "没有“r.b”这一列", "r.a"),
    ('@[▲references = "a = s.b"]\n.decl r(a: symbol)', "没有“s.b”这一列", "r.a"),
    ('@[▲references = "b = r.a"]\n.decl r(a: symbol)', "没有“r.b”这一列", "r.a"),
    ('@[▲references = "a = r.b"]\n.decl r(a: symbol, b: number)', "r.a 与 r.b 的类型不同", ""),
    ('@[▲references = "a"]\n.decl r(a: symbol, b: number)', "没有“”这一列", "列 = 关系.列"),
]


@pytest.mark.parametrize(("marked", "message", "hint"), BAD_RULES)
def test_bad_annotations(written: Written, marked: str, message: str, hint: str) -> None:
    text, place = unmarked(marked)
    path = written("r.dl", text)
    (error,) = check_facts({}, declared((text, str(path))))
    assert_one(error, message, hint, place)


def test_a_document_needs_its_relations_declared(written: Written) -> None:
    rules = declared((".decl clause(clause: symbol)", "r.dl"))
    errors = check_facts(read_document(written("doc.toml", ONE)), rules)
    assert [e.message.split()[0] for e in errors] == ["document", "document_issuer", "clause"]


# -- whatever happens to a text, it is read or refused with a place ---------------------------------------------------


@pytest.mark.parametrize("seed", range(40))
def test_a_damaged_text_is_refused_with_a_place(seed: int, real: Declarations, written: Written) -> None:
    random = Random(seed)
    for source in sorted([*(ROOT / "facts").glob("*.yaml"), *(ROOT / "policy").glob("*.toml")]):
        path = written(source.name, damaged(source.read_text("utf-8"), random))
        assert all(e.span or "TOML" in e.message for e in wrong_with(path, real))


def wrong_with(path: Path, declarations: Declarations) -> Sequence[ZhengceError]:
    try:
        found = read_facts(path, declarations) if path.suffix == ".yaml" else read_document(path)
    except WorkspaceError as error:
        return error.all
    return check_facts(found, declarations)


def damaged(text: str, random: Random) -> str:
    lines = text.split("\n")
    for _ in range(random.randint(1, 4)):
        i, j = random.randrange(len(lines)), random.randrange(len(lines))
        match random.randrange(4):
            case 0:
                del lines[i]
            case 1:
                lines.insert(j, lines[i])
            case 2:
                lines[i] = "  " + lines[i]
            case _:
                cut = random.randrange(len(lines[i]) + 1)
                put = random.choice(["", "[", "x: ", "'", "- ", "=", "null"])
                lines[i] = lines[i][:cut] + put + lines[i][cut + 1 :]
    return "\n".join(lines)


def unmarked(text: str) -> tuple[str, tuple[int, int]]:
    """A text without its mark, and the line and column where that stood."""
    before, _, after = text.partition("▲")
    return before + after, (before.count("\n") + 1, len(before) - before.rfind("\n"))


def assert_one(error: WorkspaceError, message: str, hint: str, place: tuple[int, int]) -> None:
    found = next((e for e in error.all if message in e.message), None)
    assert found is not None, str(error)
    assert found.span is not None
    assert (found.span.line, found.span.column) == place, str(found)
    assert hint in found.hint, str(found)
    assert found.source
