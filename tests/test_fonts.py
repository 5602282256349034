"""Chinese in PNG and PDF: with the fonts of the extra alone, with another font alone, with none; and in Simplified forms.

What fonts there are is said as everybody can say it: a FONTCONFIG_FILE of one's own stands for the system's.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from io import BytesIO
from itertools import product
from pathlib import Path
from shutil import which
from subprocess import run

import pytest
from PIL import Image, ImageChops, ImageDraw, ImageFont
from pypdf import PdfReader
from test_bad_inputs import ROOT

from zhengce import diagrams
from zhengce.diagrams import Drawing, fonts, graphviz
from zhengce.diagrams.sheet import LEADING, Sheet, Text
from zhengce.errors import DrawingError
from zhengce.workspace import Workspace, find

EXTRA = fonts.extra()
assert EXTRA is not None, "the group dev has the fonts"
SANS, SERIF = EXTRA / "NotoSansSC-Regular.otf", EXTRA / "NotoSerifSC-Regular.otf"
EVERY_REGION = Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc")  # of Debian's fonts-noto-cjk
JAPANESE, SIMPLIFIED = 0, 2  # faces in it
REGIONAL = "直骨角海令化与没"  # written in one way in China and in another in Japan
ABSENT = "𫝀😀"

SIZE, CELL, ROW = 60, 90, 12  # of large characters in a table: points, and how many in a row
SCALE = graphviz.DPI // graphviz.INCH
BORDER = round(graphviz.MARGIN * graphviz.DPI)
SAME, OTHER, BOX = 0.9, 0.85, 0.1  # the part of their ink that two share: a glyph drawn twice, two forms of it, it and a box

Only = Callable[..., None]


@pytest.fixture
def only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Only:
    """Leaves these files as the system's fonts, with the extra or without it."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    configuration, folder = tmp_path / "fonts.conf", tmp_path / "fonts"
    configuration.write_text(f"<fontconfig><dir>{folder}</dir></fontconfig>", encoding="utf-8")
    monkeypatch.setenv("FONTCONFIG_FILE", str(configuration))
    folder.mkdir()

    def left(*files: Path, extra: bool = False) -> None:
        for file in files:
            (folder / file.name).symlink_to(file)
        monkeypatch.setattr(fonts, "extra", lambda: EXTRA if extra else None)

    return left


def test_with_the_extra_alone_a_pdf_holds_the_font_and_the_characters(only: Only) -> None:
    only(extra=True)
    pdf = PdfReader(BytesIO(drawing().render("pdf")))
    assert embedded(pdf) == {"NotoSansSC-Regular"}
    assert inked(pdf.pages[0].extract_text()) == inked("".join(drawing().sheet.texts()))


def test_with_the_extra_alone_a_png_shows_the_glyphs_of_every_character(only: Only) -> None:
    only(extra=True)
    characters = sorted(inked("".join(drawing().sheet.texts())))
    own = [glyphs(character, SANS) for character in characters]
    drawn = list(large(characters))
    worst = min(zip(map(shared, drawn, own), characters, strict=True))
    assert worst[0] > SAME, worst
    nearest = max(map(shared, drawn, [*own[1:], own[0]]))
    assert nearest < OTHER


def test_a_whole_picture_shows_its_title_as_the_font_writes_it(only: Only) -> None:
    only(extra=True)
    picture = seen(drawing().render("png"))
    first, *others = (item for item in drawing().sheet.items if isinstance(item, Text))
    title = place(picture, first)
    told = shared(title, glyphs(first.text, SANS, first.size))
    assert told > 1.5 * max(shared(title, glyphs(other.text, SANS, first.size)) for other in others)


def test_boxes_are_told_from_glyphs(only: Only, monkeypatch: pytest.MonkeyPatch) -> None:
    only()
    monkeypatch.setattr(fonts, "missing", lambda *_: [])
    assert max(shared(box, glyphs(character, SANS)) for box, character in zip(large(REGIONAL), REGIONAL, strict=True)) < BOX


