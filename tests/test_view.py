"""The page to look at, in a real browser: no network, nothing from the web runs, by key and on a phone."""

import json
import os
import re
import shutil
from dataclasses import replace

import pytest
from playwright.sync_api import sync_playwright

from crawler.graph import view
from crawler.graph.exports import About, Placed
from crawler.graph.layout import rings
from crawler.graph.network import Edge, Node

FLAGS = [
    *("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync"),
]
SEED = Node(
    id="https://cn.nytimes.com/technology/20250205/deepseek-china-reaction/",
    headline="改变国运的突破？DeepSeek引爆中国社交媒体",
    twin="What DeepSeek’s Breakthrough Says",
    twin_url="https://www.nytimes.com/2025/01/28/business/deepseek-china-reaction.html",
    date="2025-02-05",
    language="zh+en",
    site="cn.nytimes.com",
    status="fetched",
    depth=0,
)
CHIPS = Node(
    id="https://cn.nytimes.com/technology/20250124/deepseek-china-ai-chips/",
    headline="中国AI初创公司",
    date="2025-01-24",
    language="zh",
    status="fetched",
    depth=1,
    in_degree=3,
)
MARKET = Node(
    id="https://www.nytimes.com/m.html",
    headline="Markets fall",
    date="2025-01-27",
    language="en",
    depth=1,
    status="fetched",
)
DEEP = Node(id="https://example.org/deep", headline="example.org: deep", depth=2)
EVIL = Node(
    id="javascript:window.hacked=1//",
    headline='</script><script>window.hacked=1</script><img src=x onerror="window.hacked=1">',
    twin="<!--<script>\u2028&lt;b&gt;",
    depth=1,
    status="fetched",
)
NODES = [SEED, CHIPS, MARKET, DEEP, EVIL]
EDGES = [
    Edge(
        source=SEED.id, target=CHIPS.id, role="citation", weight=2, quotes=("一句引文", "再一句"), paragraph=2
    ),
    Edge(
        source=SEED.id, target=MARKET.id, role="citation", weight=1, quotes=("周一，股市暴跌",), paragraph=3
    ),
    Edge(source=CHIPS.id, target=DEEP.id, role="related", weight=1),
    Edge(source=CHIPS.id, target=SEED.id, role="citation", weight=1),
    Edge(source=SEED.id, target=EVIL.id, role="citation", weight=1, quotes=("<b>quote</b>",), paragraph=4),
    Edge(source=MARKET.id, target=MARKET.id, role="citation", weight=1, quotes=("itself",)),
]
RANKING = [
    view.Ranked(
        work=CHIPS.id,
        url=CHIPS.id,
        headline=CHIPS.headline,
        score=0.9,
        group="background",
        reasons=("cited by the seed in paragraph 2: «一句引文»", "<i>cites the same 3 articles</i>"),
        reasons_zh=("被起点第 2 段引用",),
    ),
    view.Ranked(
        work="https://else.org/",
        url="https://else.org/",
        headline="Not in the picture",
        group="outside sources",
        score=0.1,
    ),
]


def html(nodes=NODES, edges=EDGES, ranking=RANKING, *, sample=True, total=None):
    places = rings(nodes, edges)
    placed = [Placed(node, *places[node.id]) for node in nodes]
    about = About(title="Related <articles>", made_on="2026-11-25", is_sample=sample)
    return view.page(about, placed, edges, ranking, total=total or len(nodes))


@pytest.fixture(scope="module")
def browser():
    """Debian's chromium; where there is none the tests are skipped, in CI they fail."""
    found = shutil.which("chromium-headless-shell") or shutil.which("chromium")
    if found is None:
        problem = "no chromium: apt-get install chromium-headless-shell"
        if os.environ.get("CI") == "true":
            pytest.fail(problem)
        pytest.skip(problem)
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=found, args=FLAGS)
        yield running
        running.close()


PICTURE = "document.getElementById('picture')._cyreg.cy"
LINES = f"{PICTURE}.edges().filter((edge) => edge.style('display') !== 'none').length"


