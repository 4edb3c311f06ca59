"""References read back by the readers of others: every field arrives as it was, whatever its characters."""

import json
import re

import bibtexparser
import jsonschema
import pytest
import rispy
from bibtexparser.middlewares import LatexDecodingMiddleware
from hypothesis import given
from hypothesis import strategies as st

from crawler.graph.bibliography import FORMATS, Reference, to_bibtex, to_csl_json, to_ris
from crawler.graph.names import Name, cased, parse_name
from crawler.plain import plain, shortened

TRANSLATED = Reference(
    title="中国AI初创公司DeepSeek是如何与硅谷巨头竞争的",
    url="https://cn.nytimes.com/technology/20250124/deepseek-china-ai-chips/",
    site="cn.nytimes.com",
    authors=("Cade Metz", "孟建国"),
    translators=("纽约时报中文网",),
    published_on="2025-01-24",
    accessed_on="2026-11-25",
    language="zh-Hans",
    twin_title="How Chinese A.I. Start-Up DeepSeek Is Competing With Silicon Valley Giants",
    twin_published_on="2025-01-23",
    twin_url="https://www.nytimes.com/2025/01/23/technology/deepseek-china-ai-chips.html",
)
AWKWARD = Reference(
    title='50% & $5 #1_a {b} \\c ~d ^e "f" <b>g</b> \x00\u202e h\ni',
    url="https://example.org/a_b%20c?d=1&e={f}",
    site="example.org",
    kind="external",
    authors=("The Associated Press", "O’Neil, Inc. and Sons"),
)
PLAIN_TITLE = '50% & $5 #1_a {b} \\c ~d ^e "f" <b>g</b> h i'

NAME = {
    "type": "object",
    "properties": {part: {"type": "string"} for part in ("family", "given", "suffix", "literal")},
    "additionalProperties": False,
}
DATE = {
    "type": "object",
    "properties": {
        "date-parts": {
            "type": "array",
            "maxItems": 2,
            "items": {"type": "array", "minItems": 1, "maxItems": 3, "items": {"type": "integer"}},
        }
    },
    "required": ["date-parts"],
    "additionalProperties": False,
}
TEXTS = ("id", "title", "container-title", "URL", "language", "note", "original-title")
CSL_SCHEMA = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["type", "id"],
        "additionalProperties": False,
        "properties": {
            "type": {"enum": ["article-newspaper", "webpage"]},
            **{name: {"type": "string"} for name in TEXTS},
            **{name: {"type": "array", "items": NAME} for name in ("author", "translator")},
            **dict.fromkeys(("issued", "accessed", "original-date"), DATE),
        },
    },
}
"""As much of csl-data.json (CSL 1.0.2) as we write; no package at hand carries the whole."""


def bibtex(*references):
    library = bibtexparser.parse_string(to_bibtex(references), append_middleware=[LatexDecodingMiddleware()])
    assert library.failed_blocks == []
    return [(entry.entry_type, {f.key: str(f.value) for f in entry.fields}) for entry in library.entries]


def test_bibtex_is_read_back():
    """Headline, twin, translator, both dates, and when it was looked at."""
    ((kind, fields),) = bibtex(TRANSLATED)
    assert kind == "article"
    assert fields == {
        "title": TRANSLATED.title,
        "author": "Metz, Cade and 孟建国",
        "translator": "纽约时报中文网",
        "journal": "cn.nytimes.com",
        "entrysubtype": "newspaper",
        "date": "2025-01-24",
        "year": "2025",
        "month": "jan",
        "url": TRANSLATED.url,
        "urldate": "2026-11-25",
        "language": "zh-Hans",
        "note": f"Translation of: {TRANSLATED.twin_title} (2025-01-23), {TRANSLATED.twin_url}",
    }


def test_bibtex_marks_are_escaped():
    """TeX's special characters come back as themselves; names of organizations stay whole."""
    ((kind, fields),) = bibtex(AWKWARD)
    assert kind == "online"
    assert fields["title"].replace("ˆ", "^") == PLAIN_TITLE  # the reader's way with \\textasciicircum
    assert fields["organization"] == "example.org"
    assert "author = {{The Associated Press} and {O’Neil, Inc. and Sons}}" in to_bibtex([AWKWARD])
    assert "url = {https://example.org/a_b%20c?d=1&e=%7Bf%7D}" in to_bibtex([AWKWARD])


def test_ris_is_read_back():
    """By tag; the twin in Extra and in a note."""
    (record,) = rispy.loads(to_ris([TRANSLATED]))
    assert record["type_of_reference"] == "NEWS"
    assert record["title"] == TRANSLATED.title
    assert record["authors"] == ["Metz, Cade", "孟建国"]
    assert record["subsidiary_authors"] == ["纽约时报中文网"]
    assert (record["date"], record["access_date"], record["year"]) == ("2025/01/24", "2026/11/25", "2025")
    assert record["urls"] == [TRANSLATED.url]
    assert record["language"] == "zh-Hans"
    assert f"M2  - original-title: {TRANSLATED.twin_title}\r\n" in to_ris([TRANSLATED])
    assert record["notes"] == [f"Translation of: {TRANSLATED.twin_title} (2025-01-23), {TRANSLATED.twin_url}"]


