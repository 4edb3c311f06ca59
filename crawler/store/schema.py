"""Collections, validators and indexes, derived from the item schema. Plain data and pure functions."""

from typing import Any

from pymongo import ASCENDING, DESCENDING, IndexModel

from crawler.items import json_schema
from crawler.labels import Decision

COLLECTIONS = (
    "pages",
    "links",
    "works",
    "revisions",
    "crawl_runs",
    "hosts",
    "related",
    "told",
    "suggestions",
    "labels",
    "terms",
    "quotas",
    "lookups",
)

KEYWORDS = ("properties", "required", "items", "additionalProperties", "anyOf", "enum")
"""What MongoDB's dialect of JSON Schema shares with pydantic's; the others are left out."""

BSON_TYPES: dict[str, Any] = {
    "string": "string",
    "integer": ["int", "long"],
    "number": ["int", "long", "double"],
    "boolean": "bool",
    "array": "array",
    "object": "object",
    "null": "null",
}

DATE = {"bsonType": "date"}
OPTIONAL_STRING = {"bsonType": ["string", "null"]}
LINK_HISTORY: dict[str, Any] = {
    "_id": {"bsonType": "string"},
    "source": {"bsonType": "string"},
    "active": {"bsonType": "bool"},
    "first_seen_run": OPTIONAL_STRING,
    "last_seen_run": OPTIONAL_STRING,
    "gone_run": OPTIONAL_STRING,
    "gone_at": {"bsonType": ["date", "null"]},
    "first_seen_at": DATE,
    "last_seen_at": DATE,
}

TEXT = {"bsonType": "string"}
LABEL: dict[str, Any] = {
    "bsonType": "object",
    "additionalProperties": False,
    "properties": {
        "_id": TEXT,
        "page": TEXT,
        "seed": TEXT,
        "decision": {"enum": [str(decision) for decision in Decision]},
        "tags": {"bsonType": "array", "items": TEXT},
        "note": TEXT,
        "who": TEXT,
        "when": DATE,
    },
    "required": ["_id", "page", "seed", "decision", "tags", "note", "who", "when"],
}

QUOTA: dict[str, Any] = {
    "bsonType": "object",
    "additionalProperties": False,
    "properties": {
        "_id": TEXT,
        "day": TEXT,
        "count": {"bsonType": ["int", "long"], "minimum": 0},
        "not_before": DATE,
    },
    "required": ["_id", "day", "count", "not_before"],
}
LOOKUP: dict[str, Any] = {
    "bsonType": "object",
    "additionalProperties": False,
    "properties": {"_id": TEXT, "page": TEXT, "service": TEXT, "outcome": TEXT, "at": DATE},
    "required": ["_id", "page", "service", "outcome", "at"],
}

INDEXES = {
    "pages": [
        IndexModel("provenance"),
        IndexModel("work_id"),
        IndexModel("story_key"),
        IndexModel("aliases"),
        IndexModel("redirects_to"),
        IndexModel("last_attempt.run_id"),
        IndexModel([("site", ASCENDING), ("published_on", DESCENDING)]),
    ],
    "links": [
        IndexModel(
            [("source", ASCENDING), ("active", ASCENDING), ("role", ASCENDING), ("target", ASCENDING)]
        ),
        IndexModel(
            [("target", ASCENDING), ("active", ASCENDING), ("role", ASCENDING), ("source", ASCENDING)]
        ),
    ],
    "works": [IndexModel("members")],
    "terms": [IndexModel("terms")],
    "related": [IndexModel("names")],
    "lookups": [IndexModel([("service", ASCENDING), ("at", ASCENDING)])],
    "labels": [
        IndexModel([(key, ASCENDING) for key in ("seed", "when", "_id")]),
        IndexModel([(key, ASCENDING) for key in ("page", "when", "_id")]),
    ],
    "revisions": [IndexModel([("page", ASCENDING), ("revision", ASCENDING)])],
    "crawl_runs": [
        IndexModel([("seed", ASCENDING), ("started", DESCENDING)]),
        IndexModel("seed", name="one_at_a_time", unique=True, partialFilterExpression={"finished": None}),
    ],
}


def frontier_index(seed: str) -> IndexModel:
    """The index that answers what is due for one seed: in order, and without a look at what is not.

    What a run has tried lies at its front; its time and run are keys: no page is read to pass it over.
    """
    keys = (f"depths.{seed}", "first_seen_at", "_id", "next_fetch_at", "last_attempt.run_id", "site")
    members = {keys[0]: {"$exists": True}}
    return IndexModel([(key, ASCENDING) for key in keys], name=f"due_{seed}", partialFilterExpression=members)


def validators() -> dict[str, dict[str, Any]]:
    """The `validator` of each collection that has one."""
    schema = json_schema()
    page = _translate(schema, schema["$defs"])
    page["properties"]["_id"] = page["properties"].pop("id")
    page["required"] = ["_id", "status", *(name for name in page["required"] if name != "id")]
    link = _translate(schema["$defs"]["Link"], schema["$defs"])
    link["properties"] |= LINK_HISTORY
    link["required"] = sorted(link["properties"])
    wanted = {"pages": page, "links": link, "labels": LABEL, "quotas": QUOTA, "lookups": LOOKUP}
    return {name: {"$jsonSchema": schema} for name, schema in wanted.items()}


def _translate(schema: dict[str, Any], definitions: dict[str, Any]) -> dict[str, Any]:
    """One JSON Schema in MongoDB's dialect: references inlined, types as BSON types."""
    if "$ref" in schema:
        return _translate(definitions[schema["$ref"].rpartition("/")[2]], definitions)
    translated = {key: _keyword(key, schema[key], definitions) for key in KEYWORDS if key in schema}
    if schema.get("format") == "date-time":
        return DATE
    if "type" in schema:
        translated["bsonType"] = BSON_TYPES[schema["type"]]
    return translated


def _keyword(key: str, value: Any, definitions: dict[str, Any]) -> Any:
    if key == "properties":
        return {name: _translate(part, definitions) for name, part in value.items()}
    if key == "anyOf":
        return [_translate(part, definitions) for part in value]
    if key in {"items", "additionalProperties"} and isinstance(value, dict):
        return _translate(value, definitions)
    return value
