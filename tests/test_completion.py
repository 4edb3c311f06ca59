"""What a shell proposes, asked of a real bash; and that every command says how it is called."""

import importlib
import os
import pty
import select
import subprocess
import sys
import time
from pathlib import Path

import pytest
from crawling import PROJECT

from crawler import commands
from crawler.completion import Words, script

COMMANDS = sorted(path.stem for path in Path(commands.__path__[0]).glob("*.py") if path.stem != "__init__")


@pytest.fixture(scope="module")
def completion(tmp_path_factory):
    """The script as `scrapy completion bash` prints it."""
    line = [sys.executable, "-m", "scrapy", "completion", "bash"]
    run = subprocess.run(line, cwd=PROJECT, capture_output=True, text=True, timeout=60, check=True)
    assert run.stderr == ""
    path = tmp_path_factory.mktemp("completion") / "scrapy.bash"
    path.write_text(run.stdout)
    return path


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_says_how_it_is_called(name):
    """`--help` tells what it does, with an example."""
    command = importlib.import_module(f"crawler.commands.{name}").Command()
    assert f"scrapy {name}" in command.long_desc()
    assert len(command.short_desc()) < 100


def proposals(path, *words):
    """What bash has for the last of the words."""
    ask = 'source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _scrapy; echo "${COMPREPLY[@]}"'
    line = ["bash", "--norc", "-c", ask, "bash", path, "scrapy", *words]
    run = subprocess.run(line, capture_output=True, text=True, timeout=60, check=True)
    assert run.stderr == ""
    return run.stdout.split()


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["cra"], ["crawl"]),
        (["crawl", ""], ["articles", "deepseek"]),
        (["crawl", "d"], ["deepseek"]),
        (["crawl", "articles", "-a", "see"], ["seed="]),
        (["crawl", "articles", "-a", "seed", "="], ["deepseek", "newsroom", "shimbun"]),
        (["crawl", "articles", "-a", "seed", "=", "new"], ["newsroom"]),
        (["crawl", "articles", "-a", "url", "=", ""], []),
        (["crawl", "deepseek", "-s", "BROWSER_P"], ["BROWSER_PAGES="]),
        (["crawl", "deepseek", "-s", "VERS"], []),
        (["crawl", "deepseek", "-s", "_"], []),
        (["crawl", "deepseek", "--nol"], ["--nolog"]),
        (["runs", "--format", ""], ["table", "json"]),
        (["runs", "--seed", "s"], ["shimbun"]),
        (["graph", "--n"], ["--nodes", "--nolog"]),
        (["graph", "-o", ""], []),
        (["seed", ""], ["add"]),
        (["nonsense", ""], []),
    ],
)
def test_proposals(completion, words, expected):
    """Commands, spiders, seeds, formats, options; nothing where the shell's own files are meant."""
    assert proposals(completion, *words) == expected


def test_every_command_is_proposed(completion):
    """Ours, and Scrapy's own."""
    assert {*COMMANDS, "shell", "list"} <= set(proposals(completion, ""))


def test_the_tabulator_key(completion, tmp_path):
    """As it is typed: an interactive bash, a path to scrapy, the key pressed twice."""
    ours, theirs = pty.openpty()
    environment = {**os.environ, "PS1": "$ ", "TERM": "dumb", "INPUTRC": "/dev/null"}
    line = ["bash", "--noprofile", "--norc", "-i"]
    bash = subprocess.Popen(line, cwd=tmp_path, env=environment, stdin=theirs, stdout=theirs, stderr=theirs)
    os.close(theirs)
    for typed, expected in [
        (f"source {completion}; echo ready\n", "ready\r\n"),
        (".venv/bin/scrapy crawl articles -a se\t", "seed="),
        ("ne\t", "newsroom "),
    ]:
        os.write(ours, typed.encode())
        assert expected in read_until(ours, expected)
    bash.kill()
    bash.wait(10)
    os.close(ours)


def read_until(terminal, expected):
    seen, end = "", time.monotonic() + 30
    while expected not in seen and time.monotonic() < end:
        if select.select([terminal], [], [], 1)[0]:
            seen += os.read(terminal, 65536).decode()
    return seen


def test_a_folder_with_a_space_and_quotes(tmp_path):
    """Whatever the checkout is called, the script is one."""
    seeds = tmp_path / 'it\'s a "place" $HOME'
    seeds.mkdir()
    (seeds / "one.toml").touch()
    path = tmp_path / "s.bash"
    path.write_text(script("bash", {"crawl": Words(options=["-a"])}, ["REPLAY"], str(seeds)))
    assert proposals(path, "crawl", "-a", "seed", "=", "") == ["one"]


def test_an_unknown_shell():
    """One line that names those that are known."""
    line = [sys.executable, "-m", "scrapy", "completion", "csh"]
    run = subprocess.run(line, cwd=PROJECT, capture_output=True, text=True, timeout=60)
    assert run.returncode == 2
    assert "name the shell, bash or zsh" in run.stderr + run.stdout
