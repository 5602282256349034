"""The shape of a file of `visualize/`, held against the question that it draws."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..errors import did_you_mean
from ..language import say
from .references import IN_EVERY_ANSWER, Wording, inside, is_list, part
from .shape import COLUMNS, COUNT, LINE, LINES, SECTION, SECTIONS, TEXT, TITLED, Kind, Shape

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from ..places import Path
    from . import Question
    from .mistakes import Mistakes

Spec = dict[str, Any]

COLOURS = ("blue", "orange", "green", "sky", "vermilion", "purple", "yellow", "grey", "black", "white")
SHAPES = ("box", "rounded", "ellipse", "hexagon", "octagon", "diamond", "cylinder", "note", "folder")
STROKES = ("solid", "dashed", "dotted")
LAYOUTS = ("layers", "ring")
FORMS: dict[str, dict[str, Kind]] = {
    "columns": {"left": TEXT, "middle": TEXT, "right": TEXT, "heads": COLUMNS},
    "matrix": {"rows": TEXT, "columns": TEXT, "heads": COLUMNS},
    "network": {"layout": TEXT, "size": TEXT, "written_from": COUNT},
    "bars": {"of": TEXT, "upto": TITLED, "unit": TEXT, "total": TEXT},
    "timeline": {"of": TEXT, "steps": TEXT, "when": TEXT, "state": TEXT, "today": TEXT},
}
NEEDED = {
    "columns": ("left", "middle", "right", "heads"),
    "matrix": ("rows", "columns"),
    "network": ("layout",),
    "bars": ("of", "upto"),
    "timeline": ("of", "steps", "when"),
}
GROUP = {"each": TEXT, "id": LINE, "label": LINE, "note": LINE}
NODE = {
    "kind": TEXT, "each": TEXT, "id": LINE, "label": LINE, "note": LINE, "lines": LINES, "group": LINE, "clause": LINE,
    "attributes": COLUMNS,
}  # fmt: skip
EDGE = {"kind": TEXT, "each": TEXT, "from": LINE, "to": LINE, "label": LINE, "clause": LINE, "weight": TEXT}
STYLE = {
    "label": TEXT, "colour": TEXT, "shape": TEXT, "line": TEXT, "width": COUNT, "sign": TEXT, "outward": TEXT, "inward": TEXT,
}  # fmt: skip
CHOSEN = {"colour": COLOURS, "shape": SHAPES, "line": STROKES}
TOP = {
    "title": TEXT, "about": TEXT, "help": TEXT, "question": TEXT, "form": TEXT, "group": SECTIONS, "node": SECTIONS,
    "edge": SECTIONS, "style": SECTION, "note": LINES,
}  # fmt: skip
LISTS = {
    "group": (GROUP, ("each", "id", "label")),
    "node": (NODE, ("kind", "each", "id", "label")),
    "edge": (EDGE, ("kind", "each", "from", "to")),
}
PLAIN = ("each", "kind", "attributes", "weight")


class Drawn:
    """Holds a file of `visualize/` against the keys that there are, and its lines against the answer that they show."""

    def __init__(self, data: Spec, questions: Mapping[str, Question], mistakes: Mistakes) -> None:
        self.data, self.questions, self.mistakes = data, questions, mistakes
        self.wrong, self.shape = mistakes.add, Shape(mistakes)

    def diagram(self) -> None:
        """The whole file."""
        data, form = self.data, str(self.data.get("form"))
        known = TOP | dict.fromkeys([form] if form in FORMS else FORMS, SECTION)
        self.shape.table((), "", data, known, ("title", "help", "question", "form", "node", "style"))
        self.chosen(("form",), "form", data.get("form"), FORMS)
        self.chosen(("question",), "question", data.get("question"), self.questions)
        if self.mistakes.errors:
            return
        for name, (keys, required) in LISTS.items():
            for n, spec in enumerate(data.get(name, ())):
                self.shape.table((name, n), name, spec, keys, required)
        for kind, style in data["style"].items():
            self.style(("style", kind), kind, style)
        self.shape.table((form,), form, data.get(form, {}), FORMS[form], NEEDED[form])
        if not self.mistakes.errors:
            self.refers()

    def style(self, path: Path, kind: str, style: object) -> None:
        if not isinstance(style, dict):
            self.wrong(path, say("{where} 要写成表", where=part("style", kind)))
            return
        self.shape.table(path, part("style", kind), style, STYLE)
        for key, known in CHOSEN.items():
            self.chosen((*path, key), part(f"style.{kind}", key), style.get(key), known)

    def chosen(self, path: Path, label: str, value: object, known: Collection[str]) -> None:
        if isinstance(value, str) and value not in known:
            message = say("{label}：没有 {name}", label=label, name=value)
            self.wrong(path, message, did_you_mean(value, known), value=True)

    def refers(self) -> None:
        """The fields that the lines show, the kinds that the form and the edges name."""
        wording = Wording({"answer": self.questions[self.data["question"]].answer}, self.wrong)
        top = {**IN_EVERY_ANSWER, **wording.answer}
        wording.line(("about",), "about", self.data.get("about", ""), top)
        for n, line in enumerate(self.data.get("note", ())):
            self.shape.line(("note", n), "note", line)
            if not self.mistakes.errors:
                wording.line(("note", n), "note", line, top)
        for name in LISTS:
            for n, spec in enumerate(self.data.get(name, ())):
                if (fields := self.around((name, n, "each"), name, spec["each"], top)) is not None:
                    self.lines((name, n), name, spec, fields, wording)
        self.options(self.data.get(self.data["form"], {}), wording, top)
        for kind in self.data["style"].keys() - self.kinds():
            if not self.open_kinds:
                self.wrong(("style", kind), say("style：没有 {name} 这一种", name=kind), did_you_mean(kind, self.kinds()))

    def around(self, path: Path, label: str, each: str, top: Spec) -> Spec | None:
        """The fields that a row of a list of the answer sees: its own, then those around it."""
        fields, own = dict(top), dict(top)
        for key in each.split("."):
            if not is_list(own.get(key)):
                lists = [name for name, spec in own.items() if is_list(spec)]
                self.wrong(
                    path, say("{label}：没有 {name} 这个列表", label=label, name=each), did_you_mean(key, lists), value=True
                )
                return None
            own = inside(own[key]) or {"item": ""}
            fields |= own
        return fields

    def lines(self, path: Path, label: str, spec: Spec, fields: Spec, wording: Wording) -> None:
        for key, line in spec.items():
            if key == "lines":
                for n, each in enumerate(line):
                    self.shape.line((*path, key, n), label, each)
                    if not self.mistakes.errors:
                        wording.line((*path, key, n), part(label, key), each, fields)
            elif key not in PLAIN or key == "kind":
                wording.line((*path, key), part(label, key), line, fields)
        for n, name in enumerate([*spec.get("attributes", ()), *([spec["weight"]] if "weight" in spec else [])]):
            if name not in fields:
                where = (*path, "attributes", n) if "attributes" in spec else (*path, "weight")
                self.wrong(
                    where,
                    say("{label}：没有 {{{name}}} 这个字段", label=label, name=name),
                    did_you_mean(name, fields.keys() - IN_EVERY_ANSWER.keys()),
                    value=True,
                )

    def options(self, options: Spec, wording: Wording, top: Spec) -> None:
        """What stands in the form's own table."""
        form = self.data["form"]
        nodes = {spec["kind"] for spec in self.data["node"]}
        attributes = {name for spec in self.data["node"] for name in spec.get("attributes", ())}
        styles = set(self.data["style"])
        for key, known in {
            "left": styles, "right": styles, "middle": nodes, "rows": nodes, "columns": nodes, "of": nodes, "steps": nodes,
            "size": attributes, "when": attributes, "state": attributes, "layout": LAYOUTS,
        }.items():  # fmt: skip
            self.chosen((form, key), part(form, key), options.get(key), sorted(known))
        for n, (style, name) in enumerate(options.get("upto", ())):
            self.chosen((form, "upto", n, 0), part(form, "upto"), style, sorted(styles))
            self.chosen((form, "upto", n, 1), part(form, "upto"), name, sorted(attributes))
        if "total" in options:
            wording.line((form, "total"), part(form, "total"), options["total"], top)
        if "today" in options:
            self.chosen((form, "today"), part(form, "today"), options["today"], wording.answer)

    @property
    def open_kinds(self) -> bool:
        """Whether a kind depends on what the answer holds."""
        return "state" in self.data.get(self.data["form"], {}) or any(
            "{" in spec["kind"] for name in ("node", "edge") for spec in self.data.get(name, ())
        )

    def kinds(self) -> set[str]:
        """The kinds that there are: of nodes, of edges, of parts of a bar."""
        options = self.data.get(self.data["form"], {})
        found = {spec["kind"] for name in ("node", "edge") for spec in self.data.get(name, ())}
        return found | {style for style, _ in options.get("upto", ())}
