"""References for Zotero and its kind: BibTeX, RIS and CSL-JSON that open without edits. Pure.

Each format says what it can of the twin, the same story in the other language: as the original where the
page was translated, in a note otherwise. Fields are those that Zotero's importers read: `translator`,
`urldate` and `note` in BibTeX; A4, Y2 and M2 ("Extra") in RIS; lines `original-title:` in a CSL note.
"""

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from crawler.graph.names import parse_name
from crawler.plain import plain

NEWSPAPER = frozenset({"article", "live", "interactive"})
"""Kinds of page that count as newspaper articles; every other is a web page."""

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_TEX = str.maketrans(
    {"\\": r"{\textbackslash}", "~": r"{\textasciitilde}", "^": r"{\textasciicircum}"}
    | {char: f"\\{char}" for char in "{}$&#%_"}
)
_URL_BREAKERS = str.maketrans({"{": "%7B", "}": "%7D", "\\": "%5C", " ": "%20"})
_DAY = re.compile(r"\d{4}-\d\d-\d\d")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """One page to cite. Dates are YYYY-MM-DD; `kind` is the page's type, `language` a BCP 47 tag."""

    title: str
    url: str
    site: str
    kind: str = "article"
    authors: tuple[str, ...] = ()
    translators: tuple[str, ...] = ()
    published_on: str | None = None
    accessed_on: str | None = None
    language: str | None = None
    twin_title: str | None = None
    """Headline of the same story in the other language."""
    twin_published_on: str | None = None
    twin_url: str | None = None

    @property
    def key(self) -> str:
        """A citation key in ASCII, the same in every format and every run."""
        slug = re.findall(r"[a-z0-9]+", self.url.lower().partition("//")[2].removesuffix(".html"))
        words = [word for word in slug[-6:] if not word.isdigit()]
        year = (self.published_on or "")[:4]
        digest = hashlib.sha256(self.url.encode(errors="replace")).hexdigest()[:6]
        return "-".join(filter(None, ["-".join(words)[-48:].strip("-"), year, digest]))

    @property
    def is_translation(self) -> bool:
        """Whether the twin is the original: somebody is credited with the translation."""
        return bool(self.translators and self.twin_title)


def to_bibtex(references: Iterable[Reference]) -> str:
    """One entry each, with BibTeX's `year` and `month` beside BibLaTeX's `date`."""
    return "\n\n".join(map(_bibtex, references)) + "\n"


def _bibtex(reference: Reference) -> str:
    fields = "".join(f"  {name} = {{{value}}},\n" for name, value in _bibtex_fields(reference) if value)
    month = _part(reference.published_on, 1)
    if month:
        fields += f"  month = {_MONTHS[month - 1]},\n"
    kind = "article" if reference.kind in NEWSPAPER else "online"
    return f"@{kind}{{{reference.key},\n{fields}}}"


def _bibtex_fields(reference: Reference) -> Iterator[tuple[str, str]]:
    is_article = reference.kind in NEWSPAPER
    yield "title", _tex(reference.title)
    yield "author", " and ".join(map(_tex_name, reference.authors))
    yield "translator", " and ".join(map(_tex_name, reference.translators))
    yield ("journal" if is_article else "organization"), _tex(reference.site)
    yield "entrysubtype", "newspaper" if is_article else ""
    yield "date", _day(reference.published_on)
    yield "year", _day(reference.published_on)[:4]
    yield "url", _address(reference.url)
    yield "urldate", _day(reference.accessed_on)
    yield "language", _tex(reference.language or "")
    yield "note", _tex(_twin_note(reference))


def _tex(text: str) -> str:
    return plain(text).translate(_TEX)


def _tex_name(name: str) -> str:
    parsed = parse_name(name)
    if not parsed.given:
        return f"{{{_tex(parsed.family)}}}" if " " in parsed.family or "," in parsed.family else _tex(name)
    return ", ".join(filter(None, map(_tex, (parsed.family, parsed.suffix, parsed.given))))


def to_ris(references: Iterable[Reference]) -> str:
    """Records with the tags of the RIS specification of 2011, lines ended by CR LF."""
    return "".join(map(_ris, references))


