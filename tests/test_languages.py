"""Language by evidence: letters, little words, what the page declares, its address; and null for the rest."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.parsers import parse_page
from crawler.parsers.languages import by_script, by_words

EN = "The shepherds met on Wednesday to see the bells, and they were told that it would be a long winter."
ES = (
    "Los pastores se reunieron el miércoles para ver las campanas, y se les dijo que el invierno sería largo."
)
FR = "Les bergers se sont réunis mercredi pour voir les cloches, et on leur a dit que l'hiver serait long."
DE = "Die Hirten trafen sich am Mittwoch, um die Glocken zu sehen, und der Winter wird lang, sagte das Dorf."
PT = "Os pastores se reuniram na quarta-feira para ver os sinos, e o inverno seria mais longo."
IT = "I pastori si sono riuniti mercoledì per vedere le campane, e il capo del villaggio è via."
PL = (
    "Pasterze zebrali się w środę, aby zobaczyć dzwony, a zima miała być długa i bardzo mroźna w tej dolinie."
)
RU = "Пастухи собрались в среду, чтобы посмотреть на колокола, и им сказали, что зима будет долгой."
JA = "羊飼いたちは水曜日に集まり、鐘を見て、冬は長くなると聞いた。"
KO = "목자들은 수요일에 모여 종을 보았고 겨울이 길 것이라는 말을 들었다."
HANS, HANT = "牧羊人说这个冬天会很长。", "牧羊人說這個冬天會很長。"
NAMES = "Amy Sample, Ana Fotografa, Xu Guo, Li Na"


@pytest.mark.parametrize(
    ("text", "language"), [(EN, "en"), (ES, "es"), (FR, "fr"), (DE, "de"), (PT, "pt"), (IT, "it")]
)
def test_words(text, language):
    """Each of the six, from one sentence."""
    assert (by_script(text), by_words(text)) == (None, language)


@pytest.mark.parametrize("text", [PL, RU, NAMES, "", "The end", "of of of " + "x " * 100])
def test_words_that_do_not_tell(text):
    """Other languages, names, and what is too short."""
    assert by_words(text) is None


@pytest.mark.parametrize(
    ("text", "language"),
    [(HANS, "zh-Hans"), (HANT, "zh-Hant"), ("文字", "zh"), (JA, "ja"), (KO, "ko"), (f"{EN} 你好", None)],
)
def test_script(text, language):
    """A few characters of another script do not make a text one of that."""
    assert by_script(text) == language


@given(st.text(max_size=200))
def test_any_text_has_a_language_or_none(text):
    """Nothing raises."""
    assert by_script(text) in {None, "zh", "zh-Hans", "zh-Hant", "ja", "ko"}
    assert by_words(text) in {None, "en", "es", "fr", "de", "pt", "it"}


WWW = "https://www.nytimes.com/2025/01/02/world/bells.html"
CN = "https://cn.nytimes.com/world/20250102/bells/"
OTHER = "https://paper.example/2025/bells"


@pytest.mark.parametrize(
    ("url", "lang", "text", "expected"),
    [
        (WWW, "", EN, ("en", "words of the text")),
        (WWW, "es", EN, ("en", "words of the text")),
        (WWW, "en", ES, ("es", "words of the text")),
        (WWW, "ko-KR", NAMES, ("ko", "html @lang")),
        (WWW, "", NAMES, ("en", "url")),
        (WWW, "en", HANS, ("zh-Hans", "script of the text")),
        (WWW.replace(".com/", ".com/zh-hans/"), "en", "文字", ("zh-Hans", "url")),
        (CN, "zh-CN", EN, ("en", "words of the text")),
        (CN, "zh-CN", NAMES, (None, None)),
        (f"{CN}en-us/", "zh-CN", NAMES, ("en", "url")),
        (f"{CN}zh-hant/", "", "文字", ("zh-Hant", "url")),
        (OTHER, "", NAMES, (None, None)),
        (OTHER, "", PL, (None, None)),
        (OTHER, "pl", PL, ("pl", "html @lang")),
        (OTHER, "", JA, ("ja", "script of the text")),
        (OTHER, "not a language", NAMES, (None, None)),
    ],
)
def test_a_page_s_language(url, lang, text, expected):
    """The text comes first, then what is declared, then the address of the newspaper's own pages."""
    page = parse_page(url, f'<html lang="{lang}"><meta property="og:title" content="{text}">')
    assert (page.in_language, page.extractor.rule.get("in_language")) == expected


@pytest.mark.parametrize(
    ("locale", "expected"), [("en_US", "en"), ("zh_TW", "zh-Hant"), ("zh_CN", "zh-Hans"), ("pt_BR", "pt")]
)
def test_og_locale(locale, expected):
    """It is written with a low line."""
    text = "文字" if "zh" in locale else NAMES
    head = f'<meta property="og:locale" content="{locale}"><meta property="og:title" content="{text}">'
    assert parse_page(OTHER, head).in_language == expected
