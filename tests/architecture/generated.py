"""Parts of pages that are made by a script: between two marks."""

from pathlib import Path

DOCS = Path(__file__).resolve().parents[2] / "docs"
BEGIN, END = "<!-- generated: begin -->", "<!-- generated: end -->"


def generated_part(page: Path) -> str:
    """What stands between the marks."""
    return page.read_text(encoding="utf-8").partition(BEGIN)[2].partition(END)[0].strip()


def rewrite(page: Path, text: str) -> None:
    """Put ``text`` between the marks."""
    before, _, rest = page.read_text(encoding="utf-8").partition(BEGIN)
    after = rest.partition(END)[2]
    page.write_text(f"{before}{BEGIN}\n\n{text.strip()}\n\n{END}{after}", encoding="utf-8")
