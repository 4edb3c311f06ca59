"""What a snapshot says of itself: README, CITATION.cff, the list of versions. Pure."""

import json
import platform
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import Distribution
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Frozen:
    """What is frozen."""

    run: Mapping[str, Any]
    """The document of `crawl_runs`, closed."""
    is_sample: bool
    bodies: bool
    later_runs: int
    """Runs of the same seed that ended since: pages are as those left them."""
    archives: Sequence[str] = ()
    """Archives that are part of the snapshot, in the order that REPLAY needs."""
    missing: Sequence[str] = ()
    """Archives that pages name and nobody found."""


def versions(distributions: Iterable[Distribution], code_version: str) -> str:
    """The program, Python and every installed package, as `pip install -r` reads it."""
    pinned = {f"{found.metadata['Name']}=={found.version}" for found in distributions}
    head = f"# related-articles {code_version}\n# Python {platform.python_version()}, {platform.platform()}\n"
    return head + "".join(f"{line}\n" for line in sorted(pinned, key=str.lower))


def citation(frozen: Frozen) -> str:
    """CITATION.cff; JSON's strings are YAML's, too."""
    run = frozen.run
    sample = "SAMPLE of invented prose: " if frozen.is_sample else ""
    title = f"{sample}Articles related to the seed {run['seed']}, crawl run {run['_id']}"
    counts = ", ".join(f"{name} {count}" for name, count in run["counts"].items())
    abstract = f"Link graph of a crawl that ended {run['finished']:%Y-%m-%d} ({counts})."
    values = {
        "cff-version": "1.2.0",
        "message": "If you use this data set, cite it as below, with the program that made it.",
        "type": "dataset",
        "title": title,
        "version": run["_id"],
        "date-released": f"{run['finished']:%Y-%m-%d}",
        "abstract": abstract,
    }
    lines = [f"{key}: {_quoted(value)}" for key, value in values.items()]
    lines += ["authors:", f"  - name: {_quoted(run['operator'])}"]
    software = {"type": "software", "title": "related-articles", "version": run["code_version"]}
    lines += [
        "references:",
        *_entry(software),
        "    authors:",
        f"      - name: {_quoted('related-articles')}",
    ]
    return "\n".join([*lines, "keywords:", f"  - {_quoted('link graph')}", f"  - {_quoted(run['seed'])}", ""])


def _entry(values: Mapping[str, str]) -> list[str]:
    lines = [f"    {key}: {_quoted(value)}" for key, value in values.items()]
    return [lines[0].replace("    ", "  - ", 1), *lines[1:]]


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def readme(frozen: Frozen, files: Mapping[str, str]) -> str:
    """What is here, how to check and to use it. `files` are names with what each is."""
    run = frozen.run
    lines = [f"# Crawl run {run['_id']}", ""]
    if frozen.is_sample:
        lines += ["SAMPLE: real addresses, headlines, dates and links; the prose is invented.", ""]
    lines += [f"- `{name}`: {meaning}" for name, meaning in files.items()]
    lines += ["", "Check it, load it, look at the run:", ""]
    lines += [f"    {command}" for command in _commands(frozen)]
    lines += ["", *_caveats(frozen)]
    return "\n".join(lines).rstrip() + "\n"


def _commands(frozen: Frozen) -> list[str]:
    loaded = "-s MONGO_DATABASE=snapshot"
    commands = ["sha256sum -c SHA256SUMS", f"scrapy load dump.jsonl.gz {loaded}"]
    commands.append(f"scrapy runs {frozen.run['_id']} {loaded}")
    if frozen.archives:
        names = ",".join(f"archives/{name}" for name in frozen.archives)
        commands.append(f"scrapy crawl articles -a seed=seed.toml -s REPLAY={names}   # the crawl again")
    return commands


def _caveats(frozen: Frozen) -> list[str]:
    """What a reader of the data has to know."""
    lines = []
    if frozen.bodies and not frozen.is_sample:
        lines.append("Texts in it are the publishers'; their terms say who may have them.")
    if not frozen.bodies:
        lines.append(
            "The texts of the pages are left out; titles, dates, links and quoted sentences are here."
        )
    if frozen.later_runs:
        lines.append(f"{frozen.later_runs} later runs had changed these pages when the snapshot was made.")
    lines += [f"The archive {name} was not found and is not here." for name in frozen.missing]
    return lines
