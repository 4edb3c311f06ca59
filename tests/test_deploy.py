"""What hands the crawl to a scheduler: each file is read by the program it is for, or by its linter."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from crawling import PROJECT
from ruamel.yaml import YAML

DEPLOY = PROJECT / "deploy"
BIN = Path(sys.executable).parent
INSTALLED = "/opt/related-articles"


def ran(*command, **options):
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120, **options)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="no systemd here")
def test_systemd_units(tmp_path):
    """An instance of both as it would be installed, with this checkout in the place of theirs."""
    units = []
    for path in sorted(DEPLOY.glob("*@.*")):
        units.append(tmp_path / path.name.replace("@", "@deepseek"))
        units[-1].write_text(path.read_text().replace(INSTALLED, str(PROJECT)))
    assert [unit.suffix for unit in units] == [".service", ".timer"]
    assert ran("systemd-analyze", "verify", *units) == ""
    calendar = re.search("OnCalendar=(.*)", units[1].read_text()).group(1)
    assert "Next elapse" in ran("systemd-analyze", "calendar", calendar)


@pytest.mark.skipif(
    subprocess.run(["unshare", "--mount", "true"]).returncode != 0, reason="no namespaces here"
)
def test_the_unit_may_write_what_the_crawl_writes(tmp_path):
    """What ProtectSystem=strict leaves: all is read-only but ReadWritePaths."""
    unit = (DEPLOY / "related-articles@.service").read_text()
    paths = re.search("^ReadWritePaths=(.*)", unit, re.MULTILINE).group(1).replace(INSTALLED, str(tmp_path))
    binds = "".join(f"mount --bind {path} {path} && " for path in sorted(paths.split()))
    crawl = f"{sys.executable} -m scrapy crawl deepseek -s REPLAY=seeds/newsroom.warc.gz -L WARNING"
    script = f"mount --make-rprivate / && {binds} mount -o remount,bind,ro / && {crawl}"
    command = ("unshare", "--mount", "sh", "-c", f"{script} -s MONGO_DIR={tmp_path}/mongo")
    assert "SAMPLE" in ran(*command, cwd=PROJECT, env={**os.environ, "MONGO_URI": ""})


def test_the_cron_line(tmp_path):
    """With the little that cron gives it: it crawls, and writes its exit status into the log."""
    lines = [line for line in (DEPLOY / "crontab").read_text().splitlines() if not line.startswith("#")]
    [line] = [line for line in lines if re.match(r"\S+ \S+ \S+ \S+ \S+ ", line)]
    command = (
        line.split(maxsplit=5)[5].replace(INSTALLED, str(PROJECT)).replace("crawl.log", f"{tmp_path}/log")
    )
    assert "%" not in command  # cron would take it for a line end
    command = command.replace(".venv/bin/", f"{BIN}/").replace(
        "seed=deepseek", f"seed=deepseek -s REPLAY=seeds/newsroom.warc.gz -s MONGO_DIR={tmp_path}/mongo"
    )
    least = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "SHELL": "/bin/sh", "LOGNAME": "cron"}
    kept = {name: os.environ[name] for name in ("MONGOD_BIN",) if name in os.environ}
    ran("/bin/sh", "-c", command, env=least | kept)
    log = (tmp_path / "log").read_text()
    assert "exit status 0" in log
    assert "SAMPLE" in log


def test_the_container_file():
    """Its linter finds nothing; what it copies is let through and is all that a crawl needs."""
    assert ran(BIN / "hadolint", DEPLOY / "Dockerfile") == ""
    copied = re.findall(r"^COPY (\S+) ", (DEPLOY / "Dockerfile").read_text(), re.MULTILINE)
    let_through = re.findall(r"^!(\S+)", (DEPLOY / "Dockerfile.dockerignore").read_text(), re.MULTILINE)
    assert sorted(copied) == sorted(let_through)


def test_what_the_container_holds_can_crawl(tmp_path):
    """The copied files by themselves list the spiders and find the seeds."""
    for name in re.findall(r"^COPY (\S+) ", (DEPLOY / "Dockerfile").read_text(), re.MULTILINE):
        if (PROJECT / name).is_dir():
            shutil.copytree(PROJECT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(PROJECT / name, tmp_path / name)
    scrapy = (sys.executable, "-m", "scrapy")
    assert "deepseek" in ran(*scrapy, "list", cwd=tmp_path)
    dry = ran(
        *(*scrapy, "crawl", "deepseek", "-a", "dry_run=1", "-s", "REPLAY=seeds/newsroom.warc.gz"),
        cwd=tmp_path,
    )
    assert "https://cn.nytimes.com/technology/20250205/deepseek-china-reaction/" in dry


def test_the_compose_file():
    """Valid by the Compose specification; the crawler waits for a database that answers, and names it."""
    ran(BIN / "check-jsonschema", "--builtin-schema", "vendor.compose-spec", DEPLOY / "compose.yaml")
    services = YAML(typ="safe").load((DEPLOY / "compose.yaml").read_text())["services"]
    crawler = services["crawler"]
    assert crawler["depends_on"] == {"mongo": {"condition": "service_healthy"}}
    assert (DEPLOY / crawler["build"]["context"] / crawler["build"]["dockerfile"]).is_file()
    assert "ports" not in services["mongo"]  # it has no password
    assert all(volume.startswith(("spool:", "archives:")) for volume in crawler["volumes"])
