"""A work as it is shown to a person: its headline in their language and in the other, date and site. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from crawler.graph.text import title_words
from crawler.items import PageType, Status
from crawler.plain import plain
from crawler.urls import site_of

LANGUAGES = ("zh", "en")


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One page of a work in one language."""

    url: str
    language: str
    """`zh`, `en`, or empty where nobody knows."""
    title: str
    is_headline: bool
    """Whether the page itself says so; else it was made from the address."""
    tag: str = ""
    """The language as a BCP 47 tag, where the page tells."""
    published_on: str | None = None
    authors: tuple[str, ...] = ()
    translators: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A work with all its versions, the first seen first."""

    work: str
    versions: tuple[Version, ...]
    site: str = ""
    page_type: str = PageType.OTHER
    status: str = Status.DISCOVERED
    published_on: str | None = None
    authors: tuple[str, ...] = ()
    """As all versions name them."""
    labels: Mapping[str, str] = field(default_factory=dict)
    """Columns, topics and author pages that it links to beside its text: URL to name."""
    seen_on: str | None = None
    """The day on which it was fetched last."""

    def version(self, language: str) -> Version:
        """What to show a reader of this language: any headline goes before a title made of an address."""
        return max(self.versions, key=lambda v: (v.is_headline, v.language == language))

    def twin(self, language: str) -> Version | None:
        """The headline in another language than the version shown."""
        shown = self.version(language)
        others = [v for v in self.versions if v.is_headline and v.language and v.language != shown.language]
        return others[0] if shown.is_headline and others else None

    def title(self, language: str) -> str:
        """What it is called, on one line."""
        return plain(self.version(language).title)

    def date(self, language: str) -> str | None:
        """When the version shown was published: a translation appears days after its original."""
        return self.version(language).published_on or self.published_on

    def authors_in(self, language: str) -> tuple[str, ...]:
        """As the version shown names them, else as any does: one person has a name in each language."""
        return self.version(language).authors or self.authors

    def site_in(self, language: str) -> str:
        """Where the version shown stands: an original and its translation are on two sites."""
        return site_of(self.version(language).url) or self.site

    def date_in(self, language: str) -> str | None:
        """When it was published in this language."""
        dates = [v.published_on for v in self.versions if v.language == language and v.published_on]
        return min(dates, default=None)

    def speaks(self, language: str) -> bool:
        """Whether there is a version in this language."""
        return any(version.language == language for version in self.versions)


def unknown(work: str) -> Piece:
    """A work of which nothing but its name is known."""
    return Piece(work=work, versions=(Version(url=work, language="", title=work, is_headline=False),))


def heading(piece: Piece, language: str) -> str:
    """`headline / twin · date · site`, for a reader of this language."""
    return " · ".join([titles(piece, language), *particulars(piece, language)])


def titles(piece: Piece, language: str) -> str:
    """`headline / twin`."""
    shown, twin = piece.version(language), piece.twin(language)
    # a title made of an address has its date in it
    is_dated = piece.date(language) and not shown.is_headline
    title = plain(title_words(shown.title) if is_dated else shown.title)
    return f"{title} / {plain(twin.title)}" if twin else title


def particulars(piece: Piece, language: str) -> list[str]:
    """Date, site, and whether it was never fetched: as much of it as is known."""
    stub = None if piece.status == Status.FETCHED else "never fetched"
    return [fact for fact in (piece.date(language), piece.site_in(language), stub) if fact]
