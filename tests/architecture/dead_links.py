"""Find links in the Markdown files that lead to no file or heading: ``python dead_links.py``."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

from markdown_it import MarkdownIt

ROOT = Path(__file__).resolve().parents[2]


def anchors(page: Path) -> set[str]:
    """The heading anchors of a page, as the usual forges make them."""
    headings = re.findall(r"^#+ +(.+?) *$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def links(page: Path) -> Iterator[str]:
    """Every link and image target of a page."""
    for token in MarkdownIt().parse(page.read_text(encoding="utf-8")):
        for child in token.children or ():
            target = child.attrGet("href") or child.attrGet("src")
            if isinstance(target, str):
                yield target


def dead(page: Path) -> Iterator[str]:
    """The page's relative links that lead nowhere, each as one sentence."""
    for target in links(page):
        parts = urlsplit(target)
        if parts.scheme or parts.netloc:
            continue
        place = page if not parts.path else (page.parent / unquote(parts.path)).resolve()
        if not place.exists():
            yield f"{page.relative_to(ROOT)}: {target} leads to no file"
        elif parts.fragment and place.suffix == ".md" and parts.fragment not in anchors(place):
            yield f"{page.relative_to(ROOT)}: {target} leads to no heading"


def main() -> int:
    """Print each dead link; 1 if there is any."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.md"],  # noqa: S607 - whichever git there is
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    found = [line for name in listed.stdout.split() for line in dead(ROOT / name)]
    print("\n".join(found) or "no dead links")  # noqa: T201 - a script reports
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
