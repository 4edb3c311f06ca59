"""Every Scrapy setting of the project and the wiring of its components, by dotted name.

Our own settings come first; each is documented in docs/running.md. The environment gives those that
belong to a machine or a person rather than to the project.
"""

import os
from pathlib import Path

from crawler.version import VERSION

_PROJECT = Path(__file__).parent.parent if Path(__file__).is_file() else Path.cwd()  # in an egg: scrapyd's

# Where the data goes
MONGO_URI = os.environ.get("MONGO_URI", "")  # empty: the embedded mongod
MONGO_DATABASE = os.environ.get("MONGO_DATABASE") or "related_articles"  # also where it is set to nothing
MONGO_DIR = str(_PROJECT / ".mongo")  # the embedded mongod's files, and the spool
ARCHIVE_DIR = str(_PROJECT / "archives")  # what live crawls receive, as WARC
BODY_POLICY = (
    "full"  # or excerpt, or none: how much of each text is kept; noarchive pages: an excerpt at most
)
MONGO_RETRY_BUDGET = 60.0  # seconds a write is retried before it goes to the spool

# More than one machine
REDIS_URL = os.environ.get("REDIS_URL", "")  # empty: this process crawls alone

# Where pages come from
REPLAY = ""  # a WARC file to crawl instead of the web
RECORD = ""  # a WARC file to keep what a live crawl receives; `scrapy crawl` names one, "none" keeps nothing
PROVENANCE = "live"  # set by the replay add-on
FETCHED_VIA = "http"  # set by the replay add-on

# Pages that nothing but a script fills with text
BROWSER_ENABLED = False  # a real browser for them, where one is installed
BROWSER_PAGES = 20  # how many a run may ask of it
BROWSER_BIN = os.environ.get("BROWSER_BIN", "")  # empty: Playwright's own, else Debian's

# The Article Search API, for `scrapy enrich`; its key is NYT_API_KEY in the environment and no setting
NYT_API_URL = "https://api.nytimes.com/svc/search/v2/articlesearch.json"
NYT_API_PER_DAY = 500  # requests; what others report of a free key
NYT_API_PAUSE = 12.0  # seconds between two: five a minute

# Who asks
CRAWLER_CONTACT = os.environ.get("CRAWLER_CONTACT", "")  # an address or URL the two sites can write to
USER_AGENT = f"RelatedArticles/{VERSION}" + (f" (+{CRAWLER_CONTACT})" if CRAWLER_CONTACT else "")
# Protego matches by substring over the whole string, so a contact with "scrapy" in it would be refused.
ROBOTSTXT_USER_AGENT = "RelatedArticles"

PROGRESS_INTERVAL = 5.0  # seconds between two lines of progress

# What a run is judged by, and who is told
SPIDERMON_SPIDER_CLOSE_MONITORS = ["crawler.monitors.RunSuite"]
MONITOR_ERROR_RATE = 0.25  # share of the pages asked for
MONITOR_COVERAGE_DROP = 0.2  # by how much a field's share may be lower than in the runs before
WEBHOOK_URL = os.environ.get("WEBHOOK_URL", "")  # gets a POST when a run has something to say

# Scrapy's own
BOT_NAME = "crawler"
SPIDER_MODULES = ["spiders"]
NEWSPIDER_MODULE = "spiders"
COMMANDS_MODULE = "crawler.commands"
ADDONS = {
    "crawler.addons.ReplayAddon": 100,
    "crawler.addons.BrowserAddon": 150,
    "crawler.addons.RecordAddon": 200,
    "crawler.addons.PoliteAddon": 300,
    "crawler.addons.FleetAddon": 400,
}
ITEM_PIPELINES = {"pipelines.validate.ValidatePage": 100, "pipelines.mongo.MongoPipeline": 800}
DOWNLOADER_MIDDLEWARES = {
    "scrapy.downloadermiddlewares.offsite.OffsiteMiddleware": None,  # the seed's sites are the scope
    "scrapy.downloadermiddlewares.httpauth.HttpAuthMiddleware": None,
    "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,
    "crawler.middlewares.RobotsMiddleware": 100,
}
SPIDER_MIDDLEWARES = {  # none has work where requests come from the stored graph, and each costs time a page
    "scrapy.spidermiddlewares.start.StartSpiderMiddleware": None,
    "scrapy.spidermiddlewares.httperror.HttpErrorMiddleware": None,  # every response becomes a page
    "scrapy.spidermiddlewares.referer.RefererMiddleware": None,
    "scrapy.spidermiddlewares.urllength.UrlLengthMiddleware": None,  # it drops requests without a trace
    "scrapy.spidermiddlewares.depth.DepthMiddleware": None,
    "scrapy.spidermiddlewares.metacopy.MetaCopyDetectionMiddleware": None,
}
CONCURRENT_ITEMS = 1  # of one response, which is one page; Scrapy starts as many tasks for each response
# Scrapy loads even an extension that EXTENSIONS sets to None. So what is not wanted is left out here: the
# remote control, which executes Python sent to it and takes a web server along; the spider's state, for there
# is no JOBDIR, the stored graph is the frontier; the telnet console; lines of progress and memory not ours.
EXTENSIONS_BASE = {
    "scrapy.extensions.corestats.CoreStats": 0,
    "scrapy.extensions.logcount.LogCount": 0,
    "scrapy.extensions.memusage.MemoryUsage": 0,
    "scrapy.extensions.closespider.CloseSpider": 0,
    "scrapy.extensions.feedexport.FeedExporter": 0,
    "scrapy.extensions.throttle.AutoThrottle": 0,
}
EXTENSIONS = {"crawler.extensions.RunLedger": 100, "crawler.extensions.Progress": 300}

# Politeness: one request at a time per host, with a pause
ROBOTSTXT_OBEY = True
CONCURRENT_REQUESTS = 32  # all hosts together: those that wait for one must not keep others waiting
CONCURRENT_REQUESTS_PER_DOMAIN = 1  # in Scrapy 2.19 a burst passes this limit where there is no delay at all
DOWNLOAD_DELAY = 2.0
DOWNLOAD_DELAY_JITTER = 0.3
RETRY_TIMES = 2
RETRY_HTTP_CODES = [408, 500, 502, 504, 522, 524]  # 429 and 503 ask us to stay away: recorded, not retried
RETRY_EXCEPTIONS = [  # not CannotResolveHostError: a name that has no address now has none in a second
    "scrapy.exceptions.DownloadConnectionRefusedError",
    "scrapy.exceptions.DownloadFailedError",
    "scrapy.exceptions.DownloadTimeoutError",
    "scrapy.exceptions.ResponseDataLossError",
]
RETRY_GIVE_UP_LOG_LEVEL = "DEBUG"

DOWNLOAD_TIMEOUT = 30
DOWNLOAD_MAXSIZE = 20_000_000
DOWNLOAD_VERIFY_CERTIFICATES = True
DNS_TIMEOUT = 10
TWISTED_DNS_RESOLVER = "crawler.resolver.PublicResolver"  # no name of the web leads into a private network
SCRAPER_SLOT_MAX_ACTIVE_SIZE = 50_000_000  # a batch of 300 KB pages waits for its commit

COOKIES_ENABLED = False  # tldextract would fetch the public suffix list over the network
METAREFRESH_ENABLED = False
SCHEDULER_MEMORY_QUEUE = "scrapy.squeues.FifoMemoryQueue"

LOG_LEVEL = "INFO"
LOG_FORMAT = "%(asctime)s %(levelname)s %(message)s"
LOG_DATEFORMAT = "%H:%M:%S"
FEED_EXPORT_ENCODING = "utf-8"
