"""Which language a text is in, by its letters and by the little words that no text does without."""

import re
from collections import Counter
from itertools import chain

from crawler.parsers.text import chinese_script, is_chinese
from crawler.wording import words_in

_WORDS = {
    "en": "the of and to is that for it was on with by at his her be not this are but from they",
    "es": "el los del y las por con una su para al lo más pero sus le ha como es la de que en",
    "fr": "le les des du une est pour qui dans par au pas ne ce avec il sur et la de que en",
    "de": "der die und den von zu das mit sich des auf für ist im dem nicht ein eine als auch",
    "pt": "o e do da em um com não uma os na ao dos das mais foi ele de que para por se",
    "it": "il di e che per è del una non con si i della le da al gli sono la in un",
}
_LANGUAGES: dict[str, list[str]] = {}
for _language, _words in _WORDS.items():
    for _word in _words.split():
        _LANGUAGES.setdefault(_word, []).append(_language)

_READ = 2_000
"""Characters that are looked at; that is some three hundred and fifty words."""
_LEAST = 3
"""Little words that it takes to tell."""
_SHARE, _LEAD = 0.12, 1.4
"""How many of all words must be a language's, and how far it must be ahead of the next."""

_WORD = re.compile(r"[^\W\d_]+")
_KANA = re.compile(r"[\u3041-\u30fa]")
_HANGUL = re.compile(r"[\uac00-\ud7a3]")
_LATIN = re.compile(r"[A-Za-z\u00c0-\u024f]")


def by_script(text: str) -> str | None:
    """zh-Hans, zh-Hant, or zh where no character tells which; ja, ko; None for all other scripts."""
    text = text[:_READ]
    if text.isascii():
        return None
    if is_chinese(text):
        return chinese_script(text) or "zh"
    kana, hangul = (len(letters.findall(text)) for letters in (_KANA, _HANGUL))
    most = max(kana, hangul)
    if not most or most * 3 <= len(_LATIN.findall(text)):
        return None
    return "ja" if kana > hangul else "ko"


def by_words(text: str) -> str | None:
    """en, es, fr, de, pt or it; None where too few words tell, or none of them leads."""
    words = words_in(text[:_READ].lower(), _WORD, str.isalpha)
    votes = Counter(chain.from_iterable(_LANGUAGES[word] for word in words if word in _LANGUAGES))
    (best, most), (_, next_most) = (*votes.most_common(2), ("", 0), ("", 0))[:2]
    sure = most >= _LEAST and most > _SHARE * len(words) and most > _LEAD * next_most
    return best if sure else None
