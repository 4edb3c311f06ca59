"""Text as it was published: white space folded, sentences found, words and characters counted."""

import re
from bisect import bisect_left, bisect_right
from functools import lru_cache
from itertools import filterfalse

from crawler.wording import bare

CONTEXT_LIMIT = 600
"""Characters of context kept; only a page without sentence ends comes near it."""

_WIDE = "\u2e80-\u2fff\u3001-\u30ff\u3400-\u9fff\uf900-\ufaff\uff00-\uffef"
_PAIRED = "“”‘’—…·"
# Among them what JSON can spell and no markup: halves of surrogate pairs, which no database takes, and
# control characters, which a terminal obeys.
_INVISIBLE = re.compile(r"[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u00ad\u200b-\u200f\u2060\ufeff\ud800-\udfff]")
_SPACES = re.compile(r"\s+")
# A line break in the source between two wide characters is no space (CSS Text 3, segment breaks).
_WIDE_BREAK = re.compile(rf"(?<=[{_WIDE}{_PAIRED}])\n(?=[{_WIDE}])|(?<=[{_WIDE}])\n(?=[{_PAIRED}])")

SIGN_OF_MISREADING = "â€"
"""UTF-8 read as Windows-1252: “ becomes â€œ; of ” the last byte is lost, which that charset does not have."""
_LAST_BYTES = bytes(range(0x80, 0xC0)).decode("cp1252", "ignore")
_MISREAD = re.compile(rf"â€\ufffd|[\u00c2-\u00f4][{re.escape(_LAST_BYTES)}]{{1,3}}")

_CLOSING = r"”’」』）】》〉\"')\]"
# Begins with a plain set: that is many times as fast. A run of full stops is looked at where it begins.
_SENTENCE_END = re.compile(
    rf"[。！？.!?…](?:(?<=[。！？])[。！？]*+|(?<=[.!?…])(?<![.!?…]{{2}})[.!?…]*+(?=[{_CLOSING}]*(?:\s|$)))"
    rf"[{_CLOSING}]*\s*"
)
_QUOTATION = re.compile(r"“[^“”]*”|「[^「」]*」|『[^『』]*』")
_ABBREVIATION = re.compile(
    r"(?:\b(?:[A-Za-z]|(?:[A-Za-z]\.)+[A-Za-z]|Mr|Mrs|Ms|Mx|Dr|Prof|Rev|Hon|Gen|Gov|Sen|Rep|Lt|Col|Capt|Sgt|Maj|Adm"
    r"|St|Mt|Ft|Jr|Sr|No|vs|Inc|Corp|Co|Ltd|Bros|Jan|Feb|Mar|Apr|Aug|Sept|Oct|Nov|Dec|Conn|Calif|Mass|Mich|Ill"
    r"|Fla|Ga|Va|Pa|Tenn|Wash|Ariz|Colo|Ala|Ore|Okla|Minn|Wis|Ky|Ind))$"
)
_LONGEST_ABBREVIATION = 12

_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]+")
_KANA = re.compile(r"[\u3041-\u30fa]+")
_EASTERN = re.compile(r"[\u3041-\u30fa\u3400-\u9fff\uf900-\ufaff]")
_WORD = re.compile(r"[^\W_]++(?:['’.\-][^\W_]++)*")
_LETTERS = re.compile(r"[A-Za-z\u00c0-\u024f]+")
# Common characters that are written in one of the two scripts only, in the same order.
SIMPLIFIED = (
    "们国这说对时会来为个发经过还进关问题应现开长东车马门见华书习让军报电视图爱办边变标宾产场称处传词从带单当党导点动儿飞风刚给观广规号欢环记际济价间简将节结举据觉类离联两领论"
    "买卖满难农欧评启气强亲轻权认热伤声师识实试势数术谁诉岁虽条统头团网维卫无线乡响写选学严业义艺议银营语员约杂责张证种众转专资总虚构"
)
TRADITIONAL = (
    "們國這說對時會來為個發經過還進關問題應現開長東車馬門見華書習讓軍報電視圖愛辦邊變標賓產場稱處傳詞從帶單當黨導點動兒飛風剛給觀廣規號歡環記際濟價間簡將節結舉據覺類離聯兩領論"
    "買賣滿難農歐評啟氣強親輕權認熱傷聲師識實試勢數術誰訴歲雖條統頭團網維衛無線鄉響寫選學嚴業義藝議銀營語員約雜責張證種眾轉專資總虛構"
)
_SIMPLIFIED = re.compile(f"[{SIMPLIFIED}]")
_TRADITIONAL = re.compile(f"[{TRADITIONAL}]")


