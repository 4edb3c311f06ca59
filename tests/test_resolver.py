"""Whole crawls without a proxy: names are looked up, and lead nowhere private but where the seed says so."""

import http.server
import threading

import pytest
from crawling import Crawls, article, citing, seed_file


@pytest.fixture
def site():
    """Serves an article at any address, with a link to itself by an address that has to be looked up."""
    asked = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append((self.headers["Host"], self.path))
            is_page = self.path != "/robots.txt"
            self.send_response(200 if is_page else 404)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            if is_page:
                # 127.1 has a dot, is no IP address as RFC 3986 has it, and is looked up as 127.0.0.1
                link = f"http://127.1:{self.server.server_port}/world/20260101/inside/"
                self.wfile.write(
                    article("开始", *citing(link), "这是一段虚构的样本文字，没有别的内容。" * 30).encode()
                )

        def log_message(self, *_):
            """Nothing: the test looks at `asked`."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    server.asked = asked
    yield server
    server.shutdown()
    server.server_close()


def test_names_are_looked_up_and_a_private_network_is_refused(site, mongo_uri, database, tmp_path):
    """The seed may name a site at home; an address of the web that leads there is a node with a reason."""
    crawl = Crawls(mongo_uri, database, tmp_path)
    for name in ("http_proxy", "https_proxy"):
        del crawl.environment[name]
    start = f"http://localhost:{site.server_port}/world/20260101/start/"
    arguments = seed_file(tmp_path, url=start, sites=["localhost"], external_depth=1)
    run = crawl.run("articles", arguments)
    assert run.returncode == 0, run.stderr
    pages = crawl.pages()
    assert pages.pop(start)["status"] == "fetched"
    ((url, inside),) = pages.items()
    assert url.startswith("http://127.1:")
    assert inside["last_attempt"]["status"] == "failed"
    assert "127.1 leads to the private address 127.0.0.1" in inside["last_attempt"]["reason"]
    assert {host.partition(":")[0] for host, _ in site.asked} == {"localhost"}
