"""Chinese fonts: which ones pictures ask for, where they are looked for, and whether the one who draws has found any.

An SVG only names fonts; PNG and PDF need one on this machine, installed or from the extra `zhengce[fonts]`.

    environment ──▶ the worker draws ──▶ missing ──▶ error

On Linux and Windows Pango draws, with fonts from fontconfig; on a Mac Graphviz leaves it to the system, which has Chinese.
"""

from __future__ import annotations

import os
import re
import sys
import unicodedata
import zlib
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from ..errors import DrawingError
from ..keeping import blake2b, folder, write
from ..language import say

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

STACK = (
    "Noto Sans SC,Noto Sans CJK SC,Source Han Sans SC,Source Han Sans CN,PingFang SC,Hiragino Sans GB,Microsoft YaHei,"
    "WenQuanYi Micro Hei,WenQuanYi Zen Hei,SimHei,DengXian,"
    "Noto Serif SC,Noto Serif CJK SC,Source Han Serif SC,SimSun,sans-serif"  # or the Japanese face of Noto Serif would be taken
)
EXTRA = "pylopdf_fonts_zh_cn"  # the package that zhengce[fonts] installs: Noto Sans SC, SIL Open Font License
HOMES = {"win32": ("WINDOWSFONTDIR", "~/AppData/Local/Microsoft/Windows/Fonts")}
ELSEWHERE = ("/usr/share/fonts", "/usr/local/share/fonts", "~/.local/share/fonts", "~/.fonts")
# No ligatures: a reader of a PDF that goes by its fonts would read “ﬁ” where “fi” is written.
CONFIGURATION = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">
<fontconfig>
{places}
  <cachedir>{cache}</cachedir>
  <match target="font"><edit name="fontfeatures" mode="append"><string>liga=0</string></edit></match>
</fontconfig>
"""
# What is drawn the same whoever asks: fontconfig's fonts (Windows has others), and Simplified forms, which Pango chooses by
# the locale if that is one of a language in Han characters, else by its own variable.
AROUND = {"PANGOCAIRO_BACKEND": "fc", "PANGO_LANGUAGE": "zh-cn", "LC_ALL": "C"}

STREAM = re.compile(rb"stream\r?\n(.*?)endstream", re.DOTALL)
TABLE = re.compile(rb"beginbfchar(.*?)endbfchar", re.DOTALL)
MAPPED = re.compile(rb"<[0-9a-f]+>\s*<((?:[0-9a-f]{4})+)>")
SPAN = re.compile(rb"/ActualText <feff((?:[0-9a-f]{4})+)> >> BDC\s+(?!EMC)")
INVISIBLE = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]")  # they choose among the forms of the character before
SHOWN = 8


def environment() -> dict[str, str]:
    """The environment to draw in. Where nothing can be written, the system's configuration has to do, without the extra."""
    file = _written(folder()) or _written(_temporary())
    return dict(os.environ) | AROUND | ({"FONTCONFIG_FILE": str(file)} if file else {})


def extra() -> Path | None:
    """The folder of the fonts that the extra has installed."""
    found = find_spec(EXTRA)
    return Path(found.origin).parent if found and found.origin else None


def missing(wanted: Collection[str], drawn: Callable[[str], bytes]) -> list[str]:
    """The characters that no font here has, Chinese first. `drawn`: makes a PDF of characters, or raises `DrawingError`.

    The PDF tells, if Cairo wrote it: a glyph that was found stands in its text, a box in its place does not. That of another
    maker says nothing here, and is trusted.
    """
    asked = sorted(filter(_visible, wanted), key=lambda c: (unicodedata.category(c) != "Lo", c))
    if not asked:
        return []
    pdf = drawn("".join(asked))
    contents = [pdf, *_contents(pdf)]
    if not any(b"cairo" in content for content in contents):
        return []
    found = _told(contents)
    return [c for c in asked if c not in found]


def error(missing: Collection[str]) -> DrawingError:
    """The error about characters that no font has."""
    shown = "".join(list(missing)[:SHOWN]) + ("…" if len(missing) > SHOWN else "")
    if extra():
        hint = say("装有这些字的字体（Debian、Ubuntu：apt install fonts-hanazono），或者换一个字；SVG 与 HTML 不需要")
    else:
        hint = say(
            "运行 pip install 'zhengce[fonts]'，或装系统的中文字体（Debian、Ubuntu：apt install fonts-noto-cjk）；"
            "SVG 与 HTML 不需要"
        )
    return DrawingError(say("这台机器上没有能写出“{shown}”的字体", shown=shown), hint=hint)


def _visible(c: str) -> bool:
    return not c.isspace() and unicodedata.category(c) not in ("Cc", "Cf") and not INVISIBLE.match(c)


def _told(contents: Collection[bytes]) -> set[str]:
    """The characters with a glyph: those in the tables of the fonts, and those that share a glyph with one of them.

    These stand as a span of text around the glyph. (Around a box there is a span too, but nothing is in it.)
    """
    codes = [code for content in contents for table in TABLE.findall(content) for code in MAPPED.findall(table)]
    codes += [code for content in contents for code in SPAN.findall(content)]
    return set("".join(bytes.fromhex(code.decode()).decode("utf-16-be", "ignore") for code in codes))


def _contents(pdf: bytes) -> Iterator[bytes]:
    """What is in the compressed streams of a PDF."""
    for stream in STREAM.finditer(pdf):
        try:
            yield zlib.decompressobj().decompress(stream[1])
        except zlib.error:
            continue


def _written(home: Path | None) -> Path | None:
    """The configuration as a file in a folder; None where it cannot be written."""
    if home is None:
        return None
    home = home.absolute()
    text = _configuration(home / "fontconfig").encode()
    file = home / f"fonts-{blake2b(text, digest_size=8).hexdigest()}.conf"
    try:
        if not file.exists() or file.read_bytes() != text:
            write(file, text)
    except OSError:
        return None
    return file


@cache
def _temporary() -> Path | None:
    """A folder for as long as this process runs."""
    import atexit
    import shutil
    import tempfile

    try:
        made = Path(tempfile.mkdtemp(prefix="zhengce-"))
    except OSError:
        return None
    atexit.register(shutil.rmtree, made, ignore_errors=True)
    return made


def _configuration(cache: Path) -> str:
    """The extra's fonts, and the system's: in its usual folders, or as the user's own configuration has them.

    (The system's own configuration is left out: it may be newer than the fontconfig that comes with Graphviz.)
    """
    variables = os.environ
    given = variables.get("FONTCONFIG_FILE") or ("fonts.conf" if variables.get("FONTCONFIG_PATH") else "")
    folders = [] if given else [str(Path(place).expanduser()) for place in HOMES.get(sys.platform, ELSEWHERE)]
    if found := extra():
        folders.insert(0, str(found))
    places = [f"  <dir>{escape(place)}</dir>" for place in folders]
    if given:
        places.append(f'  <include ignore_missing="yes">{escape(given)}</include>')
    return CONFIGURATION.format(places="\n".join(places), cache=escape(str(cache)))