class Shown:
    """A page in the browser, and what went wrong in it or was asked of the network."""

    def __init__(self, browser, path, **options):
        self.context = browser.new_context(locale="en-US", reduced_motion="reduce", **options)
        self.page = self.context.new_page()
        self.trouble = []
        self.page.on("pageerror", lambda error: self.trouble.append(str(error)))
        self.page.on("console", lambda message: self.trouble.append(message.text))
        self.page.on("request", lambda request: self._asked(request.url))
        self.page.goto(path.as_uri())
        self.page.wait_for_selector("html[data-ready]", state="attached", timeout=60_000)

    def _asked(self, url):
        if not url.startswith("file:"):
            self.trouble.append(url)

    def drawn(self):
        """Headlines of the articles that are in the picture now."""
        places = self.page.evaluate(
            f"{PICTURE}.nodes().filter((node) => node.style('display') !== 'none')"
            ".map((node) => node.data('place'))"
        )
        data = json.loads(self.page.text_content("#data"))
        return {data["nodes"][place]["headline"] for place in places}

    def at(self, place):
        """Where a node is, in pixels of the page."""
        x, y = self.page.evaluate(
            f"(place) => {{ const at = {PICTURE}.getElementById('n' + place).renderedPosition(),"
            " box = document.getElementById('picture').getBoundingClientRect();"
            " return [at.x + box.x, at.y + box.y]; }",
            place,
        )
        return x, y


@pytest.fixture
def show(browser, tmp_path):
    """Opens the page of a graph."""
    opened = []

    def open_page(text=None, **options):
        path = tmp_path / "graph.html"
        path.write_text(text or html(), encoding="utf-8")
        opened.append(Shown(browser, path, **options))
        return opened[-1]

    yield open_page
    for shown in opened:
        shown.context.close()


def test_it_opens_without_network_and_without_a_complaint(show):
    """Nothing is asked for, no script fails, and no rule of the page's own policy is broken."""
    shown = show()
    assert shown.drawn() == {node.headline for node in NODES}
    assert shown.page.inner_text("#headline") == SEED.twin
    assert "5 articles · 6 links · made on 2026-11-25" in shown.page.inner_text("#facts")
    assert shown.page.is_visible("text=SAMPLE: invented prose")
    assert shown.trouble == []


def test_titles_from_the_web_never_run(show):
    """Markup in a headline or quote is shown as it is; an address that is no web address is no link."""
    shown = show()
    shown.page.fill("#search", "script")
    shown.page.press("#search", "Enter")
    assert shown.page.inner_text("#chosen h2") in {EVIL.headline, EVIL.twin.replace("\u2028", "\n")}
    shown.page.click("#tab-related")
    assert "<i>cites the same 3 articles</i>" in shown.page.inner_text("#related")
    shown.page.click("#tab-story")
    assert shown.page.evaluate("window.hacked") is None
    assert shown.page.locator("a[href^='javascript']").count() == 0
    assert shown.page.locator("main img, main i, main b").count() == 0
    assert shown.trouble == []


def test_an_article_is_found_chosen_and_can_be_opened(show):
    """By words of its headline; then its links with their sentences stand beside the picture."""
    shown = show()
    shown.page.fill("#search", "初创")
    assert shown.page.locator("#found li").count() == 1
    shown.page.press("#search", "ArrowDown")
    shown.page.press("#search", "Enter")
    chosen = shown.page.inner_text("#chosen")
    for words in ("It links to 2", "Linked from 1", "一句引文", "再一句", "paragraph 2", "×2"):
        assert words in chosen
    opens = shown.page.locator("#chosen a.open")
    assert opens.get_attribute("href") == CHIPS.id
    assert opens.get_attribute("rel") == "noopener noreferrer"
    shown.page.click("#chosen .row >> nth=0")
    assert shown.page.inner_text("#chosen h2") != CHIPS.headline
    shown.page.fill("#search", "zzz")
    assert shown.page.inner_text("#found") == "Nothing found"


