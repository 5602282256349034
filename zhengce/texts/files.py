"""A file to its text: only regular files, only UTF-8, nothing that cannot be seen."""

from __future__ import annotations

import errno
import re
import stat
from typing import TYPE_CHECKING

from ..errors import Span, ZhengceError
from ..language import later, say

if TYPE_CHECKING:
    from pathlib import Path

LARGEST = 64 * 2**20
BOM = b"\xef\xbb\xbf"
CONTROLS = bytes({*range(32), 127} - {*b"\t\n\r"})
UNPRINTABLE = "[^\t\n\r -~\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"
HAN = "\u4e00", "\u9fff"
OFFICE = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
SYSTEM = later(
    {
        errno.ENOENT: "没有这个文件",
        errno.ENOTDIR: "路径中间有一段是文件，不是文件夹",
        errno.EISDIR: "这是文件夹，不是文件",
        errno.EACCES: "没有读取的权限",
        errno.EPERM: "没有读取的权限",
        errno.ELOOP: "链接绕成了圈",
        errno.EIO: "磁盘读写出错",
    }
)


def read_text(path: Path, error: type[ZhengceError]) -> str:
    """The text of a UTF-8 file, a BOM dropped."""
    data = read_bytes(path, error).removeprefix(BOM)
    if data.startswith(OFFICE):
        raise error(say("这是 Excel 或 Word 文件：{path}", path=path), hint=say("另存为 CSV 或纯文本（UTF-8）"))
    try:
        text = data.decode()
    except UnicodeDecodeError as problem:
        raise error(say("不是 UTF-8 编码"), span=_place(path, data, problem.start), hint=_encoding(data)) from None
    if (start := _gb18030(data, text)) is not None:
        raise error(say("不像是 UTF-8 编码"), span=_place(path, data, start), hint=_encoding(data))
    if len(data.translate(None, CONTROLS)) < len(data):
        raise unseen(text, str(path), error)
    return text


def write_whole(path: Path, text: str | bytes, error: type[ZhengceError]) -> None:
    """Write bytes, or a text as UTF-8, its ends of lines as they are: whole, or not at all, for it is moved into place."""
    import os
    import shutil
    from contextlib import suppress

    path = path.resolve()
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        temporary.write_bytes(text.encode() if isinstance(text, str) else text)
        if path.exists():
            shutil.copymode(path, temporary)
        temporary.replace(path)
    except OSError as problem:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise unwritten(path, problem, error) from None


def unwritten(path: Path, problem: OSError, error: type[ZhengceError]) -> ZhengceError:
    """The error of a file or folder that cannot be written."""
    known = {
        errno.EACCES: say("没有写入的权限"),
        errno.EPERM: say("没有写入的权限"),
        errno.EROFS: say("没有写入的权限"),
        errno.ENOSPC: say("磁盘已满"),
        errno.EDQUOT: say("磁盘已满"),
        errno.ENOTDIR: say("路径中间有一段是文件，不是文件夹"),
        errno.ENOENT: say("没有这个文件夹"),
        errno.EISDIR: say("这是文件夹，不是文件"),
        errno.EEXIST: say("这是文件，不是文件夹"),
    }
    reason = known.get(problem.errno or 0) or say("系统错误 {number}", number=problem.errno)
    return error(say("写不了 {path}：{reason}", path=path, reason=reason))


def unseen(text: str, file: str, error: type[ZhengceError]) -> ZhengceError:
    """The error of a text with a character that nobody can see."""
    found = re.search(UNPRINTABLE, text)
    start, code = (found.start(), ord(found[0])) if found else (0, 0)
    span = Span(file, text.count("\n", 0, start) + 1, start - text.rfind("\n", 0, start))
    hint = say("删去它") if code else say("这不是纯文本文件，或存成了 UTF-16：另存为 UTF-8")
    return error(say("这里有看不见的控制字符（U+{code:04X}）", code=code), span=span, hint=hint)


def read_bytes(path: Path, error: type[ZhengceError]) -> bytes:
    """The bytes of a regular file that is not too large."""
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            problem = say("这是文件夹，不是文件") if stat.S_ISDIR(status.st_mode) else say("这不是普通文件")
            raise error(say("{problem}：{path}", problem=problem, path=path))
        if status.st_size > LARGEST:
            raise error(say("文件太大：{path}（{size} 字节）", path=path, size=status.st_size))
        return path.read_bytes()
    except OSError as fault:
        raise error(unreadable(path, fault)) from None
    except ValueError:
        raise error(say("文件名里有看不见的字符：{path!r}", path=str(path))) from None


def unreadable(path: Path, fault: OSError) -> str:
    """Why the system does not let a file or folder be read."""
    if fault.errno == errno.ENAMETOOLONG:
        return too_long(path)
    known = SYSTEM.get(fault.errno or 0, "")
    problem = say(known) if known else say("系统读不了（错误 {number}）", number=fault.errno)
    return say("{problem}：{path}", problem=problem, path=path)


def too_long(path: Path) -> str:
    return say("文件名太长：{name}…", name=path.name[:40])


def _place(path: Path, data: bytes, offset: int) -> Span:
    line = data.rfind(b"\n", 0, offset) + 1
    return Span(str(path), data.count(b"\n", 0, offset) + 1, len(data[line:offset].decode(errors="replace")) + 1)


def _encoding(data: bytes) -> str:
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return say("像是 UTF-16（记事本的“Unicode”）：另存为 UTF-8")
    try:
        data.decode("gb18030")
    except UnicodeDecodeError:
        return say("另存为 UTF-8")
    return say("像是 GB 18030（GBK）：另存为 UTF-8（Excel 里选“CSV UTF-8”）")


def _gb18030(data: bytes, text: str) -> int | None:
    """Where a text leaves ASCII that is UTF-8 by chance: its letters are foreign, its bytes Chinese in GB 18030.

    `A园` in GB 18030 is `A` and an Armenian letter in UTF-8. Letters and signs of Western Europe alone, × or é, prove nothing.
    """
    if data.isascii() or re.search(b"[\xe0-\xff]", data) or max(text) < "\u0100":
        return None
    try:
        chinese = data.decode("gb18030")
    except UnicodeDecodeError:
        return None
    foreign = re.search(b"[\x80-\xff]", data)
    return foreign.start() if foreign and all(HAN[0] <= c <= HAN[1] for c in chinese if c > "\x7f") else None