def fold(text: str) -> str:
    """Folds white space to single spaces, and to nothing where a line merely broke inside Chinese."""
    if not text.isprintable():  # else nothing in it is invisible or breaks a line
        text = _INVISIBLE.sub("", text)
        if "\n" in text and _HAN.search(text):
            text = _SPACES.sub(lambda run: "\n" if "\n" in run[0] else " ", text.strip())
            text = _WIDE_BREAK.sub("", text)
    return " ".join(text.split())


def reread(text: str) -> str:
    """Undoes a wrong charset: some old pages are UTF-8 and declare ISO-8859-1."""
    return _MISREAD.sub(lambda run: _reread(run[0]), text) if SIGN_OF_MISREADING in text else text


@lru_cache(maxsize=4096)
def _reread(run: str) -> str:
    try:
        return "”" if run.endswith("\ufffd") else run.encode("cp1252").decode()
    except UnicodeDecodeError:
        return run


def joint(before: str, gap: str, after: str) -> str:
    """What stands between two characters that a gap of white space parts."""
    if gap == "\n" and _WIDE_BREAK.search(f"{before}\n{after}"):
        return ""
    return " " if gap else ""


def sentence_around(text: str, start: int, end: int) -> str:
    """The sentence that holds `text[start:end]`; quotations stay whole."""
    cuts = _sentence_cuts(text)
    left = cuts[bisect_right(cuts, start) - 1]
    right = cuts[bisect_left(cuts, max(end, start + 1))] if end < len(text) else len(text)
    if right - left > CONTEXT_LIMIT:
        left, right = max(left, start - CONTEXT_LIMIT // 2), min(right, start + CONTEXT_LIMIT // 2)
    return text[left:right].strip()


@lru_cache(maxsize=8)
def _sentence_cuts(text: str) -> list[int]:
    """Offsets at which sentences begin, and the end of the text."""
    quotations = [match.span() for match in _QUOTATION.finditer(text)]
    starts = [start for start, _ in quotations]
    cuts = [0]
    for match in _SENTENCE_END.finditer(text):
        around = bisect_right(starts, match.start()) - 1
        closes = quotations[around][1] if around >= 0 else 0
        if _ends_sentence(text, match) and not _inside_quotation(text, match, closes):
            cuts.append(match.end())
    return cuts if cuts[-1] == len(text) else [*cuts, len(text)]


def _ends_sentence(text: str, match: re.Match[str]) -> bool:
    if match[0][0] in "。！？":
        return True
    if text[match.end() : match.end() + 1].islower():
        return False
    before = text[max(0, match.start() - _LONGEST_ABBREVIATION) : match.start()]
    return not match[0].startswith(".") or not _ABBREVIATION.search(before)


def _inside_quotation(text: str, match: re.Match[str], closes: int) -> bool:
    """Whether the quotation goes on, or is followed by who said it: “…。”他说."""
    if match.start() >= closes:
        return False
    if match.end() < closes:
        return True
    after = text[match.end() : match.end() + 1]
    return bool(after) and not match[0][-1].isspace() and after not in "“「『"


@lru_cache(maxsize=2)  # several things are asked about a body
def _is_eastern(text: str) -> bool:
    """Whether there is any Han character or kana."""
    return not text.isascii() and _EASTERN.search(text) is not None


def count_words(text: str) -> int:
    """English words; a contraction or a hyphenated compound is one."""
    tokens = bare(_HAN.sub(" ", text) if _is_eastern(text) else text).split()
    # Most are a word and nothing else: only the others need be looked at.
    others = list(filterfalse(str.isalnum, tokens))
    return len(tokens) - len(others) + len(_WORD.findall(" ".join(others)))


def count_han(text: str) -> int:
    """Chinese characters, without punctuation."""
    return sum(map(len, _HAN.findall(text))) if _is_eastern(text) else 0


def _count_kana(text: str) -> int:
    return sum(map(len, _KANA.findall(text))) if _is_eastern(text) else 0


def is_chinese(text: str) -> bool:
    """Whether a text is mostly Chinese: a Han character weighs as much as a few letters; kana is Japanese."""
    han = count_han(text)
    return han > 4 * _count_kana(text) and han * 3 > sum(map(len, _LETTERS.findall(text)))


def has_words(text: str) -> bool:
    """Whether spaces part words: not so in Chinese and Japanese."""
    return count_han(text) + _count_kana(text) < len(text) / 4


def chinese_script(text: str) -> str | None:
    """zh-Hans or zh-Hant by the characters that differ; None where none does."""
    simplified, traditional = len(_SIMPLIFIED.findall(text)), len(_TRADITIONAL.findall(text))
    if simplified == traditional:
        return None
    return "zh-Hans" if simplified > traditional else "zh-Hant"
