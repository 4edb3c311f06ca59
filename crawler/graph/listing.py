"""The list of related works as text, Markdown, JSON, CSV, or references for Zotero and its kind. Pure."""

import csv
import io
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from crawler.graph import bibliography, markdown
from crawler.graph.bibliography import Reference
from crawler.graph.pieces import Piece, heading, particulars, titles
from crawler.graph.related import Group, Related, Wanted
from crawler.plain import counted, plain
from crawler.spreadsheet import cell

HEADINGS = {
    Group.BACKGROUND: "Background (before)",
    Group.SAME_EVENT: "Same event",
    Group.FOLLOW_UPS: "Follow-ups (after)",
    Group.UNDATED: "Undated",
    Group.OTHER_LANGUAGE: "Other language",
    Group.OUTSIDE: "Outside sources",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """What was asked and what was found, for a reader of one language."""

    seeds: tuple[Piece, ...]
    found: tuple[Related, ...]
    language: str
    is_sample: bool = False
    wanted: Wanted = field(default_factory=Wanted)
    left_out: int = 0
    """How many works are related but were not wanted, where nothing else was found."""

    def groups(self) -> Iterator[tuple[Group, list[Related]]]:
        """The groups that have anything in them, in their order."""
        for group in Group:
            if own := [related for related in self.found if related.group == group]:
                yield group, own


def to_text(listing: Listing) -> str:
    """For a terminal."""
    lines = [f"Related to {heading(seed, listing.language)}" for seed in listing.seeds]
    if not listing.found:
        lines.append(_nothing(listing))
    for group, own in listing.groups():
        lines += ["", HEADINGS[group]]
        for related in own:
            lines += _entry(related, listing.language)
    return "\n".join(lines) + "\n"


def _nothing(listing: Listing) -> str:
    """Why the list is empty: nothing is known, or these options leave out what is."""
    if not listing.left_out:
        return (
            "Nothing related is known: no article cites it or is cited by it, as far as crawls have come. "
            "For an author, a column or a topic try `scrapy find NAME`."
        )
    works = f"{counted(listing.left_out, 'related work')} {'is' if listing.left_out == 1 else 'are'}"
    said = f"Nothing to list: {works} left out{_by(listing.wanted)}."
    bringing = {
        "--include-stubs brings in what was never fetched": not listing.wanted.stubs,
        "--external brings in what stands on other sites": not listing.wanted.external,
    }
    hints = [hint for hint, is_missing in bringing.items() if is_missing]
    return f"{said} {', '.join(hints)}." if hints else said


def _by(wanted: Wanted) -> str:
    narrowing = {"--since": wanted.since, "--run": wanted.run, "--label": wanted.label}
    given = [f"{option} {value}" for option, value in narrowing.items() if value]
    return f" by {' and '.join(given)}" if given else ""


def _entry(related: Related, language: str) -> Iterator[str]:
    yield f"{related.rank:>3}. {heading(related.piece, language)}"
    yield f"     {plain(related.piece.version(language).url)}  {related.score:.2f}"
    if related.label:
        yield f"     {plain(related.label.words)}"
    for reason in related.reasons:
        yield f"     - {reason}"


def to_markdown(listing: Listing) -> str:
    """For a note or an issue; titles from the web mean nothing in it but themselves."""
    lines = [f"# Related to {markdown.escaped(heading(seed, listing.language))}" for seed in listing.seeds]
    lines += ["", "SAMPLE: the prose is invented."] if listing.is_sample else []
    lines += [] if listing.found else ["", _nothing(listing)]
    for group, own in listing.groups():
        lines += ["", f"## {HEADINGS[group]}", ""]
        for related in own:
            # no ordered list: its items would be counted, and a group's ranks have gaps
            lines.append(f"- **{related.rank}.** {_link(related.piece, listing.language)}")
            lines += [f"  - {markdown.escaped(plain(related.label.words))}"] if related.label else []
            lines += [f"  - {markdown.escaped(reason)}" for reason in related.reasons]
    return "\n".join(lines) + "\n"


def _link(piece: Piece, language: str) -> str:
    link = markdown.link(titles(piece, language), plain(piece.version(language).url))
    return " · ".join([link, *map(markdown.escaped, particulars(piece, language))])


def to_json(listing: Listing) -> str:
    """For programs: everything that is known of each work."""
    told = {
        "sample": listing.is_sample,
        "language": listing.language,
        "seeds": [_facts(seed, listing.language) for seed in listing.seeds],
        "related": [
            {
                "rank": related.rank,
                "score": round(related.score, 4),
                "signals": {name: round(value, 4) for name, value in related.signals.items()},
                "group": str(related.group),
                "reasons": list(related.reasons),
                **_said(related),
                **_facts(related.piece, listing.language),
            }
            for related in listing.found
        ],
    }
    return json.dumps(told, ensure_ascii=False, indent=2) + "\n"


def _said(related: Related) -> dict[str, str | None]:
    """What readers say of it."""
    label = related.label
    if label is None:
        return dict.fromkeys(("decision", "tags", "note"))
    return {"decision": str(label.decision), "tags": " ".join(label.tags), "note": label.note}


def _facts(piece: Piece, language: str) -> dict[str, Any]:
    twin = piece.twin(language)
    return {
        "work": piece.work,
        "url": piece.version(language).url,
        "headline": piece.title(language),
        "twin": twin and plain(twin.title),
        "twin_url": twin and twin.url,
        "published_on": piece.date(language),
        "first_published_on": piece.published_on,
        "site": piece.site_in(language),
        "page_type": str(piece.page_type),
        "status": str(piece.status),
        "authors": list(piece.authors_in(language)),
        "versions": [version.url for version in piece.versions],
    }


COLUMNS = (
    *("rank", "score", "group", "headline", "twin", "published_on", "site", "status", "url", "reasons"),
    *("decision", "tags", "note"),  # filled in by hand, `scrapy label --read` reads them
)


def to_csv(listing: Listing) -> str:
    """For spreadsheets, which would take a headline that begins with `=` for a formula."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for related in listing.found:
        facts = _facts(related.piece, listing.language) | {
            "rank": related.rank,
            "score": f"{related.score:.4f}",
            "group": str(related.group),
            "reasons": "; ".join(related.reasons),
            **_said(related),
        }
        told = (facts[column] for column in COLUMNS)
        writer.writerow(cell("" if fact is None else str(fact)) for fact in told)
    return out.getvalue()


def references(listing: Listing) -> list[Reference]:
    """The works of the list, to cite."""
    return [reference(related.piece, listing.language) for related in listing.found]


def reference(piece: Piece, language: str) -> Reference:
    """One work to cite, in the version shown."""
    shown, twin = piece.version(language), piece.twin(language)
    return Reference(
        title=shown.title,
        url=shown.url,
        site=piece.site_in(language),
        kind=str(piece.page_type),
        authors=piece.authors_in(language),
        translators=shown.translators,
        published_on=piece.date(language),
        accessed_on=piece.seen_on,
        language=shown.tag or None,
        twin_title=twin.title if twin else None,
        twin_published_on=twin.published_on if twin else None,
        twin_url=twin.url if twin else None,
    )


def _cited(form: Callable[[Sequence[Reference]], str]) -> Callable[[Listing], str]:
    return lambda listing: form(references(listing))


FORMATS: Mapping[str, Callable[[Listing], str]] = {
    "text": to_text,
    "json": to_json,
    "csv": to_csv,
    "md": to_markdown,
    **{name: _cited(form) for name, form in bibliography.FORMATS.items()},
}
"""What `--format` may name, and the function that writes it."""
