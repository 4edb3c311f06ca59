"""Writes page.json beside a page.html: `python tests/pages/record.py FOLDER [URL]`, then read what it wrote.

Without a URL the one of the page.json that is there is taken.
"""

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from crawler.items import PAGE
from crawler.parsers import parse_page


def record(folder: Path, url: str | None) -> None:
    """Reads the page and keeps what came of it."""
    expected = folder / "page.json"
    url = url or json.loads(expected.read_text(encoding="utf-8"))["url"]
    page = parse_page(url, (folder / "page.html").read_text(encoding="utf-8"))
    text = json.dumps(
        PAGE.dump_python(page, mode="json", exclude_defaults=True), ensure_ascii=False, indent=2
    )
    expected.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    record(Path(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else None)
