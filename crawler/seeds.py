"""Seed files: where a crawl starts, how far it goes, and what is known of the start before any request."""

import datetime as dt
import hashlib
import json
import re
import tomllib
from dataclasses import dataclass, field, fields
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, ConfigDict, Field, TypeAdapter, ValidationError

from crawler.items import Role
from crawler.urls import canonicalize, in_scope, site_of

SEEDS_DIR = Path(__file__).parent.parent / "seeds"
"""Where seed files are written."""
SEEDS: Traversable = files("seeds")
"""Where they are read from: the same folder, or inside the egg that scrapyd runs."""
SITES = ("cn.nytimes.com", "www.nytimes.com")
_NAME = r"^[a-z0-9][a-z0-9-]{0,60}$"


def _real_day(text: str) -> str:
    return dt.date.fromisoformat(text).isoformat()


def _web_address(text: str) -> str:
    if canonicalize(text) is None:
        raise ValueError(f"{text!r} is no web address")
    return text


def _web_addresses(texts: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(str(canonicalize(_web_address(text))) for text in texts)


class SeedError(ValueError):
    """A seed that cannot be used; the message is one line and says what to mend."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownLink:
    """A link of the start page that is known as a fact, should the page itself not be had."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    url: Annotated[str, AfterValidator(_web_address)]
    role: Role = Role.CITATION
    anchor_text: str = ""
    paragraph: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Seed:
    """A crawl's start and bounds; the keys of a seed file."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    name: Annotated[str, Field(pattern=_NAME)]
    """Names the seed in `depths.<name>`: small letters, digits and hyphens."""
    urls: Annotated[tuple[str, ...], Field(min_length=1)]
    """Where the crawl starts; `url = "…"` in the file for a single one."""
    depth: Annotated[int, Field(ge=0, le=10)] = 3
    """Hops from the start; a translation costs none."""
    max_pages: Annotated[int, Field(ge=1)] = 300
    """Page budget of a run."""
    sites: tuple[str, ...] = SITES
    """Publications whose pages are fetched; links to any other are stored only."""
    external_depth: Annotated[int, Field(ge=0, le=1)] = 0
    """1: of cited pages elsewhere headline, date and publisher are fetched, too."""
    external_pages: Annotated[int, Field(ge=1)] = 50
    """How many of `max_pages` these may be: every one may be another host."""
    roles: tuple[Role, ...] = (Role.CITATION, Role.TRANSLATION)
    """Link roles that are followed."""
    lists: Annotated[tuple[str, ...], AfterValidator(_web_addresses)] = ()
    """Feeds, sitemaps, topic and author pages in which a run with `-a watch=1` looks for what came after."""
    headline: str | None = None
    """Headline of the first URL, as a fact."""
    published_on: Annotated[str, AfterValidator(_real_day)] | None = None
    """Its date."""
    links: tuple[KnownLink, ...] = field(default=())
    """Its known links: the crawl goes on from them when the page itself can't be had."""


_SEED = TypeAdapter(Seed)
_KEYS = ", ".join(one.name for one in fields(Seed))
_IN_WORDS = {
    "missing": "is missing",
    "string_pattern_mismatch": "small letters, digits and hyphens only",
    "tuple_type": 'has to be a list: ["…", "…"]',
    "unexpected_keyword_argument": f"no key of a seed file: {_KEYS} are",
}
"""What pydantic would say in words of its own."""


def read_seed(path: Traversable) -> Seed:
    """The seed of a TOML file. Raises SeedError for a file that is missing, broken or incomplete."""
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise SeedError(f"no seed file {path}: `scrapy seed add URL --name NAME` writes one") from None
    except (OSError, UnicodeDecodeError) as error:
        raise SeedError(f"{path} can't be read: {error}") from None
    except tomllib.TOMLDecodeError as error:
        raise SeedError(f"{path} is not valid TOML: {error}") from None
    more = values.get("urls", [])
    if "url" in values:
        values["urls"] = [values.pop("url"), *([more] if isinstance(more, str) else more)]
    if isinstance(values.get("published_on"), dt.date):  # TOML has dates of its own
        values["published_on"] = values["published_on"].isoformat()
    return _seed(values, str(path))


def named_seed(name: str, directory: Traversable = SEEDS) -> Seed:
    """The seed `NAME.toml` of the seeds folder, or the file NAME itself where it is a path."""
    if name.endswith(".toml"):
        return read_seed(Path(name))
    path = directory / f"{name}.toml"
    if not path.is_file():
        names = (file.name for file in directory.iterdir())
        known = ", ".join(sorted(file.removesuffix(".toml") for file in names if file.endswith(".toml")))
        raise SeedError(f"no seed called {name!r}: known are {known}")
    return read_seed(path)


def seed_for_url(url: str, name: str | None = None) -> Seed:
    """A seed that starts at one URL, with the default bounds; where no name is given the URL makes one."""
    canonical = _canonical_start(url)
    values: dict[str, Any] = {"name": name or _name_for(canonical), "urls": [canonical]}
    if not in_scope(canonical, SITES):
        values["sites"] = [site_of(canonical)]
    return _seed(values, url)


def _name_for(url: str) -> str:
    """The last words of the URL, and a digest so that no two URLs share a name."""
    words = re.findall(r"[a-z0-9]+", url.lower().partition("//")[2])
    while len("-".join(words)) > 50 and len(words) > 1:
        del words[0]
    return f"{'-'.join(words)[-50:]}-{hashlib.sha256(url.encode()).hexdigest()[:8]}"


def _seed(values: dict[str, Any], source: str) -> Seed:
    """The checked seed, its URLs canonical."""
    try:
        seed = _SEED.validate_python(values)
    except ValidationError as error:
        problem = error.errors()[0]
        where = ".".join(str(part) for part in problem["loc"])
        raise SeedError(f"{source}: {where}: {_IN_WORDS.get(problem['type'], problem['msg'])}") from None
    try:
        urls = tuple(_canonical_start(url) for url in seed.urls)
    except SeedError as error:
        raise SeedError(f"{source}: {error}" if source not in seed.urls else str(error)) from None
    for site in seed.sites:
        if "/" in site or site.count(":") == 1:
            raise SeedError(f"{source}: sites: {site!r} is no host: write it like cn.nytimes.com")
    outside = [url for url in urls if not in_scope(url, seed.sites)]
    if outside:
        raise SeedError(f"{source}: {outside[0]} is on none of the seed's sites ({', '.join(seed.sites)})")
    return _SEED.validate_python({**values, "urls": urls})


def _canonical_start(url: str) -> str:
    canonical = canonicalize(url)
    if canonical is None:
        raise SeedError(f"{url!r} is no web address: give one like https://cn.nytimes.com/…/")
    return canonical


WRITTEN_FIRST = ("name", "urls", "depth", "max_pages", "sites", "roles", "links")
"""Keys that stand in every file, with links, which TOML wants at the end."""


def to_toml(seed: Seed) -> str:
    """The seed as the text of its file."""
    start = f"url = {_quoted(seed.urls[0])}" if len(seed.urls) == 1 else f"urls = {_quoted(seed.urls)}"
    lines = [
        f"name = {_quoted(seed.name)}",
        start,
        f"depth = {seed.depth}                   # hops from the start; a translation costs none",
        f"max_pages = {seed.max_pages}             # page budget of a run",
        f"sites = {_quoted(seed.sites)}",
        f"roles = {_quoted(seed.roles)}",
    ]
    defaults = {field.name: field.default for field in fields(Seed)}
    others = {name: value for name, value in seed_values(seed).items() if name not in WRITTEN_FIRST}
    lines += [f"{name} = {_quoted(v)}" for name, v in others.items() if getattr(seed, name) != defaults[name]]
    for link in seed_values(seed)["links"]:
        known = {name: value for name, value in link.items() if value not in (None, "")}
        lines += ["", "[[links]]", *(f"{name} = {_quoted(value)}" for name, value in known.items())]
    return "\n".join(lines) + "\n"


def seed_values(seed: Seed) -> dict[str, Any]:
    """The seed as plain values, for the ledger."""
    values: dict[str, Any] = _SEED.dump_python(seed, mode="json")
    return values


def seed_of(values: dict[str, Any]) -> Seed:
    """The seed that gave these values."""
    return _SEED.validate_python(values)


def _quoted(value: Any) -> str:
    """A TOML string, number or list of them; JSON's escapes are a subset of TOML's."""
    return json.dumps(value, ensure_ascii=False)
