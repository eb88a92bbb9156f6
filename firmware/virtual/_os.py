# The module `os` of an ESP32.
import os as _real
import uctypes as _uctypes
import _host as _h
from collections import namedtuple as _namedtuple

for _name in ("chdir", "getcwd", "ilistdir", "listdir", "mkdir", "remove", "rename", "rmdir"):
    globals()[_name] = getattr(_real, _name)
for _name in ("stat", "statvfs", "unlink", "path", "sep"):
    if hasattr(_real, _name):
        globals()[_name] = getattr(_real, _name)
import vfs as _vfs

mount = _vfs.mount
umount = _vfs.umount
unlink = remove
_rename = rename
_ilistdir = ilistdir
_stat = stat
_random = _h.random
_old = _h.version() == "1.13"
_uname = _namedtuple("uname_result", ("sysname", "nodename", "release", "version", "machine"))(
    "esp32",
    "esp32",
    "1.13.0" if _old else "1.27.0",
    "v1.13 on 2020-09-02" if _old else "v1.27.0 on 2025-12-10",
    _h.machine(),
)
del _namedtuple, _name, _vfs, _old


def ilistdir(path="."):
    # The real one knows no size; an ESP32's file system gives it as the fourth field.
    folder = path.rstrip("/") + "/" if path else ""
    return _with_sizes(folder, _ilistdir(path))


def _with_sizes(folder, entries):
    for entry in entries:
        size = 0 if entry[1] & 0x4000 else stat(folder + entry[0])[6]
        yield entry[0], entry[1], entry[2], size


def listdir(path="."):
    return [entry[0] for entry in _ilistdir(path)]


def rename(old, new):
    # VfsPosix keeps one buffer for absolute paths, so that both would be `new`: go by relative ones.
    here = getcwd()
    old, new = [p if p.startswith("/") else here.rstrip("/") + "/" + p for p in (old, new)]
    chdir("/")
    try:
        _rename(old.strip("/"), new.strip("/"))
    finally:
        chdir(here)


def uname():
    return _uname


def stat(path):
    # No permissions and one time, as littlefs has it.
    s = _stat(path)
    return s[0] & 0xF000, 0, 0, 0, 0, 0, s[6] if s[0] & 0x8000 else 0, s[8], s[8], s[8]


def urandom(n):
    data = bytearray(n)
    if n:
        _random(_uctypes.addressof(data), n)
    return bytes(data)


def sync():
    pass


def dupterm(stream, index=0):
    return None
