"""The one schema: what goes into MongoDB comes back the same, and JSON Schema describes it."""

import ast
import dataclasses
import datetime as dt
import inspect
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from crawler import items
from crawler.items import (
    PAGE,
    STORE_FIELDS,
    Attempt,
    Link,
    Outcome,
    Page,
    PageType,
    Role,
    from_document,
    json_schema,
    to_document,
)

TEXT = st.text(max_size=20)
LINKS = st.builds(Link, target=TEXT, role=st.sampled_from(Role), anchor_text=TEXT, context=TEXT)


@given(st.lists(LINKS, max_size=5), TEXT)
def test_a_page_survives_the_way_through_a_document(links, headline):
    """to_document and from_document are inverse, enums and nested dataclasses included."""
    attempt = Attempt(at=dt.datetime(2025, 2, 5, tzinfo=dt.UTC), status=Outcome.OK)
    page = Page(
        id="https://cn.nytimes.com/a/",
        url="https://cn.nytimes.com/a/",
        site="cn.nytimes.com",
        page_type=PageType.ARTICLE,
        display_title="t",
        headline=headline,
        links=tuple(links),
        last_attempt=attempt,
    )
    document = to_document(page)
    assert document["_id"] == page.id
    assert "id" not in document
    assert from_document(document) == page


def test_every_field_is_in_the_json_schema():
    """The schema is derived: no field is missing."""
    schema = json_schema()
    assert set(schema["properties"]) == {field.name for field in dataclasses.fields(Page)}
    json.dumps(schema)


def test_every_field_is_explained():
    """By the docstring under it, in each of the dataclasses."""
    silent = [
        f"{item.name}.{field.target.id}"
        for item in ast.parse(inspect.getsource(items)).body
        if isinstance(item, ast.ClassDef)
        for field, below in zip(item.body, [*item.body[1:], None], strict=True)
        if isinstance(field, ast.AnnAssign) and not _is_text(below)
    ]
    assert silent == []


def _is_text(statement):
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def test_every_page_has_every_field_whatever_came_of_it():
    """A stub's document and an article's have the same keys."""
    stub = Page(
        id="https://x.com/",
        url="https://x.com/",
        site="x.com",
        page_type=PageType.EXTERNAL,
        display_title="x.com",
    )
    assert set(to_document(stub)) - {"_id"} == {field.name for field in dataclasses.fields(Page)} - {"id"}
    assert set(STORE_FIELDS) <= set(to_document(stub))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("page_type", "nonsense"),
        ("depths", {"seed": "near"}),
        ("last_attempt", {"status": "ok"}),
        ("links", [{"role": "x"}]),
    ],
)
def test_what_is_no_page_is_refused(field, value):
    """A wrong value is found, not stored."""
    document = {
        "id": "u",
        "url": "u",
        "site": "s",
        "page_type": "article",
        "display_title": "t",
        field: value,
    }
    with pytest.raises(ValidationError):
        PAGE.validate_python(document)
