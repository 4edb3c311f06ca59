"""Reasons as Chinese sentences. Pure."""

from collections.abc import Callable, Sequence

from crawler.graph.evidence import NAMED, Evidence, Kind
from crawler.graph.facts import Tie
from crawler.graph.words import Speaker, words_of


class ChineseSpeaker(Speaker):
    """Says in Chinese what `Speaker` says in English."""

    def say(self, evidence: Evidence) -> str:
        """One reason in words."""
        say: dict[Kind, Callable[[Evidence], str]] = {
            Kind.CITED_BY_SEED: lambda e: f"被引于{self._quotes(e.ties, by_source=True)}",
            Kind.CITES_SEED: lambda e: f"引用了{self._quotes(e.ties, by_source=False)}",
            Kind.RECOMMENDED: lambda _: "编辑将两篇并列推荐",
            Kind.CITED_TOGETHER: lambda e: f"同被引用于{self._names(e.via)}",
            Kind.SAME_CITATIONS: lambda e: f"引用了相同的 {len(e.via)} 篇：{self._names(e.via)}",
            Kind.CITED_BY_CITED: lambda e: f"被起点所引用的文章引用：{self._names(e.via)}",
            Kind.CITES_CITING: lambda e: f"引用了引用起点的文章：{self._names(e.via)}",
            Kind.SAME_LABEL: lambda e: f"同一专栏或作者：{'、'.join(e.words)}",
            Kind.SAME_WORDS: lambda e: f"用词相同：{'、'.join(e.words[: 2 * NAMED])}",
        }
        return say[evidence.kind](evidence)

    def _quotes(self, ties: Sequence[Tie], *, by_source: bool) -> str:
        said: list[str] = []
        last = None
        for tie in ties[:NAMED]:
            end = tie.source if by_source else tie.target
            named = self._name_of_seed(end) + ("" if by_source else "，")
            said.append(f"{'' if end == last else named}{_where(tie)}{_quotation(tie)}")
            last = end
        rest = len(ties) - NAMED
        return "；".join(said) + (f"；另有 {rest} 处" if rest > 0 else "")

    def _name_of_seed(self, work: str) -> str:
        return "起点" if len(self.seeds) == 1 else f"《{self.name(work)}》"

    def _names(self, works: Sequence[str]) -> str:
        named = "、".join(f"《{self.name(work)}》" for work in works[:NAMED])
        return named if len(works) <= NAMED else f"{named}等 {len(works)} 篇"


def _where(tie: Tie) -> str:
    return "正文之外" if tie.paragraph is None else f"第 {tie.paragraph} 段"


def _quotation(tie: Tie) -> str:
    return f"：“{words}”" if (words := words_of(tie)) else ""
