"""Invented words: as many and as long as the real ones, in their script, with their punctuation."""

import hashlib
import re
import unicodedata
from typing import Any

from crawler.items import Page
from crawler.parsers.text import chinese_script, fold

# Words of the site itself that the layouts hold on to: none is as long as a shingle.
_WORDS_HELD = r"""
    (?:欢迎|歡迎)?(?:点击|點擊) | 此[处處] | 订阅 | 訂閱 | 感[谢謝] | cn\.letters@nytimes\.com
    | (?:翻译|翻譯|编译|編譯)(?=\s*[:：]) | 查看(?:本文英文版|更多) | 英文(?:版|原文) | English\ version
    | (?:报道|報道|報導|研究)[贡貢][献獻] | (?:相关|相關)(?:报道|報道|報導) | 广告 | 廣告 | 获取更多RSS
    | (?:访问|訪問)的(?:页面|頁面)(?:未找到|不存在) | 纽约时报中文网 | 紐約時報中文網 | 国际纵览
    | \b(?:Page\ Not\ Found|The\ New\ York\ Times|NYTimes\.com|Advertisement|Opinion(?=\ \|))\b
    | We\ are\ having\ trouble\ retrieving\ the\ article\ content
    | Thank\ you\ for\ your\ patience\ while\ we\ verify\ access | Already\ a\ subscriber\?\ Log\ in
    | Want\ all\ of\ The\ Times\?\ Subscribe
    | \b(?:Credit|Image|Video|By|Por|and)\b | \((?:Published\ \d{4}|Page\ \d+\ of\ \d+)\)
"""
_DATES_HELD = r"\d{4}-\d\d-\d\d(?:[T ][\d:.]+(?:Z|[+-]\d\d:?\d\d)?)? | \d{4}年\d{1,2}月\d{1,2}日"
_WHOLE_DATE = re.compile(
    r"(?:[A-Z][a-z]+,? )?(?:[A-Z][a-z]{2,8}\.? \d{1,2}, \d{4}|\d{1,2} [A-Z][a-z]{2,8} \d{4})(?:,? .{0,30})?"
)
# One stands for another of its length, so that sentences still end where they did.
_ABBREVIATIONS = {
    2: "Dr Ft Ga Jr Lt Mr Ms Mt No Pa Sr St Va",
    3: "Adm Ala Col Fla Gen Gov Ill Ind Maj Mrs Rep Rev Sen Sgt Wis Jan Feb Mar Apr Aug Oct Nov Dec",
    4: "Ariz Capt Colo Conn Mass Mich Minn Okla Prof Sept Tenn Wash",
}
_SHORT = "|".join(" ".join(_ABBREVIATIONS.values()).split())
_TOKEN = re.compile(
    rf"(?P<short>\b(?:{_SHORT})(?=\.))|(?P<letter>(?<![^\W\d_])[A-Za-z](?![^\W\d_]))"
    r"|(?P<han>[\u3400-\u9fff\uf900-\ufaff]+)|(?P<number>\d+)|(?P<word>[A-Za-z\u00c0-\u024f]+)|(?P<other>[^\W\d_]+)"
)
_CHINESE = {
    "zh-Hans": "这段文字是虚构的只为测试而写没有任何一句话来自报纸它的长短与原来那一页相同"
    "但内容全部由程序填入读者请勿当真",
    "zh-Hant": "這段文字是虛構的只為測試而寫沒有任何一句話來自報紙它的長短與原來那一頁相同"
    "但內容全部由程式填入讀者請勿當真",
}
_CONSONANTS, _VOWELS = "bdfgklmnprstv", "aeiou"


class Prose:
    """Invents text for one page: names that its item has stay, and so does the script it is written in."""

    def __init__(self, page: Page) -> None:
        authors = (*page.authors, *(author for post in page.posts for author in post.authors))
        names = {*(author.name for author in authors), *page.translators}
        names |= {*(image.credit for image in page.images if image.credit)}
        verbatim = "|".join(map(_whole, sorted(names, key=len, reverse=True))) or "(?!)"
        self.held = re.compile(f"{verbatim}|(?x:{_WORDS_HELD}|{_DATES_HELD})", re.IGNORECASE)
        script = chinese_script(f"{page.headline} {page.body}") or page.in_language or ""
        self.chinese = _CHINESE.get(script, _CHINESE["zh-Hans"])

    def invent(self, text: str) -> str:
        """A text of the same shape: words for words of their length, sentences for sentences."""
        if _WHOLE_DATE.fullmatch(fold(text)):
            return text
        pieces, end = [], 0
        for held in self.held.finditer(text):
            pieces += [self._replaced(text[end : held.start()]), held[0]]
            end = held.end()
        return "".join((*pieces, self._replaced(text[end:])))

    def _replaced(self, text: str) -> str:
        return _TOKEN.sub(lambda token: _invented(token, self.chinese), text)

    def invent_data(self, value: Any) -> Any:
        """JSON of the same shape."""
        if isinstance(value, dict):
            return {key: self.invent_data(item) for key, item in value.items()}
        if isinstance(value, list):
            return [self.invent_data(item) for item in value]
        return value if not isinstance(value, str) or is_fact(value) else self.invent(value)


def _whole(name: str) -> str:
    """A pattern for a name, however its words are parted, and not inside of another word."""
    pattern = re.escape(name).replace(r"\ ", r"\s+")
    return rf"(?<!\w){pattern}(?!\w)" if name.isascii() else pattern


def is_fact(text: str) -> bool:
    """An address, a date, a name of a type: one piece without a space."""
    return text.isascii() and not re.search(r"\s", text)


def _invented(token: re.Match[str], chinese: str) -> str:
    """By the token alone, so that equal texts stay equal."""
    text, kind = token[0], token.lastgroup
    seeds = hashlib.shake_128(text.casefold().encode("utf-8", "replace")).digest(len(text) + 1)
    if kind == "letter":
        return text
    if kind == "short":
        others = [word for word in _ABBREVIATIONS[len(text)].split() if word != text]
        return others[seeds[0] % len(others)]
    if kind == "han":
        return "".join(chinese[(seeds[0] + i) % len(chinese)] for i in range(len(text)))
    if kind == "number":
        return "".join(str(1 + seed % 9) for seed in seeds[:-1])
    if kind == "other":
        return "".join(map(_neighbour, text, seeds))
    return _word(text, seeds)


def _word(word: str, seeds: bytes) -> str:
    """Consonants and vowels in turn, capitals where they were."""
    rows = (_CONSONANTS, _VOWELS) if seeds[-1] % 2 else (_VOWELS, _CONSONANTS)
    letters = (rows[i % 2][seed % len(rows[i % 2])] for i, seed in enumerate(seeds))
    return "".join(new.upper() if old.isupper() else new for old, new in zip(word, letters, strict=False))


def _neighbour(letter: str, seed: int) -> str:
    """A letter of the same kind, from the same part of the alphabet."""
    first = ord(letter) & ~31
    kind = unicodedata.category(letter)
    near = [chr(n) for n in range(first, first + 32) if unicodedata.category(chr(n)) == kind]
    return near[seed % len(near)]
