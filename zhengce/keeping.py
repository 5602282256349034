"""What can be made again, kept in the user's cache folder under a name that says all it depends on.

What is missing, broken or cannot be written is made anew, silently: a cache only saves time.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

try:
    from _blake2 import blake2b as blake2b  # hashlib loads OpenSSL first, which takes longer than all the hashing here
except ImportError:
    from hashlib import blake2b as blake2b

if TYPE_CHECKING:
    from collections.abc import Callable

KEPT, ABANDONED = 8, 3600
DIGEST = 16


def kept(name: str, make: Callable[[], bytes]) -> bytes:
    """What is kept under a name, or else made, and then kept."""
    content = load(name)
    if content is None:
        content = make()
        store(name, content)
    return content


def load(name: str) -> bytes | None:
    """What is kept under a name; None where there is nothing whole."""
    home = folder()
    try:
        content = (home / name).read_bytes() if home else b""
    except OSError:
        return None
    whole = blake2b(content[DIGEST:], digest_size=DIGEST).digest() == content[:DIGEST]
    return content[DIGEST:] if whole else None


def store(name: str, content: bytes) -> None:
    """Keep something."""
    from contextlib import suppress

    home = folder()
    if home is None:
        return
    with suppress(OSError):
        write(home / name, blake2b(content, digest_size=DIGEST).digest() + content)
        _prune(home, Path(name).suffix)


def write(path: Path, content: bytes) -> None:
    """Write under another name and move into place, so that nobody meets it half-written. Raises `OSError`."""
    import tempfile

    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        Path(temporary).replace(path)
    except OSError:
        Path(temporary).unlink(missing_ok=True)
        raise


def folder() -> Path | None:
    """Where each system keeps what can be made again; None for a user without a home.

    (A library for this costs as much time as a whole look-up.)
    """
    given = os.environ.get("LOCALAPPDATA" if sys.platform == "win32" else "XDG_CACHE_HOME")
    if given and sys.platform != "darwin":
        return Path(given) / "zhengce"
    try:
        home = Path.home()
    except (RuntimeError, OSError):
        return None
    places = {"win32": home / "AppData" / "Local", "darwin": home / "Library" / "Caches"}
    return places.get(sys.platform, home / ".cache") / "zhengce"


def _prune(folder: Path, suffix: str) -> None:
    """Keep the newest of a kind; take away what a process that was stopped left behind. Raises `OSError`."""
    import time

    for left in folder.glob("*.part"):
        if left.stat().st_mtime < time.time() - ABANDONED:
            left.unlink(missing_ok=True)
    for old in sorted(folder.glob(f"*{suffix}"), key=lambda p: -p.stat().st_mtime)[KEPT:]:
        old.unlink(missing_ok=True)
