"""What people read, in Chinese or English.

Messages are written in Chinese where they arise and go through `say`; the catalogue `locale/en.po` (gettext) has the English.
The words of a workspace's own questions and rules have a catalogue beside them, `queries/en.po`. Catalogues are compiled when
they are first needed and kept in the user's cache folder, so that what is edited is plain text and nothing is ever stale.
"""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from gettext import GNUTranslations

LANGUAGES = ("zh", "en")
GLOSS = "gloss"
T = TypeVar("T")
OURS = Path(__file__).with_name("locale")

_language: ContextVar[str] = ContextVar("language", default="zh")
_compiled: dict[tuple[Path, int, int], GNUTranslations] = {}


def use(language: str) -> None:
    """Speak this language from here on, in this thread or task. Raises `ValueError` when it is not one of `LANGUAGES`."""
    if language not in LANGUAGES:
        raise ValueError(f"zh / en, not {language}")
    _language.set(language)


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Speak a language for a while."""
    before = current()
    use(language)
    try:
        yield
    finally:
        use(before)


def current() -> str:
    """The language in use."""
    return _language.get()


def of_locale(environment: Mapping[str, str] = os.environ) -> str:
    """The language of the user's locale: Chinese where it says nothing, for that is what the documents are in."""
    names = (environment.get(key) for key in ("LC_ALL", "LC_MESSAGES", "LANG"))
    name = next((name for name in names if name), "") or _of_system()
    plain = name.partition(".")[0].partition("@")[0].lower()
    return "zh" if plain in ("", "c", "posix") or plain.startswith(("zh", "chinese")) else "en"


def say(message: str, /, **values: object) -> str:
    """A message of the package in the current language, with `values` in its places (`{name}`)."""
    text = message if _language.get() == "zh" or not message else _catalogue(OURS).gettext(message)
    return text.format(**values) if values else text


def later(message: T) -> T:
    """A message, or a table of messages, that stands in a constant: `say` it where it is used."""
    return message


def listed(items: Iterable[object]) -> str:
    """Several things in one line."""
    return say("、").join(map(str, items))


def width(text: str) -> int:
    """The columns that a text takes on a terminal: Chinese takes two."""
    from unicodedata import east_asian_width

    return len(text) + sum(east_asian_width(c) in "WF" for c in text if c > "\u1000")


def words(text: str, folder: Path) -> str:
    """A text of a workspace's own, as the catalogue in `folder` has it in the current language."""
    return text if _language.get() == "zh" or not text else _catalogue(folder).gettext(text)


def gloss(name: str, folder: Path) -> str:
    """A name of the documents, which stays as it is, followed by its gloss where the catalogue in `folder` has one."""
    if _language.get() == "zh" or not name:
        return name
    found = _catalogue(folder).pgettext(GLOSS, name)
    return name if found == name else f"{name} ({found})"


def _catalogue(folder: Path) -> GNUTranslations:
    """The catalogue of the current language in a folder; an empty one where there is none."""
    from gettext import NullTranslations

    file = folder / f"{_language.get()}.po"
    try:
        status = file.stat()
    except OSError:
        return NullTranslations()  # type: ignore[return-value]
    key = (file, status.st_mtime_ns, status.st_size)
    if key not in _compiled:
        try:
            _compiled[key] = _compile(file)
        except Exception:  # whatever babel makes of a broken one: its words stay as they are, and `check` tells what is wrong
            _compiled[key] = NullTranslations()  # type: ignore[assignment]
    return _compiled[key]


def _compile(file: Path) -> GNUTranslations:
    from gettext import GNUTranslations
    from hashlib import blake2b
    from io import BytesIO

    from .keeping import kept

    return GNUTranslations(BytesIO(kept(f"{blake2b(file.read_bytes(), digest_size=16).hexdigest()}.mo", lambda: _mo(file))))


def _mo(file: Path) -> bytes:
    from io import BytesIO

    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    compiled = BytesIO()
    with file.open("rb") as text:
        write_mo(compiled, read_po(text))
    return compiled.getvalue()


def _of_system() -> str:
    if sys.platform not in ("win32", "darwin"):
        return ""
    import locale

    return locale.getlocale()[0] or ""
