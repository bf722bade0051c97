"""Cells of a table that people open in a spreadsheet; pure."""

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""What a spreadsheet may take for the beginning of a formula: OWASP, "CSV Injection"."""

_QUOTE = "'"


def safe_cell(text: str) -> str:
    """The text as a cell that no spreadsheet runs: an apostrophe stands before a formula."""
    clean = text.replace("\0", "").encode("utf-8", "replace").decode("utf-8")
    return f"{_QUOTE}{clean}" if clean.startswith(FORMULA_STARTS) else clean


def plain_text(cell: str) -> str:
    """What ``safe_cell`` was given, as far as it can be told from the cell."""
    quoted = cell.startswith(_QUOTE) and cell[1:].startswith(FORMULA_STARTS)
    return cell[1:] if quoted else cell
