"""Every message goes through `say` and has its English in `zhengce/locale/en.po`; the language is the user's, thread by thread.

`pytest tests/test_language.py --regold` puts the catalogue in order: the messages as they first appear, module by module, new
ones without a translation, those that nobody says any more left out.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path
from string import Formatter
from threading import Thread
from typing import NamedTuple

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po
from test_bad_inputs import COMMANDS, MINIMAL, ROOT, prepared, walk

from zhengce import errors, language
from zhengce.cli import run
from zhengce.engines import engine

PACKAGE = ROOT / "zhengce"
CATALOGUE = PACKAGE / "locale" / "en.po"
MODULES = sorted(PACKAGE.rglob("*.py"))

IDEOGRAPH = re.compile("[\u3400-\u9fff]")
CHINESE = re.compile("[\u3000-\u303f\u3400-\u9fff\uff00-\uffef]")
ONE_SIGN = re.compile("“.”")
# constants that hold Chinese which is no message: what people write in their files, and signs that they mistype
DATA = {
    "arguments.py": {"OR", "WIDE_EQUALS"},
    "ask.py": {"ASSUMED", "EXAMPLE"},
    "cases/assumed.py": {"UNKNOWN"},
    "cases/rosters.py": {"NUMERALS", "TEN", "ITEM"},
    "cases/shape.py": {"YES", "NO", "DATE"},
    "cli/command.py": {"ASSUMED", "EXAMPLE", "WIDE_EQUALS"},
    "cli/spoken.py": {"CLOSING"},
    "cli/beginning.py": {"TASK"},
    "cli/why.py": {"BRACKETS", "EXAMPLES"},
    "comparing.py": {"EXAMPLE"},
    "explaining.py": {"HEAD"},
    "names.py": {"QUOTES"},
    "rows.py": {"SAID"},
    "report/as_difference.py": {"BRACKET"},
    "report/as_text.py": {"WIDE_SPACE"},
    "sources/__init__.py": {"CITED"},
    "sources/cutting.py": {"NUMERAL", "NUMBERS", "LIST_OF_ATTACHMENTS"},
    "sources/word.py": {"(DIGITS, TEN)"},
    "texts/files.py": {"HAN"},
    "texts/signs.py": {"KEY", "PARENTHESES", "WIDE_COLON", "WIDE_COMMAS", "WIDE_DASH", "WIDE_SPACES"},
    "texts/toml_text.py": {"WIDE_ENDS"},
    "texts/wrapping.py": {"CLOSING", "OPENING"},
    "texts/yaml_faults.py": {"WIDE_ENDS", "WIDE_QUOTES"},
    "why/goals.py": {"EXAMPLE", "WIDE"},
    "why/narration.py": {"INNER"},
}


class Message(NamedTuple):
    """A message where it is said, with the names of its values; None where a constant holds it, to be said later."""

    text: str
    module: str
    line: int
    values: frozenset[str] | None


def _name(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


def _calls(tree: ast.AST, function: str) -> Iterator[ast.Call]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == function and node.args:
            yield node


def _texts(tree: ast.AST) -> Iterator[ast.Constant]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str))


def _messages(path: Path) -> list[Message]:
    """The messages of a module, in their order."""
    tree, module = ast.parse(path.read_text(encoding="utf-8")), _name(path)
    found: list[tuple[int, int, Message]] = []
    for call in _calls(tree, "say"):
        if isinstance(call.args[0], ast.Constant):
            values = frozenset(keyword.arg or "**" for keyword in call.keywords)
            found.append((call.lineno, call.col_offset, Message(str(call.args[0].value), module, call.lineno, values)))
    for call in _calls(tree, "later"):
        texts = (text for text in _texts(call.args[0]) if IDEOGRAPH.search(text.value))
        found += [(text.lineno, text.col_offset, Message(text.value, module, text.lineno, None)) for text in texts]
    return [message for _, _, message in sorted(found, key=lambda each: each[:2])]


SAID = [message for path in MODULES for message in _messages(path)]


def _used_in() -> dict[str, list[str]]:
    """The modules that say each message, all in the order of their first appearance."""
    used: dict[str, list[str]] = {}
    for message in SAID:
        modules = used.setdefault(message.text, [])
        modules += [] if message.module in modules else [message.module]
    return used


def _catalogue() -> Catalog:
    with CATALOGUE.open("rb") as file:
        return read_po(file, abort_invalid=True)


def _translations() -> dict[str, str]:
    return {str(entry.id): str(entry.string) for entry in _catalogue() if entry.id}


# -- the messages -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", MODULES, ids=_name)
def test_what_is_chinese_is_said_or_data(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    fine = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}  # docstrings
    for call in _calls(tree, "say"):
        fine |= {id(text) for text in _texts(call.args[0])}
    for call in _calls(tree, "later"):
        fine |= {id(text) for text in _texts(call)}
    for node in tree.body:
        if isinstance(node, ast.Assign) and {ast.unparse(t) for t in node.targets} & DATA.get(_name(path), set()):
            fine |= {id(text) for text in _texts(node)}
    loose = [f"{node.lineno}: {node.value!r}" for node in _texts(tree) if id(node) not in fine and CHINESE.search(node.value)]
    assert not loose


def test_the_names_of_data_are_all_there() -> None:
    for module, names in DATA.items():
        tree = ast.parse((PACKAGE / module).read_text(encoding="utf-8"))
        assert names <= {ast.unparse(t) for node in tree.body if isinstance(node, ast.Assign) for t in node.targets}, module


def test_values_fit_their_places() -> None:
    said = [message for message in SAID if message.values]
    assert not [m for m in said if {name for name, _ in _places(m.text)} != m.values]


def test_every_message_has_its_english(request: pytest.FixtureRequest) -> None:
    """In the order of their first appearance; an entry that nobody says any more is left out."""
    text = _written(_used_in(), _translations())
    if request.config.getoption("--regold"):
        CATALOGUE.write_text(text, encoding="utf-8")
    translations = _translations()
    assert not [message for message in _used_in() if not translations.get(message)]
    assert not [message for message in translations if message not in _used_in()]
    assert CATALOGUE.read_text(encoding="utf-8") == text, "put it in order by `pytest tests/test_language.py --regold`"


def test_the_english_is_english() -> None:
    catalogue = _catalogue()
    assert not [entry.id for entry in catalogue if entry.fuzzy and entry.id]
    assert not catalogue.obsolete
    assert not [english for english in _translations().values() if CHINESE.search(ONE_SIGN.sub("", english))]


def test_the_english_has_the_same_places() -> None:
    formatted = {message.text for message in SAID if message.values is None or message.values}
    translations = _translations()
    assert not [text for text in formatted if _places(text) != _places(translations[text])]


def test_all_that_is_said_without_values_is_said_so_everywhere() -> None:
    """`say` fills places only where it is given values: the same text with and without would want its braces twice."""
    bare = {message.text for message in SAID if message.values == frozenset()}
    assert not {message.text for message in SAID if message.values} & bare


def _places(text: str) -> set[tuple[str, str | None]]:
    """The places of a message, none where its braces are text."""
    try:
        return {(name, conversion) for _, name, _, conversion in Formatter().parse(text) if name and name.isidentifier()}
    except ValueError:
        return set()


def _written(used_in: Mapping[str, list[str]], translations: Mapping[str, str]) -> str:
    """The catalogue as a text."""
    head = CATALOGUE.read_text(encoding="utf-8").partition("\n\n")[0]
    entries = [
        f"#: {' '.join(modules)}\nmsgid {_quoted(message)}\nmsgstr {_quoted(translations.get(message, ''))}"
        for message, modules in used_in.items()
    ]
    return "\n\n".join([head, *entries]) + "\n"


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


# -- the codes ----------------------------------------------------------------------------------------------------------------


def _kinds(kind: type[errors.ZhengceError] = errors.ZhengceError) -> Iterator[type[errors.ZhengceError]]:
    yield kind
    for below in kind.__subclasses__():
        yield from _kinds(below)


WITHOUT_CODE = {
    "DrawingError",
    "EngineError",
    "EvaluationError",
    "ProofError",
    "QuestionError",
    "RuleError",
    "UnansweredError",
    "ZhengceError",
}


@pytest.mark.parametrize("kind", sorted(set(_kinds()), key=lambda kind: kind.__name__), ids=lambda kind: kind.__name__)
def test_every_kind_has_a_code_and_says_how_to_mend_it(kind: type[errors.ZhengceError]) -> None:
    assert f"─ {kind.__name__} " in str(errors.__doc__) or kind is errors.ZhengceError
    assert bool(kind.code) == bool(kind.mend) == (kind.__name__ not in WITHOUT_CODE)
    assert not kind.code or re.fullmatch("[a-z]+(-[a-z]+)*", kind.code)
    assert not kind.code or f" [{kind.code}]\n" in str(errors.__doc__)
    mends = {other.mend for other in _kinds() if other.code == kind.code}
    assert len(mends) == 1, "one code, one way to mend it"


def test_an_error_shows_its_code_and_a_hint() -> None:
    assert str(errors.SafetyError("甲")) == f"甲 [unsafe]\n  → {errors.SafetyError.mend}"
    assert str(errors.SafetyError("甲\n乙", hint="丙")) == "甲 [unsafe]\n乙\n  → 丙"
    assert str(errors.QuestionError("甲")) == "甲"


# -- the language -------------------------------------------------------------------------------------------------------------


@pytest.fixture
def english(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("LC_ALL", "en_US.UTF-8")
    language.use("en")
    yield
    language.use("zh")


@pytest.mark.parametrize(
    ("spoken", "environment"),
    [
        ("zh", {"LC_ALL": "zh_CN.UTF-8", "LANG": "en_US.UTF-8"}),
        ("zh", {"LC_ALL": "C"}),
        ("zh", {"LC_ALL": "C.UTF-8", "LC_MESSAGES": "en_US", "LANG": "en_US"}),
        ("zh", {"LC_MESSAGES": "POSIX", "LANG": "en_US"}),
        ("zh", {"LANG": "zh_TW"}),
        ("zh", {"LANG": "zh"}),
        ("zh", {"LANG": "Chinese (Simplified)_China.936"}),
        ("zh", {"LANG": "zh_CN@stroke"}),
        ("en", {"LC_ALL": "en_US.UTF-8", "LANG": "zh_CN.UTF-8"}),
        ("en", {"LC_ALL": "", "LC_MESSAGES": "", "LANG": "en_GB"}),
        ("en", {"LC_MESSAGES": "en_US", "LANG": "zh_CN"}),
        ("en", {"LANG": "de_DE.UTF-8@euro"}),
    ],
)
def test_the_language_of_a_locale(spoken: str, environment: dict[str, str]) -> None:
    assert language.of_locale(environment) == spoken


def test_only_two_languages_are_spoken() -> None:
    with pytest.raises(ValueError, match="not fr"):
        language.use("fr")
    assert language.current() == "zh"


def test_a_message_in_both_languages(english: None) -> None:
    with pytest.raises(errors.EngineError) as caught:
        engine("momory")
    assert str(caught.value) == "there is no engine momory\n  → did you mean: memory?"
    language.use("zh")
    with pytest.raises(errors.EngineError) as caught:
        engine("momory")
    assert str(caught.value) == "没有 momory 这个引擎\n  → 是不是：memory？"


def test_a_thread_that_speaks_english_changes_no_other() -> None:
    heard = []

    def speak() -> None:
        language.use("en")
        heard.append(language.listed(["1", "2"]))

    thread = Thread(target=speak)
    thread.start()
    thread.join()
    assert [*heard, language.listed(["1", "2"])] == ["1, 2", "1、2"]


# -- bad input in English -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("folder", walk(COMMANDS))
def test_bad_input_in_english(
    folder: Path, english: None, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every run of Chinese characters in the message is one of the user's, or of the documents'."""
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    arguments = prepared(folder, here)
    cache = tmp_path if "workspace" in arguments else tmp_path_factory.getbasetemp()
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache / "cache"))
    with redirect_stdout(StringIO()), redirect_stderr(StringIO()) as err:
        assert run(arguments) == 2
    theirs = _written_by_users(folder)
    ours = [run for run in re.findall(f"{CHINESE.pattern}+", ONE_SIGN.sub("", err.getvalue())) if run not in theirs]
    assert not ours, err.getvalue()


def _written_by_users(folder: Path) -> str:
    """All that stands in the files of an example and of the workspaces, and their names."""
    files = [path for top in (folder, MINIMAL) for path in top.rglob("*") if path.is_file() and path.name != "message"]
    files += [path for part in ("facts", "policy", "queries") for path in (ROOT / part).rglob("*.*") if path.is_file()]
    texts = [path.read_text(encoding="utf-8", errors="replace") for path in files]
    return "\n".join([*texts, *map(str, files)])