def test_hovering_tells_headline_date_and_quote(show):
    """Of an article; nothing of it stays when the pointer leaves."""
    shown = show()
    shown.page.mouse.move(*shown.at(1))
    shown.page.wait_for_selector("#hint:not([hidden])")
    hint = shown.page.inner_text("#hint")
    for words in (CHIPS.headline, "2025-01-24", "一句引文"):
        assert words in hint
    shown.page.mouse.move(5, 5)
    shown.page.wait_for_selector("#hint", state="hidden")


def test_clicking_dragging_and_zooming(show):
    """A click chooses, a drag moves the article, the buttons zoom."""
    shown = show()
    x, y = shown.at(1)
    shown.page.mouse.click(x, y)
    assert shown.page.inner_text("#chosen h2") == CHIPS.headline
    x, y = shown.at(2)
    shown.page.mouse.move(x, y)
    shown.page.mouse.down()
    shown.page.mouse.move(x + 60, y + 40, steps=4)
    shown.page.mouse.up()
    moved = shown.at(2)
    assert abs(moved[0] - x - 60) < 3
    assert abs(moved[1] - y - 40) < 3
    before = shown.at(2)[0] - shown.at(0)[0]
    shown.page.click("#nearer")
    after = shown.at(2)[0] - shown.at(0)[0]
    assert abs(after / before - 1.4) < 0.01


def test_filters(show):
    """By language, by kind of link, by depth, by date; each taken back again."""
    shown = show()
    everything = shown.drawn()
    english = shown.page.locator("#languages label", has_text="English").locator("input")
    english.uncheck()
    assert everything - shown.drawn() == {MARKET.headline}
    english.check()
    shown.page.locator("#depth").fill("1")
    assert everything - shown.drawn() == {DEEP.headline}
    shown.page.locator("#depth").fill("2")
    assert shown.drawn() == everything
    shown.page.locator("#from").fill("1")
    assert everything - shown.drawn() == {CHIPS.headline, MARKET.headline}
    assert shown.page.inner_text("#span") == "2025-02"
    shown.page.uncheck("#undated")
    assert shown.drawn() == {SEED.headline}
    shown.page.locator("#from").fill("0")
    shown.page.check("#undated")
    assert shown.drawn() == everything
    assert shown.page.evaluate(LINES) == 5
    shown.page.locator("#roles label", has_text="cited").locator("input").uncheck()
    assert shown.page.evaluate(LINES) == 1


def test_what_readers_say(show):
    """Shown with each article, searched, and a filter where anybody has said something."""
    said = [
        replace(SEED, decision="in"),
        replace(CHIPS, decision="in", remarks="export-controls; <b>chips</b>"),
        replace(MARKET, decision="out"),
        *(DEEP, EVIL),
    ]
    shown = show(html(said))
    everything = shown.drawn()
    shown.page.locator("#filters").evaluate("(details) => { details.open = true; }")
    shown.page.locator("#decisions label", has_text="does not").locator("input").uncheck()
    assert everything - shown.drawn() == {MARKET.headline}
    shown.page.locator("#decisions label", has_text="nothing yet").locator("input").uncheck()
    assert shown.drawn() == {SEED.headline, CHIPS.headline}
    shown.page.fill("#search", "export-controls")
    shown.page.press("#search", "Enter")
    assert "readers: in" in shown.page.inner_text("#chosen")
    assert "export-controls; <b>chips</b>" in shown.page.inner_text("#chosen")
    assert shown.trouble == []
    assert show().page.locator("#judged").is_hidden()


def test_by_keyboard(show):
    """Tab reaches the picture; arrows go from article to article and are announced; Escape lets go."""
    shown = show()
    shown.page.keyboard.press("Tab")
    assert shown.page.evaluate("document.activeElement.className") == "skip"
    for _ in range(3):
        shown.page.keyboard.press("Tab")
    assert shown.page.evaluate("document.activeElement.id") == "picture"
    shown.page.keyboard.press("ArrowRight")
    assert shown.page.inner_text("#chosen h2") == SEED.twin
    seen = set()
    for key in ("ArrowRight", "ArrowLeft", "ArrowUp", "ArrowDown", "ArrowLeft"):
        shown.page.keyboard.press(key)
        seen.add(shown.page.inner_text("#chosen h2"))
    assert len(seen) >= 3
    assert shown.page.text_content("#said").endswith(" chosen")
    shown.page.keyboard.press("Escape")
    assert "Choose an article" in shown.page.inner_text("#chosen")
    shown.page.keyboard.press("/")
    assert shown.page.evaluate("document.activeElement.id") == "search"
    shown.page.focus("#tab-related")
    shown.page.keyboard.press("ArrowLeft")
    assert shown.page.get_attribute("#tab-story", "aria-selected") == "true"


