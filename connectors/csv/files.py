"""Files: what their errors mean, who may write, and replacing one whole or not at all."""

import errno
import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from connectors.sdk.clock import Clock
from connectors.sdk.faults import Ambiguous, Fault, NeedsPerson, NotProcessed

_LOCK_TRIES = 50
_LOCK_PAUSE = 0.1
_FOR_PEOPLE = frozenset(
    {errno.EACCES, errno.EPERM, errno.EROFS, errno.EISDIR, errno.ENOTDIR, errno.ENAMETOOLONG}
)


def fault_of(error: OSError, path: Path) -> Fault:
    """What an error of the operating system means for the file."""
    what = os.strerror(error.errno) if error.errno else str(error)
    text = f"{path}: {what}"
    if error.errno in _FOR_PEOPLE:
        return NeedsPerson("file_refused", f"{text}; check the path and its permissions")
    if error.errno == errno.ENOENT:
        return NotProcessed("no_such_file", f"{text}; it is looked for again later")
    return NotProcessed("file_error", text)


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Turn the errors of reading the file into faults.

    Raises:
        NotProcessed: it cannot be read at present.
        NeedsPerson: it may not be read, or is in another encoding.
    """
    try:
        yield
    except OSError as error:
        raise fault_of(error, path) from error
    except (UnicodeError, LookupError) as error:
        message = f"{path} cannot be read as text ({error}); set or remove the option encoding"
        raise NeedsPerson("encoding", message) from error


@contextmanager
def locked(path: Path, clock: Clock) -> Iterator[None]:
    """Be the only writer of the file, among all processes that use this lock.

    The lock is a file beside it that stays. It is the kernel's: it ends with the process, however
    that ends.

    Raises:
        NotProcessed: another writer did not finish in time, or the lock cannot be made.
        NeedsPerson: the folder may not be written to.
    """
    beside = path.with_name(f".{path.name}.lock")
    try:
        handle = os.open(beside, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
    except OSError as error:
        raise fault_of(error, beside) from error
    try:
        _take(handle, path, clock)
        yield
    finally:
        os.close(handle)


def _take(handle: int, path: Path, clock: Clock) -> None:
    for _ in range(_LOCK_TRIES):
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            clock.sleep(_LOCK_PAUSE)
        except OSError as error:
            raise fault_of(error, path) from error
        else:
            return
    message = f"{path} is being written to by somebody else; it is tried again later"
    raise NotProcessed("locked", message)


def replace_file(path: Path, write: Callable[[BinaryIO], None]) -> None:
    """Put a new file in the place of this one, so that every reader sees the old or the new whole.

    Temporary file, fsync, rename, fsync of the folder. Permissions stay. Call it under ``locked``.

    Raises:
        NotProcessed, NeedsPerson: the old file is untouched.
        Ambiguous: it was replaced, but may be lost again if the machine fails now.
    """
    beside = path.with_name(f".{path.name}.new")
    try:
        mode = _mode(path)
        with suppress(FileNotFoundError):
            beside.unlink()
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
        with os.fdopen(os.open(beside, flags, 0o666), "wb") as file:
            write(file)
            file.flush()
            if mode is not None:
                os.fchmod(file.fileno(), mode)
            os.fsync(file.fileno())
        beside.replace(path)
    except OSError as error:
        with suppress(OSError):
            beside.unlink()
        raise fault_of(error, path) from error
    _sync_folder(path)


def _mode(path: Path) -> int | None:
    try:
        return path.stat().st_mode & 0o7777
    except FileNotFoundError:
        return None


def _sync_folder(path: Path) -> None:
    try:
        handle = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
    except OSError as error:
        message = f"{path} was replaced, but its folder could not be made safe ({error.strerror})"
        raise Ambiguous("folder_not_synced", message) from error
