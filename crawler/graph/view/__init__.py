"""One HTML file that shows a neighbourhood: picture, ranked list, timeline. Needs no network. Pure.

Text from the web travels as JSON in a data block and reaches the page as text only; the policy in the page
lets exactly the scripts run that are written here.
"""

import base64
import hashlib
import html
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from crawler.graph.exports.writer import About, Placed
from crawler.graph.network import Edge, Node

HERE = Path(__file__).parent
SCRIPTS = ("strings.js", "model.js", "picture.js", "labels.js", "panels.js", "timeline.js", "page.js")
LARGEST = 2_000
"""Nodes that a browser still moves smoothly."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranked:
    """One entry of the ranked list."""

    work: str
    """The id of its node, where the picture has it."""
    url: str
    headline: str
    twin: str = ""
    twin_url: str = ""
    date: str = ""
    site: str = ""
    score: float = 0.0
    group: str = ""
    """What it is to the start, as `related.Group` says it."""
    reasons: tuple[str, ...] = ()
    reasons_zh: tuple[str, ...] = ()
    """The same in Chinese."""


def nearest(nodes: Iterable[Node], limit: int = LARGEST) -> list[Node]:
    """The nodes to show: the least deep first, of these the most linked to."""
    ordered = sorted(nodes, key=lambda node: (node.depth < 0, node.depth, -node.in_degree, node.id))
    return ordered[:limit]


def page(
    about: About, nodes: Sequence[Placed], edges: Iterable[Edge], ranking: Iterable[Ranked], *, total: int
) -> str:
    """The file's text. Edges whose ends are not among the nodes are left out; `total` counts all nodes."""
    policy = (
        "default-src 'none'; base-uri 'none'; form-action 'none'; img-src data:; "
        f"style-src {_digest(_style())}; script-src {_digest(_library())} {_digest(_script())}"
    )
    parts = {
        "policy": html.escape(policy),
        "title": html.escape(about.title),
        "style": _style(),
        "library": _library(),
        "script": _script(),
        "data": _data(about, nodes, edges, ranking, total),
    }
    template = (HERE / "page.html").read_text(encoding="utf-8")
    return re.sub(r"\{\{(\w+)\}\}", lambda match: parts[match[1]], template)


def _style() -> str:
    return (HERE / "page.css").read_text(encoding="utf-8")


def _library() -> str:
    return (HERE / "cytoscape.min.js").read_text(encoding="utf-8")


def _script() -> str:
    """Our scripts in one function: nothing of them is global."""
    parts = [(HERE / name).read_text(encoding="utf-8") for name in SCRIPTS]
    return '(() => {\n"use strict";\n' + "\n".join(parts) + "})();"


def _digest(text: str) -> str:
    """The policy's name for a script or style that stands in the page."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _data(
    about: About, nodes: Sequence[Placed], edges: Iterable[Edge], ranking: Iterable[Ranked], total: int
) -> str:
    """JSON that can't end its element, whatever stands in it."""
    places = {placed.node.id: place for place, placed in enumerate(nodes)}
    data = {
        "about": {"made_on": about.made_on, "sample": about.is_sample, "total": total},
        "nodes": [_node(placed) for placed in nodes],
        "edges": [
            {
                "source": places[edge.source],
                "target": places[edge.target],
                "role": edge.role,
                "weight": edge.weight,
                "quotes": edge.quotes,
                "paragraph": edge.paragraph,
            }
            for edge in edges
            if edge.source in places and edge.target in places
        ],
        "ranking": [asdict(entry) | {"place": places.get(entry.work, -1)} for entry in ranking],
    }
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")


def _node(placed: Placed) -> dict[str, Any]:
    node = placed.node
    return {
        "url": node.members[0] if node.members else node.id,
        "twin_url": node.twin_url,
        "headline": node.headline,
        "twin": node.twin,
        "date": node.date,
        "language": node.language,
        "site": node.site,
        "type": node.page_type,
        "held": node.status == "fetched",
        "depth": node.depth,
        "cited": node.in_degree,
        "decision": node.decision,
        "remarks": node.remarks,
        "x": round(placed.x, 1),
        "y": round(placed.y, 1),
    }