def _ris(reference: Reference) -> str:
    lines = [(tag, value) for tag, value in _ris_fields(reference) if value]
    return "".join(f"{tag}  - {value}\r\n" for tag, value in lines) + "ER  - \r\n\r\n"


def _ris_fields(reference: Reference) -> Iterator[tuple[str, str]]:
    yield "TY", "NEWS" if reference.kind in NEWSPAPER else "ELEC"
    yield "ID", reference.key
    yield "TI", plain(reference.title)
    yield from (("AU", _ris_name(name)) for name in reference.authors)
    yield from (("A4", _ris_name(name)) for name in reference.translators)
    yield "T2", plain(reference.site)
    yield "PY", _day(reference.published_on)[:4]
    yield "DA", _day(reference.published_on).replace("-", "/")
    yield "Y2", _day(reference.accessed_on).replace("-", "/")
    yield "LA", plain(reference.language or "")
    yield "UR", _address(reference.url)
    if reference.is_translation:
        yield "M2", f"original-title: {plain(reference.twin_title or '')}"
    yield "N1", _twin_note(reference)


def _ris_name(name: str) -> str:
    """Family, given, suffix: a comma in a name that is not divided would divide it."""
    parts = [part.replace(",", " ") for part in parse_name(name)]
    return ", ".join(filter(None, (parts[0], parts[1], parts[2])))


def to_csl_json(references: Iterable[Reference]) -> str:
    """An array of items by csl-data.json of CSL 1.0.2."""
    return json.dumps([_csl(reference) for reference in references], ensure_ascii=False, indent=2) + "\n"


def _csl(reference: Reference) -> dict[str, Any]:
    item = {
        "id": reference.key,
        "type": "article-newspaper" if reference.kind in NEWSPAPER else "webpage",
        "title": plain(reference.title),
        "author": [_csl_name(name) for name in reference.authors],
        "translator": [_csl_name(name) for name in reference.translators],
        "container-title": plain(reference.site),
        "issued": _csl_date(reference.published_on),
        "accessed": _csl_date(reference.accessed_on),
        "URL": _address(reference.url),
        "language": plain(reference.language or ""),
        "note": _twin_note(reference),
    }
    if reference.is_translation:
        item |= _csl_original(reference)
    return {name: value for name, value in item.items() if value}


def _csl_original(reference: Reference) -> dict[str, Any]:
    """The original as variables, and as the lines that Zotero reads in Extra: it drops the variables."""
    title, day = plain(reference.twin_title or ""), _day(reference.twin_published_on)
    lines = [f"original-title: {title}", f"original-date: {day}" if day else "", _twin_note(reference)]
    return {
        "original-title": title,
        "original-date": _csl_date(reference.twin_published_on),
        "note": "\n".join(filter(None, lines)),
    }


def _csl_name(name: str) -> dict[str, str]:
    family, given, suffix = parse_name(name)
    if not given:
        return {"literal": family}
    parts = {"family": family, "given": given, "suffix": suffix}
    return {part: value for part, value in parts.items() if value}


def _csl_date(day: str | None) -> dict[str, list[list[int]]] | None:
    parts = [int(part) for part in _day(day).split("-") if part]
    return {"date-parts": [parts]} if parts else None


def _twin_note(reference: Reference) -> str:
    """The twin in words; empty where there is none."""
    if not reference.twin_title:
        return ""
    how = "Translation of" if reference.is_translation else "Also published as"
    day = f" ({_day(reference.twin_published_on)})" if reference.twin_published_on else ""
    where = f", {_address(reference.twin_url)}" if reference.twin_url else ""
    return f"{how}: {plain(reference.twin_title)}{day}{where}"


def _day(day: str | None) -> str:
    return day if day and _DAY.fullmatch(day) else ""


def _part(day: str | None, index: int) -> int | None:
    return int(_day(day).split("-")[index]) if _day(day) else None


def _address(url: str) -> str:
    """The URL as it is, but for the marks that would end its field."""
    return plain(url).translate(_URL_BREAKERS)


FORMATS: Mapping[str, Callable[[Iterable[Reference]], str]] = {
    "bibtex": to_bibtex,
    "ris": to_ris,
    "csl-json": to_csl_json,
}
"""What `--format` may name, and the function that writes it."""
