"""What lies in a folder."""

import os
from pathlib import Path


def sizes(folder):
    """Bytes that the folder takes from the disk, by the name of its first level, and in all. A file
    of one byte takes a block."""
    by_name = {}
    for name in sorted(os.listdir(folder)):
        path = Path(folder) / name
        by_name[name] = _tree(path) if path.is_dir() else _file(path)
    return {"all": sum(by_name.values()), **by_name}


def forget(folder):
    """Makes the system read the folder's files from the disk again. They must not be in use."""
    os.sync()
    for path in Path(folder).rglob("*"):
        if path.is_file():
            descriptor = os.open(path, os.O_RDONLY)
            try:
                os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
            finally:
                os.close(descriptor)


def _tree(folder):
    return sum(_file(path) for path in folder.rglob("*"))


def _file(path):
    try:
        return path.lstat().st_blocks * 512
    except FileNotFoundError:
        return 0  # It was there when the folder was read.