def test_ris_lines_can_t_be_forged():
    """A title with a line break stays one field; a comma does not divide a name."""
    forged = Reference(
        title="a\r\nTY  - BOOK\r\nER  - ", url="https://e.org/", site="e.org", authors=("A, B",)
    )
    (record,) = rispy.loads(to_ris([forged]))
    assert record["title"] == "a TY - BOOK ER -"
    assert record["authors"] == ["A  B"]


def test_csl_json_is_valid_and_complete():
    """Against the schema; original title and date as variables and as lines of Extra."""
    items = json.loads(to_csl_json([TRANSLATED, AWKWARD]))
    jsonschema.validate(items, CSL_SCHEMA)
    first, second = items
    assert first["translator"] == [{"literal": "纽约时报中文网"}]
    assert first["author"] == [{"family": "Metz", "given": "Cade"}, {"literal": "孟建国"}]
    assert first["issued"] == {"date-parts": [[2025, 1, 24]]}
    assert first["accessed"] == {"date-parts": [[2026, 11, 25]]}
    assert first["original-date"] == {"date-parts": [[2025, 1, 23]]}
    assert first["note"].splitlines()[:2] == [
        f"original-title: {TRANSLATED.twin_title}",
        "original-date: 2025-01-23",
    ]
    assert second["title"] == PLAIN_TITLE
    assert "issued" not in second


def test_a_twin_that_nobody_translated_is_no_original():
    """Whoever wrote in both languages: the note says so, and no format calls it a translation."""
    both = Reference(
        title="改变国运的突破？", url="https://a.org/", site="a.org", twin_title="What a Start-Up"
    )
    for write in FORMATS.values():
        assert "Also published as: What a Start-Up" in write([both])
        assert "original-title" not in write([both])


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("Cade Metz", ("Metz", "Cade", "")),
        ("Paul Krugman Jr.", ("Krugman", "Paul", "Jr.")),
        ("Ursula von der Leyen", ("von der Leyen", "Ursula", "")),
        ("Thomas L. Friedman", ("Friedman", "Thomas L.", "")),
        ("Zeynep Tüfekçi", ("Tüfekçi", "Zeynep", "")),
        ("袁莉", ("袁莉", "", "")),
        ("孟宝勒 Paul Mozur", ("孟宝勒 Paul Mozur", "", "")),
        ("The New York Times", ("The New York Times", "", "")),
        ("Agence France Presse", ("Agence France Presse", "", "")),
        ("Reuters", ("Reuters", "", "")),
        ("", ("", "", "")),
    ],
)
def test_names(name, parts):
    """People's Latin names are divided; nobody else's."""
    assert parse_name(name) == Name(*parts)


def test_keys_are_ascii_and_differ():
    """Readable, stable, one per URL."""
    other = Reference(title="x", url="https://cn.nytimes.com/中文/", site="cn.nytimes.com")
    assert re.fullmatch(r"[a-z0-9-]+-2025-[0-9a-f]{6}", TRANSLATED.key)
    assert "deepseek-china-ai-chips" in TRANSLATED.key
    assert re.fullmatch(r"[a-z0-9-]+", other.key)


ANY = st.text(st.characters(exclude_categories=[]), max_size=40)


@given(title=ANY, name=ANY, twin=ANY)
def test_whatever_the_text_there_is_one_record(title, name, twin):
    """No text ends its field, its record or its encoding."""
    reference = Reference(
        title=title, url="https://e.org/", site="e.org", authors=(name,), translators=(name,), twin_title=twin
    )
    texts = {name: write([reference]) for name, write in FORMATS.items()}
    assert all(text.encode() for text in texts.values())
    assert len(bibtex(reference)) == 1
    assert len(rispy.loads(texts["ris"])) == 1
    jsonschema.validate(json.loads(texts["csl-json"]), CSL_SCHEMA)
    assert json.loads(texts["csl-json"])[0].get("title", "") == plain(title)


@pytest.mark.parametrize(
    ("text", "length", "expected"), [("abc", 3, "abc"), ("abcd", 3, "ab…"), ("a bc", 3, "a…")]
)
def test_shortened(text, length, expected):
    """The ellipsis counts, and follows no space."""
    assert shortened(text, length) == expected


CASED = [
    ("CADE METZ", "Cade Metz"),
    ("MICHAEL D. SHEAR", "Michael D. Shear"),
    ("ANNE-MARIE O’BRIEN MCGEE III", "Anne-Marie O’Brien McGee III"),
    ("Cade Metz", "Cade Metz"),
    ("THE NEW YORK TIMES", "THE NEW YORK TIMES"),
    ("REUTERS", "REUTERS"),
    ("袁莉", "袁莉"),
    ("", ""),
]


@pytest.mark.parametrize(("name", "expected"), CASED)
def test_a_byline_in_capitals_is_a_name_like_others(name, expected):
    """Of persons; an agency or a desk keeps what it has."""
    assert cased(name) == expected
