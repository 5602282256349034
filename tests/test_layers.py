"""The shape of the house: who may import whom, what a look-up may load, and how long a module may be."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

PACKAGE = Path(__file__).parents[1] / "zhengce"
LONGEST = 400
SHORT = 8

# From the bottom up. A part is a module of zhengce/ or a package in it; parts of one layer are strangers to each other.
LAYERS = [
    {"keeping"},
    {"language"},
    {"errors"},
    {"texts", "places", "datalog"},
    {"sql"},
    {"engines", "prelude", "rows", "measures", "proof"},
    {"documents", "cases", "names", "questions", "shaping", "formatting", "reflection"},
    {"arguments", "sentences", "differing"},
    {"catalogues", "lint"},
    {"workspace"},
    {"report", "explaining", "starting", "sources"},
    {"readings", "contradictions"},
    {"ask"},
    {"souffle", "diagrams"},
    {"why", "batch"},
    {"comparing"},
    {"library", "evaluating", "cli"},
    {"__init__", "__main__"},
]
HEAVY = {
    "pydantic",
    "networkx",
    "lark",
    "pypinyin",
    "rapidfuzz",
    "duckdb",
    "psycopg",
    "sqlglot",
    "pyDatalog",
    "chinese_calendar",
    "yaml",
    "babel",
}

HEIGHT = {part: height for height, layer in enumerate(LAYERS) for part in layer}
MODULES = sorted(PACKAGE.rglob("*.py"))
every_module = pytest.mark.parametrize("path", MODULES, ids=[str(p.relative_to(PACKAGE)) for p in MODULES])


class Import(NamedTuple):
    """`module`: as a dotted name; `typed`: under `if TYPE_CHECKING:`; `top`: not inside a function."""

    module: str
    line: int
    typed: bool
    top: bool


@every_module
def test_imports_only_from_below(path: Path) -> None:
    me = _part(_name(path))
    assert me in HEIGHT, f"say in LAYERS where {me} belongs"
    wrong = []
    for found in _imports(path):
        part = _part(found.module)
        assert part in HEIGHT, f"say in LAYERS where {part} belongs"
        below = HEIGHT[part] < HEIGHT[me]
        if part != me and not below:
            wrong.append(f"{path.name}:{found.line} imports {found.module}")
    assert not wrong


def test_engines_never_import_one_another() -> None:
    wrong = []
    for path in (PACKAGE / "engines").rglob("*.py"):
        mine = _name(path).split(".")[1:2]
        for found in _imports(path):
            theirs = found.module.split(".")
            if mine not in ([], ["__init__"]) and theirs[0] == "engines" and theirs[1:2] != mine:
                wrong.append(f"{path}:{found.line} imports {found.module}")
    assert not wrong


def test_modules_of_a_package_do_not_import_in_circles() -> None:
    graph = {_name(path): {f.module for f in _imports(path) if not f.typed and f.top} for path in MODULES}
    circles = [name for name in graph if name in _reached(graph, name)]
    assert not circles


def test_every_layer_is_used() -> None:
    assert {_part(_name(path)) for path in MODULES} == set(HEIGHT)


@every_module
def test_no_module_is_long(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= LONGEST


@every_module
def test_what_is_public_says_what_it_is(path: Path) -> None:
    """Modules, and public classes and functions over eight lines; the shapes of a case are explained in the README."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    mute = [] if ast.get_docstring(tree) or not tree.body else [path.name]
    if _name(path) != "cases.shape":
        mute += [f"{path.name}:{node.lineno} {node.name}" for node in _public(tree) if not ast.get_docstring(node)]
    assert not mute


# -- what is loaded -----------------------------------------------------------------------------------------------------

LOADED = "import json, sys; print(json.dumps(sorted({name.partition('.')[0] for name in sys.modules})))"


def test_importing_the_package_loads_next_to_nothing(tmp_path: Path) -> None:
    loaded = _loaded("import zhengce", tmp_path) & (HEAVY | {"click", "decimal", "pickle"})
    assert not loaded


@pytest.mark.parametrize(
    "look_up",
    [
        "import zhengce; assert zhengce.open().lead('落实休假政策').status == 0",
        "import contextlib, io; from zhengce.cli import run\n"
        "with contextlib.redirect_stdout(io.StringIO()): assert run(['lead', '落实休假政策']) == 0",
    ],
    ids=["library", "command"],
)
def test_a_look_up_with_a_warm_cache_loads_nothing_heavy(look_up: str, tmp_path: Path) -> None:
    assert _loaded(look_up, tmp_path) & HEAVY, "with a cold cache the workspace is read, which needs some of them"
    heavy = _loaded(look_up, tmp_path) & HEAVY
    assert not heavy


def _loaded(code: str, cache: Path) -> set[str]:
    """The modules in memory after some code, in a Python of its own with a cache folder of its own."""
    environment = {**os.environ, "HOME": str(cache), "XDG_CACHE_HOME": str(cache), "PYTHONUTF8": "1"}
    done = subprocess.run(
        [sys.executable, "-c", f"{code}\n{LOADED}"],
        env=environment, cwd=PACKAGE.parent, capture_output=True, encoding="utf-8", check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return set(json.loads(done.stdout))


# -- reading the sources --------------------------------------------------------------------------------------------------


def _name(path: Path) -> str:
    """`datalog.parser`, `datalog.__init__`, `errors`."""
    return ".".join(path.relative_to(PACKAGE).with_suffix("").parts)


def _part(module: str) -> str:
    return module.partition(".")[0]


def _imports(path: Path) -> Iterator[Import]:
    """Every import of one of our own modules, wherever it stands."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    parents = {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            around = list(_around(node, parents))
            typed = any(isinstance(a, ast.If) and ast.unparse(a.test).endswith("TYPE_CHECKING") for a in around)
            top = not any(isinstance(a, ast.FunctionDef | ast.AsyncFunctionDef) for a in around)
            for target in _targets(node, path):
                yield Import(target, node.lineno, typed, top)


def _around(node: ast.AST, parents: dict[ast.AST, ast.AST]) -> Iterator[ast.AST]:
    while node in parents:
        node = parents[node]
        yield node


def _targets(node: ast.Import | ast.ImportFrom, path: Path) -> Iterator[str]:
    if isinstance(node, ast.Import):
        for alias in node.names:
            if alias.name.partition(".")[0] == PACKAGE.name:
                yield _module(alias.name.split(".")[1:])
        return
    package = ("zhengce", *path.relative_to(PACKAGE).parts)[: -node.level] if node.level else ()
    base = [*package, *(node.module or "").split(".")] if node.module else list(package)
    if base[:1] == [PACKAGE.name]:
        for alias in node.names:
            yield _module([*base[1:], alias.name]) or _module(base[1:])


def _module(parts: list[str]) -> str:
    """The name of the module at `parts`, or nothing when there is none."""
    place = PACKAGE.joinpath(*parts)
    if place.is_dir():
        return ".".join([*parts, "__init__"])
    return ".".join(parts) if place.with_suffix(".py").is_file() else ""


def _reached(graph: dict[str, set[str]], start: str) -> set[str]:
    reached, ahead = set[str](), [start]
    while ahead:
        new = graph[ahead.pop()] - reached
        reached |= new
        ahead += new
    return reached


def _public(tree: ast.Module) -> Iterator[ast.ClassDef | ast.FunctionDef]:
    for node in tree.body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef) and not node.name.startswith("_"):
            yield from [node] if (node.end_lineno or 0) - node.lineno >= SHORT else []
