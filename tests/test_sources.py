"""Copies of the documents held against the digests: which clause has changed, and what stands on it.

The document is invented (`sources/`); it has every way to number a clause, and a table. It is read as a text file and as Word
files, with typed numbers and with those that Word writes by itself.
"""

from __future__ import annotations

import json
import shutil
import tomllib
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape
from zipfile import ZipFile

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from test_bad_inputs import MINIMAL, ROOT
from test_docs import KEYS, code, shapes, table

from zhengce.cli import run
from zhengce.errors import QuestionError, TextError
from zhengce.sources import quotes
from zhengce.sources.comparing import CHANGED, MISSING, OTHER, UNCHANGED, Found, compare
from zhengce.sources.cutting import Clause, Cut, cut, digest
from zhengce.sources.reading import read_lines
from zhengce.workspace import Workspace

OWN = Path(__file__).parent / "sources"
DOCUMENT = "demo-2024"
TEXT = (OWN / f"{DOCUMENT}.txt").read_text(encoding="utf-8")
TABLES = tomllib.loads((OWN / "workspace" / "policy" / f"{DOCUMENT}.toml").read_text(encoding="utf-8"))["clause"]
CLAUSES = [Clause(table["id"], table.get("parent", ""), table["heading"]) for table in TABLES]
IDS = ["", *(clause.id for clause in CLAUSES)]
LETTERS = "某何9"  # letters that no clause is numbered by


def cut_of(text: str, recorded: dict[str, str]) -> Cut:
    return cut(text.splitlines(), CLAUSES, recorded)


WHOLE = cut_of(TEXT, {})
RECORDED = {clause: digest(text) for clause, text in WHOLE.texts.items()}


def owner_of(place: int) -> str:
    """The clause in which a character of the text stands: the one that loses it when it is taken away."""
    without = cut_of(TEXT[:place] + TEXT[place + 1 :], RECORDED).texts
    (owner,) = [clause for clause in IDS if without.get(clause) != WHOLE.texts[clause]]
    return owner


# -- a workspace, and a Word file ------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The workspace with its digests, and a copy in `sources/`."""
    folder = tmp_path_factory.mktemp("sources") / "workspace"
    shutil.copytree(MINIMAL, folder)
    shutil.copytree(OWN / "workspace", folder, dirs_exist_ok=True)
    (folder / "sources").mkdir()
    (folder / "sources" / f"{DOCUMENT}.txt").write_text(TEXT, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(folder.parent / "cache"))
        assert said("--workspace", str(folder), "sources", "--update")[0] == 0
    return folder


