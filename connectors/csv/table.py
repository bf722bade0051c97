"""Reading a CSV file as it comes: any common encoding and delimiter, with rows that are broken."""

import codecs
import csv
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO, TypeAlias

from connectors.csv.files import reading
from connectors.sdk.faults import NeedsPerson, NotProcessed

_CHUNK = 1024 * 1024
_SAMPLE = 64 * 1024
_DELIMITERS = ",;\t|"
_LONGEST_FIELD = 10 * 1024 * 1024
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """How a file is written. ``header`` are its columns, in order."""

    encoding: str
    delimiter: str
    newline: str
    header: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row: its first line in the file (from 1), and its cells by column."""

    line: int
    cells: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class BadRow:
    """A row that says nothing; ``reason`` is a sentence."""

    line: int
    reason: str


AnyRow: TypeAlias = Row | BadRow


def inspect_table(
    path: Path, *, encoding: str | None = None, delimiter: str | None = None
) -> Layout:
    """How the file is written; what is given is believed, the rest is found out.

    Raises:
        NotProcessed: it is not there, empty, or cannot be read at present.
        NeedsPerson: it is no table, or not in the encoding that was given.
    """
    with reading(path):
        chosen = encoding or find_encoding(path)
        with path.open(encoding=chosen, newline="") as file:
            sample = file.read(_SAMPLE)
    if not sample.strip():
        message = f"{path} is empty; a file without a header is taken for half-written"
        raise NotProcessed("empty_file", message)
    mark = delimiter or find_delimiter(sample)
    header = next(csv.reader(sample.splitlines(keepends=True), delimiter=mark))
    names = tuple(name.strip() for name in header)
    if len(set(names)) < len(names):
        message = f"{path} has two columns of one name ({mark.join(names)[:200]}); rename one"
        raise NeedsPerson("double_column", message)
    newline = "\r\n" if "\r\n" in sample else "\n"
    return Layout(encoding=chosen, delimiter=mark, newline=newline, header=names)


def find_encoding(path: Path) -> str:
    """UTF-8, with or without a mark, or UTF-16 by its mark; anything else is a Windows file."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    with path.open("rb") as file:
        start = file.read(4)
        if start.startswith(_UTF16):
            return "utf-16"
        file.seek(0)
        try:
            while chunk := file.read(_CHUNK):
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return "cp1252"
    return "utf-8-sig" if start.startswith(codecs.BOM_UTF8) else "utf-8"


def find_delimiter(sample: str) -> str:
    """The mark that stands most often in the header; else what the csv module guesses; else ","."""
    header = sample.lstrip().partition("\n")[0]
    bare = "".join(header.split('"')[::2])
    best = max(_DELIMITERS, key=bare.count)
    if bare.count(best):
        return best
    try:
        return csv.Sniffer().sniff(sample, _DELIMITERS).delimiter
    except csv.Error:
        return ","


def read_rows(path: Path, layout: Layout) -> Iterator[AnyRow]:
    """Every row after the header, one by one, so that no file is too big.

    The file that was opened is read to its end, also when another takes its place meanwhile.

    Raises:
        NotProcessed: it cannot be read, ends in the middle of a row, or was changed in place.
    """
    with reading(path), path.open(encoding=layout.encoding, errors="replace", newline="") as file:
        before = _size(file)
        yield from _rows(path, file, layout)
        if _size(file) != before:
            message = f"{path} was written to while it was read; reading it again will do"
            raise NotProcessed("file_changed", message)


def _rows(path: Path, file: TextIO, layout: Layout) -> Iterator[AnyRow]:
    csv.field_size_limit(_LONGEST_FIELD)
    reader = csv.reader(file, delimiter=layout.delimiter, strict=True)
    line, width = 1, len(layout.header)
    first = True
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            if "unexpected end" in str(error):
                message = f"{path} ends in the middle of a row (line {line}): half-written?"
                raise NotProcessed("file_truncated", message) from error
            yield BadRow(line=line, reason=f"line {line}: {error}")
        else:
            row = None if first else _row(layout, line, cells, width)
            first = False
            if row is not None:
                yield row
        line = reader.line_num + 1


def _row(layout: Layout, line: int, cells: list[str], width: int) -> AnyRow | None:
    """The row; None for an empty line."""
    if not any(cell.strip() for cell in cells):
        return None
    if len(cells) != width:
        reason = f"line {line}: {len(cells)} cells where the header has {width}"
        return BadRow(line=line, reason=reason)
    return Row(line=line, cells=dict(zip(layout.header, cells, strict=True)))


def _size(file: TextIO) -> tuple[int, int]:
    status = os.fstat(file.fileno())
    return status.st_size, status.st_mtime_ns
