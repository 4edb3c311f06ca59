"""Whether to believe a page that names its original or its translation: wrong links exist. Pure."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

Claim = tuple[str, str]
"""A page, and the one that it says is the same story in another language."""


class Story(NamedTuple):
    """Pages that are one story by their addresses alone."""

    id: str
    languages: frozenset[str]
    """`zh`, `en`: of what is known of its pages."""
    headlines: frozenset[str]

    def rivals(self, other: "Story") -> bool:
        """Whether both can't be right: another story in the same language, under another headline.

        The paper gives one translation two addresses at times: then the headline is the same, too.
        """
        alike = self.id == other.id or bool(self.headlines & other.headlines)
        return bool(self.languages & other.languages) and not alike


class _Ledger:
    """Who names whom, story by story."""

    def __init__(self, claims: Iterable[tuple[Story, Story]]) -> None:
        self.names: dict[Story, set[Story]] = defaultdict(set)
        self.named_by: dict[Story, set[Story]] = defaultdict(set)
        for source, target in claims:
            self.names[source].add(target)
            self.named_by[target].add(source)

    def against(self, source: Story, target: Story) -> str | None:
        """Why `source` is not to be believed about `target`; None where nothing speaks against it.

        What both sides say stands, whatever others say.
        """
        if source in self.names[target]:
            return None
        if _any_rival(source, self.names[target]):
            return "it names another story as its counterpart"
        if _any_rival(source, self.named_by[target]):
            return "another story names it, too"
        if _any_rival(target, self.names[source]):
            return "the page names two stories as its counterpart"
        return None


def _any_rival(story: Story, others: Collection[Story]) -> bool:
    return any(story.rivals(other) for other in others)


def judge(stories: Mapping[str, Story], claims: Iterable[Claim]) -> dict[Claim, str]:
    """The claims not to be believed, with the reason; `stories` gives the story of each page."""
    between = {claim: (stories[claim[0]], stories[claim[1]]) for claim in claims}
    ledger = _Ledger(pair for pair in between.values() if pair[0].id != pair[1].id)
    reasons = ((claim, ledger.against(*pair)) for claim, pair in between.items())
    return {claim: reason for claim, reason in reasons if reason}
