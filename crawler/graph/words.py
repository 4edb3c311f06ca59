"""Reasons as sentences that a person reads. Pure."""

from collections.abc import Callable, Collection, Mapping, Sequence

from crawler.graph.evidence import NAMED, Evidence, Kind
from crawler.graph.facts import Tie
from crawler.graph.pieces import Piece
from crawler.plain import plain, shortened

QUOTATION = 160


class Speaker:
    """Says why, to a reader of one language; `pieces` are the works that may be named."""

    def __init__(self, pieces: Mapping[str, Piece], seeds: Collection[str], language: str) -> None:
        self.pieces = pieces
        self.seeds = seeds
        self.language = language

    def say(self, evidence: Evidence) -> str:
        """One reason in words."""
        say: dict[Kind, Callable[[Evidence], str]] = {
            Kind.CITED_BY_SEED: lambda e: f"cited by {self._quotes(e.ties, by_source=True)}",
            Kind.CITES_SEED: lambda e: f"cites {self._quotes(e.ties, by_source=False)}",
            Kind.RECOMMENDED: lambda _: "the editors recommend one beside the other",
            Kind.CITED_TOGETHER: lambda e: f"cited together in {self._names(e.via)}",
            Kind.SAME_CITATIONS: lambda e: f"cites the same {_articles(len(e.via))}: {self._names(e.via)}",
            Kind.CITED_BY_CITED: lambda e: f"cited by what {self._seed()} cites: {self._names(e.via)}",
            Kind.CITES_CITING: lambda e: f"cites what cites {self._seed()}: {self._names(e.via)}",
            Kind.SAME_LABEL: lambda e: f"same column or author: {', '.join(e.words)}",
            Kind.SAME_WORDS: lambda e: f"shares the words {', '.join(e.words[: 2 * NAMED])}",
        }
        return say[evidence.kind](evidence)

    def _seed(self) -> str:
        return "the seed" if len(self.seeds) == 1 else "a seed"

    def _quotes(self, ties: Sequence[Tie], *, by_source: bool) -> str:
        """`the seed in paragraph 2: «…»; in paragraph 9: «…»`, each article named where there are several."""
        said: list[str] = []
        last = None
        for tie in ties[:NAMED]:
            end = tie.source if by_source else tie.target
            name = "" if end == last else f"{self._name_of_seed(end)} "
            said.append(f"{name}{where(tie)}{quotation(tie)}")
            last = end
        rest = len(ties) - NAMED
        return "; ".join(said) + (f"; and {rest} times more" if rest > 0 else "")

    def _name_of_seed(self, work: str) -> str:
        return "the seed" if len(self.seeds) == 1 else f"«{self.name(work)}»"

    def _names(self, works: Sequence[str]) -> str:
        named = ", ".join(f"«{self.name(work)}»" for work in works[:NAMED])
        return named if len(works) <= NAMED else f"{named} and {len(works) - NAMED} more"

    def name(self, work: str) -> str:
        """The title of a work."""
        return self.pieces[work].title(self.language) if work in self.pieces else plain(work)


def _articles(count: int) -> str:
    return "article" if count == 1 else f"{count} articles"


def where(tie: Tie) -> str:
    """Where in the text a link stands."""
    return "outside its text" if tie.paragraph is None else f"in paragraph {tie.paragraph}"


def quotation(tie: Tie) -> str:
    """The sentence around a link, or the words that carry it."""
    return f": «{words}»" if (words := words_of(tie)) else ""


def words_of(tie: Tie) -> str:
    """That sentence or those words on one line of bounded length."""
    return shortened(plain(tie.context or tie.anchor_text), QUOTATION)