def test_a_font_that_is_only_in_the_system_does_too(only: Only) -> None:
    only(SERIF)
    assert embedded(probed(REGIONAL)) == {"NotoSerifSC-Regular"}
    assert min(map(shared, large(REGIONAL), (glyphs(character, SERIF) for character in REGIONAL))) > SAME


@pytest.mark.skipif(not EVERY_REGION.exists(), reason="needs a font with the forms of every region")
def test_the_forms_are_simplified_in_a_japanese_locale(only: Only, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    only(EVERY_REGION)
    if localedef := which("localedef"):
        run([localedef, "-i", "ja_JP", "-f", "UTF-8", tmp_path / "ja_JP.UTF-8"], capture_output=True, check=False)
    monkeypatch.setenv("LOCPATH", str(tmp_path))
    monkeypatch.setenv("LC_ALL", "ja_JP.UTF-8")
    drawn = list(large(REGIONAL))
    assert min(shared(d, glyphs(c, EVERY_REGION, face=SIMPLIFIED)) for d, c in zip(drawn, REGIONAL, strict=True)) > SAME
    assert max(shared(d, glyphs(c, EVERY_REGION, face=JAPANESE)) for d, c in zip(drawn, REGIONAL, strict=True)) < OTHER


@pytest.mark.parametrize("form", ["png", "pdf"])
def test_without_a_font_it_is_said_what_is_missing_and_what_to_install(only: Only, form: str) -> None:
    only()
    with pytest.raises(DrawingError) as error:
        drawing().render(form)
    named = error.value.message.partition("“")[2].partition("”")[0].rstrip("…")
    assert len(named) == fonts.SHOWN
    assert set(named) <= set("".join(drawing().sheet.texts()))
    assert error.value.hint
    assert "zhengce[fonts]" in error.value.hint
    assert "apt install fonts-noto-cjk" in error.value.hint


@pytest.mark.parametrize("form", ["svg", "html"])
def test_what_a_browser_shows_needs_no_font(only: Only, form: str) -> None:
    only()
    text = drawing().render(form).decode()
    assert fonts.STACK.split(",")[0] in text
    assert "市卫生健康委" in text


def test_with_a_latin_font_alone_only_chinese_is_missing(only: Only, tmp_path: Path) -> None:
    only()
    (tmp_path / "fonts" / "latin.ttf").write_bytes(ImageFont.load_default(SIZE).font_bytes)
    assert fonts.missing(set("卫生 ABC"), graphviz._glyphs) == ["卫", "生"]


def test_latin_text_needs_a_font_too(only: Only) -> None:
    only()
    assert fonts.missing(set("AB"), graphviz._glyphs) == ["A", "B"]


def test_only_what_the_extra_lacks_is_named(only: Only) -> None:
    only(extra=True)
    sheet = Sheet()
    sheet.add(Text(0, 0, 200, f"卫生{ABSENT}·康"))
    with pytest.raises(DrawingError, match=f"“{ABSENT}”") as error:
        graphviz.draw(sheet, "png")
    assert error.value.hint
    assert "zhengce[fonts]" not in error.value.hint


@pytest.mark.parametrize("text", ["·•‧・", "…⋯", "一⼀", "–‒", "卫\u200b生\ufe0f", "é\u0301"])
def test_characters_that_share_a_glyph_or_have_none_are_not_missing(only: Only, text: str) -> None:
    only(extra=True)
    assert fonts.missing(set(text), graphviz._glyphs) == []


def test_latin_letters_are_not_joined(only: Only) -> None:
    only(extra=True)
    assert probed("office 1/2 fi").pages[0].extract_text().strip() == "office 1/2 fi"


def test_a_pdf_of_another_maker_is_trusted() -> None:
    assert fonts.missing({"卫"}, lambda _: b"%PDF-1.3") == []


def test_the_extra_works_where_nothing_can_be_kept(only: Only, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    only(extra=True)
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert embedded(probed("卫生")) == {"NotoSansSC-Regular"}
    monkeypatch.setattr(fonts, "folder", lambda: None)
    assert embedded(probed("卫生")) == {"NotoSansSC-Regular"}


def test_the_cache_folder_may_be_relative(only: Only, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    only(extra=True)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", "here")
    assert embedded(probed("卫生")) == {"NotoSansSC-Regular"}


def test_many_at_once_write_one_whole_configuration(only: Only, tmp_path: Path) -> None:
    only(extra=True)
    with ThreadPoolExecutor(8) as pool:
        (file,) = set(pool.map(lambda _: fonts.environment()["FONTCONFIG_FILE"], range(50)))
    assert [str(path) for path in (tmp_path / "cache").rglob("*.*")] == [file]


@cache
def drawing() -> Drawing:
    """A real picture."""
    return diagrams.draw(Workspace(find(ROOT)), "responsibility", {"department": "市卫生健康委"})


def probed(text: str) -> PdfReader:
    """A text as a PDF."""
    return PdfReader(BytesIO(graphviz._glyphs(text)))


def embedded(pdf: PdfReader) -> set[str]:
    """The fonts that are in a PDF as files, all of them."""
    found = set()
    for font in pdf.pages[0]["/Resources"]["/Font"].values():
        for part in font.get("/DescendantFonts", [font]):
            assert {"/FontFile", "/FontFile2", "/FontFile3"} & set(part.get_object()["/FontDescriptor"])
            found.add(part.get_object()["/BaseFont"].partition("+")[2])
    return found


def inked(text: str) -> Counter[str]:
    """The characters that leave ink."""
    return Counter(character for character in text if not character.isspace())


def large(characters: str | list[str]) -> Iterator[Image.Image]:
    """The ink of characters, each drawn large."""
    sheet = Sheet()
    for number, character in enumerate(characters):
        row, column = divmod(number, ROW)
        sheet.add(Text(column * CELL, row * CELL, CELL, character, SIZE))
    picture = seen(graphviz.draw(sheet, "png"))
    return (place(picture, item) for item in sheet.items if isinstance(item, Text))


def seen(png: bytes) -> Image.Image:
    """A picture in grey."""
    return Image.open(BytesIO(png)).convert("L")


def place(picture: Image.Image, text: Text) -> Image.Image:
    """The ink in a picture where a text stands."""
    left, top = BORDER + text.x * SCALE - SCALE * 5, BORDER + text.y * SCALE
    right, bottom = left + text.width * SCALE, top + text.size * LEADING * SCALE
    return ink(picture.crop((int(left), int(top), int(right), int(bottom))))


def glyphs(text: str, file: Path, size: float = SIZE, *, face: int = 0) -> Image.Image:
    """The ink of a text as a font itself has it."""
    font = opened(file, size, face)
    around = int(size * SCALE)
    picture = Image.new("L", (int(font.getlength(text)) + 2 * around, 4 * around), "white")
    ImageDraw.Draw(picture).text((around, around), text, "black", font)
    return ink(picture)


@cache
def opened(file: Path, size: float, face: int) -> ImageFont.FreeTypeFont:
    """A font to draw with, at a size in points."""
    return ImageFont.truetype(file, size * SCALE, face, layout_engine=ImageFont.Layout.BASIC)


def ink(picture: Image.Image) -> Image.Image:
    """What is dark, white on black, without the room around it."""
    dark = picture.point(lambda value: 255 if value < 128 else 0)
    return dark.crop(dark.getbbox())


def shared(one: Image.Image, other: Image.Image) -> float:
    """The part of the ink of two pictures that is ink in both; they may be a pixel apart."""
    size = max(one.width, other.width) + 2, max(one.height, other.height) + 2

    def laid(dx: int, dy: int) -> float:
        first, second = Image.new("L", size), Image.new("L", size)
        first.paste(one, (1, 1))
        second.paste(other, (1 + dx, 1 + dy))
        both, either = ImageChops.darker(first, second), ImageChops.lighter(first, second)
        return both.histogram()[255] / either.histogram()[255]

    return max(laid(dx, dy) for dx, dy in product((-1, 0, 1), repeat=2))
