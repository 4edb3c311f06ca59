"""Reads docs/queries.md and runs what stands in it; `python tests/cookbook.py` writes its outputs anew.

A query is a heading, a `js` block for mongosh, a `python` block for PyMongo and a `text` block: what the
sample database answers. The mongosh form is read here by a small part of its language: calls on
`db.<collection>`, object literals, ISODate and the names that the preamble defines.
"""

import datetime as dt
import json
import re
from pathlib import Path

DOC = Path(__file__).parent.parent / "docs" / "queries.md"
SHOWN = 5
ENTRY = re.compile(
    r"^## (?P<title>.+?)\n.*?```js\n(?P<mongosh>.*?)```\n+"
    r"```python\n(?P<pymongo>.*?)```\n+```text\n(?P<output>.*?)```",
    re.S | re.M,
)
NAMES = re.compile(r'^const (\w+) = ("[^"]*")', re.M)


def names(text):
    """{name: value} that the preamble defines."""
    return {name: json.loads(value) for name, value in NAMES.findall(text)}


def entries(text):
    """{title: (mongosh, PyMongo, output)}."""
    return {found["title"]: found.group("mongosh", "pymongo", "output") for found in ENTRY.finditer(text)}


def run_pymongo(code, db, known):
    """What the PyMongo form gives, as a list."""
    return _listed(eval(code, {"db": db, **known}))


def run_mongosh(code, db, known):
    """What the mongosh form gives, as a list."""
    value = db
    text = re.sub(r"//.*", "", code).strip()
    for name, arguments in _calls(text.removeprefix("db.")):
        value = getattr(value, {"countDocuments": "count_documents"}.get(name, name))
        if arguments is not None:
            value = value(*_literals(arguments, known))
    return _listed(value)


def _calls(text):
    """(name, arguments) along a chain; None for an attribute."""
    place = 0
    while place < len(text):
        name = re.compile(r"\.?\s*(\w+)\s*").match(text, place)
        place = name.end()
        end = _closing(text, place) if text[place : place + 1] == "(" else None
        yield name[1], text[place + 1 : end] if end else None
        place = re.compile(r"\s*").match(text, end + 1).end() if end else place


def _closing(text, start):
    """Where the bracket that opens at `start` is closed; brackets in strings do not count."""
    depth, quoted = 0, False
    for place in range(start, len(text)):
        if text[place] == '"':
            quoted = not quoted
        elif not quoted:
            depth += (text[place] in "([{") - (text[place] in ")]}")
            if not depth:
                return place
    raise ValueError(f"a bracket is not closed in {text[start : start + 60]}")


def _literals(text, known):
    """The arguments of a call, as values."""
    strings = []

    def keep(match):
        strings.append(match[0])
        return f'"{len(strings) - 1}"'

    bare = re.sub(r'"[^"]*"', keep, text)
    bare = re.sub(r'ISODate\(("\d+")\)', r'{"$date": \1}', bare)
    bare = re.sub(r"([{,]\s*)([A-Za-z_$][\w$]*)\s*:", r'\1"\2":', bare)
    bare = re.sub(r"\b([A-Z]+)\b", lambda match: json.dumps(known[match[1]]), bare)
    bare = re.sub(r",(\s*[}\]])", r"\1", bare)
    whole = re.sub(r'"(\d+)"', lambda match: strings[int(match[1])], bare)
    return json.loads(f"[{whole}]", object_hook=_date)


def _date(value):
    """An ISODate; anything else as it is."""
    return dt.datetime.fromisoformat(value["$date"]) if value.keys() == {"$date"} else value


def _listed(value):
    return list(value) if hasattr(value, "__iter__") and not isinstance(value, str | dict) else [value]


def shown(rows):
    """The first rows as the document shows them."""
    lines = [json.dumps(row, ensure_ascii=False, default=str) for row in rows[:SHOWN]]
    rest = len(rows) - SHOWN
    return (
        "".join(f"{line}\n" for line in [*lines, *([f"and {rest} more"] if rest > 0 else [])]) or "nothing\n"
    )


def rewritten(text, db):
    """The document with the outputs of this database."""
    known = names(text)
    for mongosh, pymongo, output in entries(text).values():
        block = f"```js\n{mongosh}```\n\n```python\n{pymongo}```\n\n```text\n"
        assert block in text
        text = text.replace(f"{block}{output}```", f"{block}{shown(run_pymongo(pymongo, db, known))}```")
    return text


def main():
    """Crawls the sample into a database of its own and writes what it answers."""
    import tempfile

    import pymongo
    from crawling import Crawls

    from crawler.embedded import serve

    with tempfile.TemporaryDirectory() as folder, serve(Path(folder) / "mongo") as uri:
        crawls = Crawls(uri, "cookbook", Path(folder))
        for arguments in (("deepseek",), ("articles", "seed=newsroom")):
            crawls.run(*arguments, REPLAY="seeds/newsroom.warc.gz", timeout=600)
        with pymongo.MongoClient(uri, tz_aware=True) as client:
            DOC.write_text(rewritten(DOC.read_text(), client.cookbook))


if __name__ == "__main__":
    import sys

    sys.path[:0] = [str(DOC.parents[1])]
    main()