def test_everything_that_can_be_used_has_a_name(show):
    """For those who hear the page."""
    shown = show()
    unnamed = shown.page.evaluate(
        """() => [...document.querySelectorAll("button, input, summary, section, [role=application]")]
            .filter((it) => !(it.innerText || it.getAttribute("aria-label") || it.title
                || (it.labels && [...it.labels].some((label) => label.textContent.trim()))))
            .map((it) => it.outerHTML)"""
    )
    assert unnamed == []


def test_both_languages(show):
    """Every word of the page changes, and each headline to its twin."""
    shown = show()
    english = shown.page.inner_text("body")
    shown.page.click("#language")
    assert shown.page.get_attribute("html", "lang") == "zh-Hans"
    assert shown.page.inner_text("#headline") == SEED.headline
    chinese = shown.page.inner_text("body")
    for words in ("Legend and filters", "Hops from the start", "Timeline", "undated too"):
        assert words in english
        assert words not in chinese
    assert "样本：正文为虚构" in chinese
    shown.page.fill("#search", "突破")
    shown.page.press("#search", "Enter")
    assert shown.page.get_attribute("#chosen a.open", "href") == SEED.id
    assert "cn.nytimes.com" in shown.page.inner_text("#chosen .facts >> nth=0")
    assert "被起点第 2 段引用" in chinese
    shown.page.click("#language")
    assert shown.page.inner_text("#headline") == SEED.twin
    assert shown.page.get_attribute("#chosen a.open", "href") == SEED.twin_url
    assert "www.nytimes.com" in shown.page.inner_text("#chosen .facts >> nth=0")


def test_no_word_is_missing_in_either_language(browser):
    """The two tables of words have the same keys."""
    page = browser.new_page()
    strings = (view.HERE / "strings.js").read_text()
    english, chinese = page.evaluate(
        f"() => {{ {strings}; const keys = (words) => Object.entries(words).flatMap(([key, value]) =>"
        " typeof value === 'object' ? keys(value).map((more) => `${key}.${more}`) : [key]);"
        " return [keys(STRINGS.en), keys(STRINGS.zh)]; }"
    )
    page.close()
    assert english == chinese


def test_the_ranked_list_and_the_timeline(show):
    """Groups, reasons and scores; what is not in the picture is there with its link. Dates in order."""
    shown = show()
    related = shown.page.inner_text("#related")
    for words in ("Background (before)", "cited by the seed in paragraph 2: «一句引文»", "Outside sources"):
        assert words in related
    assert shown.page.get_attribute("#related .apart a", "href") == "https://else.org/"
    shown.page.click("#related .row")
    shown.page.click("#tab-chosen")
    assert shown.page.inner_text("#chosen h2") == CHIPS.headline
    shown.page.click("#tab-story")
    names = shown.page.locator("#story .name").all_inner_texts()
    assert names[:3] == [CHIPS.headline, MARKET.headline, SEED.twin]


def test_without_a_ranking_the_nearest_are_listed(show):
    """With a word that there is none."""
    shown = show(html(ranking=[], sample=False))
    assert "No ranking of this graph" in shown.page.inner_text("#related")
    assert shown.page.locator("#related .row").count() == 4
    assert not shown.page.is_visible("#sample")


