"""The ranked list as the page shows it, in both languages. Pure; apart, as numpy takes a while to load."""

from collections.abc import Mapping, Sequence

from crawler.graph.pieces import Piece
from crawler.graph.related import Found, Group, Related, describe
from crawler.graph.view import Ranked
from crawler.graph.words_zh import ChineseSpeaker
from crawler.plain import plain


def entries(found: Sequence[Found], seeds: Sequence[str], pieces: Mapping[str, Piece]) -> list[Ranked]:
    """Group by group, the strongest of each first; `pieces` are all works that the reasons name."""
    english = describe(found, seeds, pieces, "en")
    chinese = describe(found, seeds, pieces, "zh", ChineseSpeaker)
    listed = [_entry(*both) for both in zip(chinese, english, strict=True)]
    groups = [str(group) for group in Group]
    return sorted(listed, key=lambda entry: groups.index(entry.group))


def _entry(chinese: Related, english: Related) -> Ranked:
    """Shown as to a reader of Chinese; the page changes headline and twin for one of English."""
    piece = chinese.piece
    twin = piece.twin("zh")
    return Ranked(
        work=piece.work,
        url=piece.version("zh").url,
        headline=piece.title("zh"),
        twin=plain(twin.title) if twin else "",
        twin_url=twin.url if twin else "",
        date=piece.date("zh") or "",
        site=piece.site_in("zh"),
        score=round(chinese.score, 4),
        group=str(chinese.group),
        reasons=english.reasons,
        reasons_zh=chinese.reasons,
    )
