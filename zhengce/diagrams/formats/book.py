"""A workbook (.xlsx): a matrix as a sheet, then the tables of the question that is drawn, numbers as numbers."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from io import BytesIO
from typing import TYPE_CHECKING, Any

from ...language import say, width
from ...questions import PLACE
from ...report.as_text import WIDE_SPACE, Text
from ...texts.signs import no_formula
from ..palette import LIGHT, edge_ink

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

    from .. import Drawing

WIDEST, FORBIDDEN = 48, re.compile(r"[\[\]:*?/\\]")
LONGEST_NAME = 31


def render(drawing: Drawing, form: str = "xlsx") -> bytes:
    """The workbook."""
    from openpyxl import Workbook

    book = Workbook()
    assert book.active is not None
    book.remove(book.active)
    if drawing.diagram.form == "matrix":
        _matrix(drawing, book)
    _tables(drawing, book)
    about = drawing.graph.graph
    sheet = book.create_sheet(say("说明"))
    for line in (about["title"], about["about"], *about["documents"], say("制图 {day}", day=about["drawn"]), *about["notes"]):
        if line:
            sheet.append([no_formula(line)])
    buffer = BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def _tables(drawing: Drawing, book: Workbook) -> None:
    """Each table of the question's wording."""
    answer = drawing.answer
    text, question = Text(answer.workspace.words), answer.prepared.question
    for block in question.text:
        if "table" not in block or not answer.data[block["table"]]:
            continue
        name = text.words(block.get("heading", "")) or drawing.graph.graph["title"]
        sheet = book.create_sheet(FORBIDDEN.sub(" ", name)[:LONGEST_NAME])
        sheet.append([no_formula(text.words(title)) for title, _ in block["columns"]])
        for row in answer.data[block["table"]]:
            sheet.append([_cell(text, spec, row) for _, spec in block["columns"]])
        _looks(sheet)


def _cell(text: Text, spec: Any, row: dict[str, Any]) -> Any:
    """What stands in a cell: a number or a date as such where the column is nothing else."""
    place = PLACE.fullmatch(spec) if isinstance(spec, str) else None
    value = row.get(place[1]) if place else None
    if isinstance(value, int | Decimal | date) and not isinstance(value, bool):
        return value
    return no_formula((text.line(spec, row) or "").strip(WIDE_SPACE))


def _matrix(drawing: Drawing, book: Workbook) -> None:
    from openpyxl.styles import Alignment, Font, PatternFill

    from ..forms.matrix import Matrix

    matrix = Matrix(drawing.graph, drawing.diagram)
    sheet = book.create_sheet(FORBIDDEN.sub(" ", drawing.graph.graph["title"])[:LONGEST_NAME])
    signs = [f"{matrix.styles[kind].sign} {matrix.styles[kind].label}" for kind in matrix.kinds]
    sheet.append([None, *map(matrix.label, matrix.columns), *signs])
    for group, members in matrix.groups.items():
        if group:
            sheet.append([drawing.graph.graph["groups"][group]["label"]])
            sheet.cell(sheet.max_row, 1).font = Font(bold=True)
        for row in members:
            found = [matrix.cells.get((row, column)) for column in matrix.columns]
            sums = [matrix.sum_of(kind, row=row) for kind in matrix.kinds]
            sheet.append(
                [no_formula(matrix.label(row)), *(matrix.styles[kind].sign if kind else None for kind in found), *sums]
            )
            for n, kind in enumerate(found, 2):
                if kind:
                    cell, style = sheet.cell(sheet.max_row, n), matrix.styles[kind]
                    cell.alignment = Alignment(horizontal="center")
                    cell.font = Font(color=edge_ink(style).stroke.lstrip("#"))
                    if kind == matrix.kinds[0]:
                        cell.fill = PatternFill("solid", fgColor=LIGHT[style.colour].lstrip("#"))
    for kind, sign in zip(matrix.kinds, signs, strict=True):
        sheet.append([sign, *(matrix.sum_of(kind, column=column) for column in matrix.columns)])
    _looks(sheet)
    for n in range(2, len(matrix.columns) + 2):
        sheet.cell(1, n).alignment = Alignment(textRotation=255, vertical="bottom", horizontal="center")
        sheet.column_dimensions[sheet.cell(1, n).column_letter].width = 4.5
    sheet.freeze_panes = "B2"


def _looks(sheet: Worksheet) -> None:
    """A head in bold that stays in sight, columns as wide as what is in them."""
    from openpyxl.styles import Alignment, Font
    from openpyxl.utils import get_column_letter

    for cell in sheet[1]:
        cell.font = Font(bold=True)
    for n, column in enumerate(sheet.columns, 1):
        widest = max(width(str(cell.value or "")) for cell in column)
        sheet.column_dimensions[get_column_letter(n)].width = min(WIDEST, widest + 2)
        for cell in column:
            if widest + 2 > WIDEST:
                cell.alignment = Alignment(wrap_text=True, vertical="top")
    sheet.freeze_panes = "A2"