@pytest.fixture
def workspace(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return Path(shutil.copytree(made, tmp_path / "workspace"))


def said(*arguments: str) -> tuple[int, str, str]:
    with redirect_stdout(StringIO()) as out, redirect_stderr(StringIO()) as err:
        status = run(arguments)
    return status, out.getvalue(), err.getvalue()


def differing(workspace: Path, file: Path) -> list[Found]:
    return [each for each in compare(quotes(Workspace(workspace), [file]))[DOCUMENT] if each.state != UNCHANGED]


W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
LISTS = {
    "一、": (0, "chineseCounting", "%1、"),
    "（一）": (1, "chineseCountingThousand", "（%2）"),
    "1.": (2, "decimal", "%3."),
}


def word(text: str, *, numbered: bool = False) -> bytes:
    """A text as a Word file, its table a table. `numbered`: the numbers outside the table are left to Word."""
    body = "".join(_table(part) if part.startswith("\n\t") else _paragraphs(part, numbered) for part in _parts(text))
    levels = "".join(
        f'<w:lvl w:ilvl="{n}"><w:start w:val="1"/><w:numFmt w:val="{kind}"/><w:lvlText w:val="{shown}"/></w:lvl>'
        for n, kind, shown in LISTS.values()
    )
    lists = (
        f'<w:abstractNum w:abstractNumId="0">{levels}</w:abstractNum><w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>'
    )
    with ZipFile(content := BytesIO(), "w") as package:
        package.writestr("word/document.xml", f"<w:document {W}><w:body>{body}</w:body></w:document>")
        package.writestr("word/numbering.xml", f"<w:numbering {W}>{lists}</w:numbering>")
    return content.getvalue()


def _parts(text: str) -> Iterator[str]:
    before, after = text.index("\n\t"), text.rindex("\t\n") + 2
    yield from (text[:before], text[before:after], text[after:])


def _paragraphs(text: str, numbered: bool) -> str:
    return "".join(_paragraph(line, numbered) for line in text.split("\n"))


def _paragraph(line: str, numbered: bool) -> str:
    number, level = next(
        ((mark, level) for mark, (level, _, _) in LISTS.items() if numbered and _numbered(line) == mark), ("", 0)
    )
    if not number:
        return f"<w:p><w:r><w:t>{escape(line)}</w:t></w:r></w:p>"
    rest = line.strip()[len(number) :]
    list_ = f'<w:pPr><w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="1"/></w:numPr></w:pPr>'
    return f"<w:p>{list_}<w:ins><w:r><w:t>{escape(rest)}</w:t></w:r></w:ins><w:del><w:r><w:t>旧</w:t></w:r></w:del></w:p>"


def _numbered(line: str) -> str:
    """The list of which a line is an item, told by its sign."""
    line = line.strip()
    if "名单" in line:  # of the list of attachments
        return ""
    signs = {"一、": line[1:2] == "、", "（一）": line[:1] == "（" and line[1:2] in "一二", "1.": line[1:2] == "."}
    return next((mark for mark, so in signs.items() if so and line), "")


def _table(part: str) -> str:
    rows = [row.split("\n\t") for row in part.strip("\n").split("\n\n")]
    cells = [["".join(_paragraph(p, False) for p in cell.lstrip("\t").split("\n")) for cell in row] for row in rows]
    body = "".join("<w:tr>" + "".join(f"<w:tc>{c}</w:tc>" for c in row) + "</w:tr>" for row in cells)
    return f"<w:tbl>{body}</w:tbl>"


# -- cutting -----------------------------------------------------------------------------------------------------------------


def test_every_clause_is_found_with_its_own_words() -> None:
    assert [clause for clause in IDS if clause not in WHOLE.texts] == []
    assert WHOLE.others == []
    assert WHOLE.texts["二"] == "二、任务"
    assert WHOLE.texts["二.2"] == "2.安全检查。县应急管理局会同县卫生健康局，\n每年检查1次。"
    assert WHOLE.texts["四.二"].startswith("（二）施行")
    assert WHOLE.texts["四.二.1"] == "（1）“以上”包括本数。"
    assert WHOLE.texts["附件1"] == "附件1\n托育机构评分表\n指标\n内容\n分值\n总分\n15.5"
    assert WHOLE.texts["附件1.一"] == "（一）备案\n10分"
    assert WHOLE.texts["附件1.一.2"] == "2.信息真实。不实的不得分。\n6\n甲：\n乙："
    assert WHOLE.texts["附件1.二.1"] == "1.没有事故。有事故的不得分。\n5.5"


ENCODED = {
    "utf-8": TEXT.encode(),
    "bom": b"\xef\xbb\xbf" + TEXT.encode(),
    "gb18030": TEXT.encode("gb18030"),
    "utf-16": TEXT.encode("utf-16"),
    "crlf": TEXT.replace("\n", "\r\n").encode(),
    "spaces": TEXT.replace("。", "。\u3000 \u200b").replace("示例县", "[bookmark: _GoBack]示例县", 1).encode(),
    "rows": TEXT.replace("\t1", "\t1").replace("\n\t内容\n\t分值", "\t内容\t分值").replace("一、", "一、\t").encode(),
    "word": word(TEXT),
    "word-numbers": word(TEXT, numbered=True),
}


@pytest.mark.parametrize("content", ENCODED.values(), ids=ENCODED.keys())
def test_the_same_text_has_the_same_digests_however_it_is_kept(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "copy").write_bytes(content)
    found = cut(read_lines(tmp_path / "copy"), CLAUSES, {})
    assert {clause: digest(text) for clause, text in found.texts.items()} == RECORDED
    assert found.others == []


def test_a_third_document_needs_nothing_but_its_list() -> None:
    clauses = [
        Clause(id_, parent, "") for id_, parent in [("第一章", ""), ("第一章.第一条", "第一章"), ("第一章.第二条", "第一章")]
    ]
    found = cut(["办法", "第一章 总则", "第一条 甲。", "乙。", "第二条 丙。", "第三条 丁。"], clauses, {})
    assert found.texts["第一章.第一条"] == "第一条 甲。\n乙。"
    assert found.others == [("第一章.第三条", "第三条 丁。")]


def test_rows_numbered_in_a_column_of_their_own() -> None:
    clauses = [Clause("附件", "", ""), Clause("附件.1", "附件", ""), Clause("附件.2", "附件", "")]
    lines = [
        "附件",
        "",
        "\t序号",
        "\t内容",
        "\t分值",
        "",
        "\t1",
        "\t甲",
        "\t2",
        "",
        "\t2",
        "\t乙",
        "\t2",
        "",
        "\t合计",
        "\t",
        "\t4",
    ]
    found = cut(lines, clauses, {})
    assert found.texts == {"附件": "附件\n序号\n内容\n分值\n合计\n4", "附件.1": "1\n甲\n2", "附件.2": "2\n乙\n2"}


def test_what_is_not_found_is_missing_and_what_is_new_is_told() -> None:
    line = "（一）解释。本办法由县卫生健康局解释。\n"
    without = cut_of(TEXT.replace(line, ""), RECORDED)
    assert [clause for clause in IDS if clause not in without.texts] == ["四.一"]
    more = cut_of(TEXT.replace("附件：1.", "（三）新增。本县另行规定。\n附件：1."), RECORDED)
    assert more.others[0][0] == "四.三"
    assert more.others[0][1].startswith("（三）新增")


def changed(found: Cut) -> list[str]:
    return [clause for clause in IDS if digest(found.texts.get(clause, "")) != RECORDED[clause]]


def test_every_character_belongs_to_one_clause() -> None:
    """Whichever is changed, its number too, one clause differs, and nothing seems to be new."""
    wrong = []
    for place, before in enumerate(TEXT):
        found = cut_of(TEXT[:place] + LETTERS[before == LETTERS[0]] + TEXT[place + 1 :], RECORDED)
        says_what_follows = TEXT.startswith("附件：", place - "附件：".index(before)) if before in "附件：" else False
        if not before.isspace() and not says_what_follows and (len(changed(found)) != 1 or found.others):
            wrong.append((place, TEXT[place - 5 : place + 5], changed(found), found.others))
    assert not wrong


@given(place=st.integers(0, len(TEXT) - 1), by=st.characters(categories=["Lo", "Nd", "Po"]))
@example(place=TEXT.index("二、任务"), by="三")
@example(place=TEXT.index("1.按时"), by="2")
@example(place=TEXT.index("2.信息"), by="1")
@example(place=TEXT.index("（二）施行") + 1, by="一")
@settings(max_examples=300)
def test_another_character_changes_no_other_clause(place: int, by: str) -> None:
    if by not in "、.．" and not TEXT[place].isspace() and by != TEXT[place]:
        found = cut_of(TEXT[:place] + by + TEXT[place + 1 :], RECORDED)
        assert len(changed(found)) == 1


# -- comparing ---------------------------------------------------------------------------------------------------------------

# by clause: the facts (relation and id) and the rules (relation) that stand on it; on all others none
STANDING: dict[str, tuple[set[tuple[str, str]], set[str]]] = {
    "": ({("document", DOCUMENT), ("document_number", DOCUMENT)}, set()),
    "二": (set(), {"lead"}),
    "二.1": ({("task", "二.1"), ("responsible", "二.1")}, set()),
    "二.2": ({("task", "二.2"), ("responsible", "二.2")}, set()),
    "三": (set(), {"loss"}),
    "三.1": ({("indicator", "三.1"), ("condition", "三.1.a"), ("covers", "三.1")}, set()),
    "三.2": ({("indicator", "三.2"), ("condition", "三.2.a")}, set()),
    "四.二": ({("reading_point", "四.二.from"), ("reading_option", "四.二.from")}, {"years"}),
    "附件1.一.1": ({("score_row", "附件1.一.1")}, set()),
    "附件1.一.2": ({("score_row", "附件1.一.2")}, set()),
    "附件1.二.1": ({("score_row", "附件1.二.1")}, {"years"}),
}


def one_changed(clause: str) -> str:
    """The text with one character of a clause changed: one in the middle of its own words."""
    words = WHOLE.texts[clause].split("\n")
    line = max(words, key=len)
    place = TEXT.rindex(line) + len(line) // 2
    assert owner_of(place) == clause
    return f"{TEXT[:place]}{LETTERS[0]}{TEXT[place + 1 :]}"


@pytest.mark.parametrize("kind", ["txt", "docx"])
def test_one_character_names_exactly_its_clause_and_what_stands_on_it(kind: str, workspace: Path, tmp_path: Path) -> None:
    for clause in IDS:
        text, file = one_changed(clause), tmp_path / f"{DOCUMENT}.{kind}"
        file.write_bytes(word(text) if kind == "docx" else text.encode())
        (found,) = differing(workspace, file)
        facts, rules = STANDING.get(clause, (set(), set()))
        assert (found.clause, found.state) == (clause, CHANGED)
        assert {(fact.relation, fact.id) for fact in found.facts} == facts, clause
        assert {rule.relation for rule in found.rules} == rules, clause


def test_the_places_are_those_of_the_facts_and_rules(workspace: Path, tmp_path: Path) -> None:
    (tmp_path / "copy.txt").write_text(one_changed("四.二"), encoding="utf-8")
    (found,) = differing(workspace, tmp_path / "copy.txt")
    for each in [*found.facts, *found.rules]:
        line = (workspace / each.file).read_text(encoding="utf-8").splitlines()[each.line - 1]
        assert {"reading_point": "reading: 四.二.from", "reading_option": "value:", "years": "years("}[each.relation] in line
    assert len(found.rules) == 2


def test_the_command(workspace: Path, tmp_path: Path) -> None:
    base = "--workspace", str(workspace), "sources"
    assert said(*base)[0] == 0
    assert "19 条未变" in said(*base)[1]
    assert "未变　四.一　解释" in said(*base, "--all")[1]
    other = tmp_path / "另一份.txt"
    other.write_text(one_changed("二.1").replace("三、评分", ""), encoding="utf-8")
    status, out, _ = said(*base, "--source", str(other))
    assert status == 1
    assert "改了　二.1　登记备案\n  现在写作：1.登记备案。" in out
    assert "  事实　task　二.1　facts/demo-2024.yaml:10\n" in out
    assert "缺失　三　评分\n  规则　loss　policy/table.dl:10\n" in out
    told = json.loads(said(*base, "--source", str(other), "--json")[1])
    (document,) = told["documents"]
    assert (document["document"], document["counts"]["changed"], told["without"]) == (DOCUMENT, "1", [])
    assert [(each["clause"], each["state"]) for each in document["clauses"]] == [("二.1", CHANGED), ("三", MISSING)]
    assert document["clauses"][1]["rules"] == [{"relation": "loss", "file": "policy/table.dl", "line": "10"}]


def test_the_keys_of_the_json_are_documented(workspace: Path, tmp_path: Path) -> None:
    (tmp_path / "copy.txt").write_text(one_changed("四.二"), encoding="utf-8")
    _, out, _ = said("--workspace", str(workspace), "sources", "--source", str(tmp_path / "copy.txt"), "--json")
    told = table("The JSON of `zhengce sources`", KEYS)
    assert set(shapes(json.loads(out))) == {
        (path.strip("`").replace("the answer", ""), frozenset(code(keys))) for path, keys in told
    }


def test_a_new_clause_is_told_with_its_words(workspace: Path, tmp_path: Path) -> None:
    (tmp_path / "new.txt").write_text(TEXT.replace("四、附则", "3.新增。另行规定。\n四、附则"), encoding="utf-8")
    (found,) = differing(workspace, tmp_path / "new.txt")
    assert (found.clause, found.state, found.text) == ("三.3", OTHER, "3.新增。另行规定。")


def test_without_a_copy_it_says_where_to_put_one(workspace: Path) -> None:
    shutil.rmtree(workspace / "sources")
    status, out, _ = said("--workspace", str(workspace), "sources")
    assert status == 1
    assert f"没有文本的文件：{DOCUMENT}" in out
    assert str(workspace / "sources") in out
    assert json.loads(said("--workspace", str(workspace), "sources", "--json")[1]) == {"documents": [], "without": [DOCUMENT]}


# -- recording ---------------------------------------------------------------------------------------------------------------


def policy(workspace: Path) -> Path:
    return workspace / "policy" / f"{DOCUMENT}.toml"


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_recording_adds_the_digests_and_touches_nothing_else(end: str, workspace: Path) -> None:
    bare = b"\xef\xbb\xbf" + (OWN / "workspace" / "policy" / f"{DOCUMENT}.toml").read_bytes().replace(b"\n", end.encode())
    policy(workspace).write_bytes(bare)
    assert said("--workspace", str(workspace), "sources")[0] == 1
    assert "19 条没有记下摘要" in said("--workspace", str(workspace), "sources")[1]
    status, out, _ = said("--workspace", str(workspace), "sources", "--update")
    assert status == 0
    assert "的摘要：19 条" in out
    after = policy(workspace).read_bytes()
    assert after.count(b"digest = ") == 19
    assert b"".join(line for line in after.splitlines(keepends=True) if not line.startswith(b"digest = ")) == bare


def test_recording_again_replaces_what_has_changed(workspace: Path) -> None:
    before = policy(workspace).read_text(encoding="utf-8")
    (workspace / "sources" / f"{DOCUMENT}.txt").write_text(one_changed("四.一"), encoding="utf-8")
    assert "的摘要：1 条" in said("--workspace", str(workspace), "sources", "--update")[1]
    after = policy(workspace).read_text(encoding="utf-8")
    pairs = [(a, b) for a, b in zip(before.splitlines(), after.splitlines(), strict=True) if a != b]
    assert pairs == [(f'digest = "{RECORDED["四.一"]}"', pairs[0][1])]
    assert said("--workspace", str(workspace), "sources", "--update")[0] == 0
    assert policy(workspace).read_text(encoding="utf-8") == after


def test_recording_keeps_the_digest_of_what_is_missing(workspace: Path) -> None:
    before = policy(workspace).read_text(encoding="utf-8")
    gone = TEXT.replace("（一）解释。本办法由县卫生健康局解释。\n", "")
    (workspace / "sources" / f"{DOCUMENT}.txt").write_text(gone, encoding="utf-8")
    assert said("--workspace", str(workspace), "sources", "--update")[0] == 1
    assert policy(workspace).read_text(encoding="utf-8") == before


def test_recording_into_tables_in_braces(workspace: Path) -> None:
    inside = ",\n".join("{" + ", ".join(f'{k} = "{v}"' for k, v in table.items()) + "}" for table in TABLES)
    policy(workspace).write_text(f'title = "示例县托育服务办法（虚构）"\nclause = [\n{inside}\n]', encoding="utf-8")
    assert said("--workspace", str(workspace), "sources", "--update")[0] == 0


def test_recording_a_document_without_clauses(workspace: Path, tmp_path: Path) -> None:
    bare = workspace / "policy" / "bare-2024.toml"
    bare.write_text('title = "空的办法"', encoding="utf-8")
    (tmp_path / "a.txt").write_text("空的办法\n一、甲", encoding="utf-8")
    status, out, _ = said("--workspace", str(workspace), "sources", "--update", "--source", str(tmp_path / "a.txt"))
    assert status == 1
    assert "不在工作区里　一" in out
    assert bare.read_text(encoding="utf-8") == f'title = "空的办法"\ndigest = "{digest("空的办法")}"'


# -- quoting -----------------------------------------------------------------------------------------------------------------


def test_quotes(workspace: Path) -> None:
    texts = quotes(Workspace(workspace))
    assert texts[f"{DOCUMENT}/三.1"] == "1.备案。有机构没有备案的，扣2分。"
    assert texts.quote(f"{DOCUMENT}/三.1.a") == texts[f"{DOCUMENT}/三.1"]
    assert texts.quote(f"{DOCUMENT}/四.二.from").startswith("（二）施行")
    assert texts.quote(f"{DOCUMENT}/九") == texts.quote("elsewhere-2020/一") == ""
    assert texts[DOCUMENT].startswith("示例县")
    assert len(texts) == len([*texts]) == len(IDS)
    shutil.rmtree(workspace / "sources")
    assert dict(quotes(Workspace(workspace))) == {}
    assert quotes(Workspace(workspace)).quote(f"{DOCUMENT}/三.1") == ""


def test_only_the_documents_asked_for_are_read(workspace: Path) -> None:
    (workspace / "sources" / f"{DOCUMENT}.txt").write_bytes(b"%PDF")
    texts = quotes(Workspace(workspace))
    assert texts.quote("elsewhere-2020/一") == ""
    with pytest.raises(TextError, match="PDF"):
        texts.quote(f"{DOCUMENT}/三.1")


def test_a_file_is_known_by_its_title(workspace: Path, tmp_path: Path) -> None:
    (tmp_path / "下载.docx").write_bytes(word(TEXT))
    assert len(quotes(Workspace(workspace), [tmp_path / "下载.docx"])) == len(IDS)
    (tmp_path / "别的.txt").write_text("依据《示例县托育服务办法（虚构）》", encoding="utf-8")
    with pytest.raises(QuestionError, match="别的"):
        quotes(Workspace(workspace), [tmp_path / "别的.txt"])


# -- Word --------------------------------------------------------------------------------------------------------------------


def broken_packages() -> dict[str, Any]:
    whole = word(TEXT)
    with ZipFile(entities := BytesIO(), "w") as package:
        package.writestr("word/document.xml", '<!DOCTYPE a [<!ENTITY b "b">]><a>&b;</a>')
    with ZipFile(empty := BytesIO(), "w") as package:
        package.writestr("xl/workbook.xml", "<a/>")
    return {
        "cut": whole[:200],
        "entities": entities.getvalue(),
        "another": empty.getvalue(),
        "damaged": whole.replace(b"<w:p>", b"<w:q>"),
    }


@pytest.mark.parametrize("content", broken_packages().values(), ids=broken_packages().keys())
def test_a_word_file_that_is_none_is_an_error(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "a.docx").write_bytes(content)
    with pytest.raises(TextError, match="Word"):
        read_lines(tmp_path / "a.docx")


def test_this_repository_records_every_clause() -> None:
    workspace = Workspace(ROOT)
    digests = {row[0] for row in workspace.facts("clause_digest")}
    assert digests == {row[0] for row in workspace.facts("clause")} | {row[0] for row in workspace.facts("document")}
