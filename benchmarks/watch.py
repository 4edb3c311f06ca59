"""What a crawl that watches finds on the sample archive, whose feed names all of its articles.

    python benchmarks/watch.py

The truth: articles with DeepSeek in address or headline. Which of them do the seed's own links reach, which
join by their links once the feed names them, which does text suggest, and what else does it suggest?
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from pymongo import MongoClient

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT)]

from crawler.embedded import serve  # noqa: E402
from crawler.graph.text import likeness, rarity, unsigned  # noqa: E402

ARCHIVE = "seeds/newsroom.warc.gz"
DATABASE = "related_articles_demo"
WORD = {"$regex": "deepseek", "$options": "i"}


def main():
    """Crawls, and prints what came of it."""
    with tempfile.TemporaryDirectory() as directory, serve(Path(directory)) as uri:
        command = ["crawl", "deepseek", "-a", "watch=1", "-s", f"REPLAY={ARCHIVE}", "-L", "ERROR"]
        environment = {**os.environ, "MONGO_URI": uri, "MONGO_DATABASE": DATABASE}
        subprocess.run(
            [sys.executable, "-m", "scrapy", *command], cwd=ROOT, env=environment, check=True, stdout=-3
        )
        with MongoClient(uri) as client:
            show(client[DATABASE])


def show(database):
    """A row for each way in which the articles were found."""
    articles = {"site": "cn.nytimes.com", "variant": "zh-Hans", "status": "fetched"}
    about = articles | {"$or": [{"_id": WORD}, {"headline": WORD}]}
    member, listed = {"depths.deepseek": {"$lte": 3}}, {"discovered_by.deepseek": {"$exists": True}}
    suggested = {entry["page"]: entry["score"] for entry in database.suggestions.find()}
    rows = {
        "DeepSeek articles in the archive": database.pages.count_documents(about),
        "  reached by the seed's links": count(database, about, member, {"discovered_by.deepseek": None}),
        "  joined by their own links": count(database, about, member, listed),
        "  suggested by text": count(database, about, {"_id": {"$in": list(suggested)}}),
        "other articles that joined": count(database, articles, member, listed)
        - count(database, about, member, listed),
        "other articles suggested by text": len(suggested)
        - count(database, about, {"_id": {"$in": list(suggested)}}),
        "articles outside the graph": count(
            database, articles, {"depths.deepseek": {"$exists": False}}, listed
        ),
    }
    for name, number in rows.items():
        print(f"{number:5}  {name}")
    print("\nlikeness to the seed by words, links or not: the eight highest")
    for score, url in sorted(scores(database, articles | listed), reverse=True)[:8]:
        print(f"{score:5.3f}  {url}")


def scores(database, query):
    """Likeness to the seed, and address, of every article that the feed named."""
    works = {page["work_id"]: page["_id"] for page in database.pages.find(query)}
    told = {entry["_id"]: entry["terms"] for entry in database.terms.find()}
    start = database.pages.find_one({"depths.deepseek": 0, "variant": "zh-Hans"})
    seed = unsigned(told[start["work_id"]], [author["name"] for author in start["authors"]])
    spread = {term: sum(term in said for said in told.values()) for term in seed}
    rare = {term: rarity(number, len(told)) for term, number in spread.items()}
    return [(likeness(seed, told[work], rare), url) for work, url in works.items() if work in told]


def count(database, *queries):
    """Pages that match all of the queries."""
    return database.pages.count_documents({"$and": list(queries)})


if __name__ == "__main__":
    main()
