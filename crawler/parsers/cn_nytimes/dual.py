"""Rows of a bilingual page: a Chinese and an English column, told apart by script, whichever comes first."""

from collections.abc import Iterable
from dataclasses import dataclass

from crawler.parsers.blocks import read_block
from crawler.parsers.document import Element
from crawler.parsers.text import is_chinese


@dataclass(frozen=True, slots=True)
class Row:
    """The two columns of a row; None where a language is missing."""

    element: Element
    chinese: Element | None
    english: Element | None

    def texts(self) -> tuple[str, str]:
        """Chinese and English."""
        return _text(self.chinese), _text(self.english)


def read_rows(elements: Iterable[Element]) -> list[Row]:
    """Each row's columns by language.

    Where both columns are of one script (a name, a line of asterisks) they stand as in most other rows.
    """
    rows = [(element, _columns(element)) for element in elements]
    told = [scripts for _, columns in rows if len(set(scripts := list(map(_in_chinese, columns)))) == 2]
    chinese_first = sum(scripts[0] for scripts in told) * 2 > len(told)
    return [_row(element, columns, chinese_first) for element, columns in rows if columns]


def _columns(element: Element) -> list[Element]:
    """The cells with text; in a row with one wrapper around them the paragraphs in it."""
    cells = [child for child in element if _text(child)]
    if len(cells) > 1:
        return cells
    paragraphs = [part for part in element.iter("div") if "article-paragraph" in part.get("class", "")]
    return paragraphs if len(paragraphs) > 1 else cells


def _row(element: Element, columns: list[Element], chinese_first: bool) -> Row:
    scripts = list(map(_in_chinese, columns))
    if len(columns) == 1:
        (column,) = columns
        return Row(element, column, None) if scripts[0] else Row(element, None, column)
    if len(set(scripts)) == 1:
        scripts = [chinese_first, not chinese_first]
    return Row(element, columns[scripts.index(True)], columns[scripts.index(False)])


def _in_chinese(column: Element) -> bool:
    return is_chinese(_text(column))


def _text(column: Element | None) -> str:
    return "" if column is None else read_block(column).text
