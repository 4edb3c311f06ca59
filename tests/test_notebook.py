"""Data frames and the graph for notebooks; the notebook of the documentation runs as it stands."""

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path

import networkx as nx
import pandas as pd
import pytest

from crawler import notebook, settings
from crawler.store import StorageUnavailable

DOCS = Path(__file__).parent.parent / "docs"
EXECUTE = """
import sys, nbclient, nbformat
source, folder, target = sys.argv[1:]
cells = nbformat.read(source, 4)
nbclient.NotebookClient(cells, resources={"metadata": {"path": folder}}).execute()
nbformat.write(cells, target)
"""
SEED = "https://cn.nytimes.com/technology/20250205/deepseek-china-reaction/"


@pytest.fixture
def frames(sample, monkeypatch):
    """The functions, on the sample."""
    monkeypatch.setattr(settings, "MONGO_URI", sample.uri)
    monkeypatch.setattr(settings, "MONGO_DATABASE", sample.database)
    return notebook


def test_works(frames, sample, capsys):
    """A row for each, with real dates and no gaps in numbers; samples say so."""
    works = frames.works()
    assert "SAMPLE" in capsys.readouterr().out
    assert works.index.is_unique
    assert works.pages.sum() == len(sample.pages())
    assert works.loc[works.twin.str.startswith("[Sample headline] deepseek china reaction")].date.item() == (
        pd.Timestamp("2025-01-28")
    )
    assert works.in_degree.dtype == "int64"
    reached = frames.works("deepseek")
    assert set(reached.index) < set(works.index)
    assert sorted(reached.depth.unique())[:2] == [0, 1]


def test_links(frames, sample):
    """A row for each link that stands, with its sentence; times are UTC, paragraphs whole numbers."""
    links = frames.links()
    assert len(links) == len(sample.links())
    assert set(links.source) <= set(frames.works().index)
    from_seed = links[(links.source_page == SEED) & (links.role == "citation")]
    assert from_seed.paragraph.tolist()
    assert from_seed.paragraph.dtype == "Int64"
    assert str(links.first_seen_at.dt.tz) == "UTC"


def test_runs(frames):
    """The newest first, with what they counted."""
    runs = frames.runs()
    assert list(runs.seed) == ["newsroom", "deepseek"]
    assert (runs["counts.ok"] > 0).all()
    assert list(frames.runs("deepseek").seed) == ["deepseek"]


def test_to_networkx(frames):
    """The graph of `scrapy graph`, of works or of pages."""
    graph = frames.to_networkx("deepseek")
    assert isinstance(graph, nx.MultiDiGraph)
    assert set(graph) == set(frames.works("deepseek").index)
    assert len(frames.to_networkx("deepseek", pages=True)) > len(graph)
    assert all(key == data["role"] for _, _, key, data in graph.edges(keys=True, data=True))


def test_what_is_not_there_is_empty(frames):
    """With the same columns."""
    for read in (frames.works, frames.links, frames.runs):
        assert len(read("nobody")) == 0
    assert list(frames.works("nobody").columns) == list(frames.works().columns)


async def test_within_a_running_loop(frames):
    """As in a notebook, whose kernel has one."""
    assert asyncio.get_running_loop()
    assert len(frames.runs()) == 2


def test_a_database_that_holds_nothing(frames):
    """The error says what to do."""
    with pytest.raises(StorageUnavailable, match="crawl first"):
        frames.works(database="nothing_here")


def test_without_pandas(frames, monkeypatch):
    """The error says what to install."""
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(ImportError, match=r"pip install -r requirements-notebook\.txt"):
        frames.works()


def test_the_notebook_runs(sample, tmp_path):
    """Every cell, in a real kernel; it is kept without outputs, which would grow old."""
    path = DOCS / "notebook.ipynb"
    assert not any(cell.get("outputs") for cell in json.loads(path.read_text())["cells"])
    done = tmp_path / "done.ipynb"
    run = subprocess.run(
        [sys.executable, "-c", EXECUTE, path, DOCS, done],
        env={**os.environ, "MONGO_URI": sample.uri, "MONGO_DATABASE": sample.database},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert run.returncode == 0, run.stderr
    told = done.read_text()
    for words in ("改变国运的突破？DeepSeek引爆中国社交媒体", "citation", "finished"):
        assert words in told