def test_a_graph_without_a_start_lists_what_is_linked_to_most(show):
    """As of the whole database: no page of it starts anything."""
    whole = [replace(node, depth=-1) for node in NODES]
    author = Node(id="https://www.nytimes.com/by/x", headline="x", page_type="author", in_degree=9)
    shown = show(html([*whole, author], ranking=[]))
    assert "No ranking without a start" in shown.page.inner_text("#related")
    assert shown.page.locator("#related .name").first.inner_text() == CHIPS.headline
    assert shown.page.locator("#related .row").count() == len(NODES)
    assert not shown.page.is_visible("#kicker")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_on_a_phone(show, scheme):
    """Nothing wider than the screen, the lists below the picture, a tap chooses; ink and ground by scheme."""
    shown = show(viewport={"width": 360, "height": 720}, has_touch=True, is_mobile=True, color_scheme=scheme)
    assert shown.page.evaluate("document.documentElement.scrollWidth") <= 360
    stage, panel = shown.page.locator("#stage").bounding_box(), shown.page.locator("#panel").bounding_box()
    assert panel["y"] >= stage["y"] + stage["height"] - 1
    shown.page.touchscreen.tap(*shown.at(1))
    shown.page.wait_for_selector(f"#chosen h2:has-text('{CHIPS.headline}')")
    shown.page.click("#tab-story")
    shown.page.locator("#story .row", has_text=MARKET.headline).tap()
    assert shown.page.inner_text("#chosen h2") == MARKET.headline
    ground = shown.page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (int(re.findall(r"\d+", ground)[0]) < 128) == (scheme == "dark")
    shown.page.click("#theme")
    assert shown.page.evaluate("getComputedStyle(document.body).backgroundColor") != ground
    assert shown.trouble == []


@pytest.mark.parametrize("size", [0, 1])
def test_a_graph_of_nothing_and_of_one(show, size):
    """They open all the same."""
    shown = show(html(NODES[:size], [], []))
    assert len(shown.drawn()) == size
    assert f"{['0 articles', '1 article'][size]} · 0 links" in shown.page.inner_text("#facts")
    shown.page.click("#whole")
    shown.page.click("#tab-story")
    shown.page.focus("#picture")
    shown.page.keyboard.press("ArrowUp")
    assert shown.trouble == []


def large(count):
    nodes = [SEED]
    nodes += [
        Node(
            id=f"https://e.org/{number}",
            headline=f"虚构的标题{number}",
            date=f"20{10 + number % 15}-0{1 + number % 9}-01",
            language="zh",
            depth=1 + (number > 40) + (number > 300),
            in_degree=number % 7,
        )
        for number in range(1, count)
    ]
    ends = [(max(0, number // 8 - 1), number) for number in range(1, count)]
    ends += [(number * 7919 % count, number * 104729 % count) for number in range(3000)]
    edges = [
        Edge(source=nodes[a].id, target=nodes[b].id, role="citation", weight=1, quotes=("引文",))
        for a, b in ends
    ]
    return nodes, edges


def test_two_thousand_articles(show):
    """All are there, links across branches only for the chosen one, and choosing is done at once."""
    nodes, edges = large(2_000)
    shown = show(html(nodes, edges, [], total=5_431))
    assert "the nearest 2000 of 5431 are shown" in shown.page.inner_text("#facts")
    assert len(shown.drawn()) == 2_000
    before = shown.page.evaluate(LINES)
    assert before < 3_000
    shown.page.fill("#search", "虚构的标题1500")
    shown.page.press("#search", "Enter")
    assert shown.page.inner_text("#chosen h2") == "虚构的标题1500"
    assert shown.page.evaluate(LINES) > before
    assert shown.trouble == []


def test_the_nearest_are_shown():
    """By depth, then by how many link there; what the seed does not reach comes last."""
    nodes = [
        Node(id="far", headline="", depth=3, in_degree=9),
        Node(id="none", headline="", in_degree=99),
        Node(id="near", headline="", depth=1),
        Node(id="cited", headline="", depth=1, in_degree=5),
    ]
    assert [node.id for node in view.nearest(nodes, 3)] == ["cited", "near", "far"]


def test_the_file_is_small_enough_to_send():
    """The page itself is under 600 KB; the licence of the library is with it."""
    assert len(html([], [], []).encode()) < 600_000
    assert "Cytoscape Consortium" in html([], [], [])
    assert (view.HERE / "LICENSE.cytoscape").is_file()
