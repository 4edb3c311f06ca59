"""What a shell proposes after `scrapy`, as a script for it. Pure: words in, text out."""

import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from string import Template

SHELLS = ("bash", "zsh")


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What may follow the name of a command."""

    options: Sequence[str] = ()
    values: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """By option: what it may be set to, where that is known."""
    arguments: Sequence[str] = ()


_SCRIPT = Template("""\
# Completion of scrapy for $shell: what `scrapy completion $shell` prints.
$prelude
_scrapy_seeds() {
    local file
    for file in $seeds/*.toml; do
        file=$${file##*/}
        [ "$$file" = "*.toml" ] || printf '%s\\n' "$${file%.toml}"
    done
}

_scrapy_words() {  # the command, the word before, the word before that where the word before is =
    case "$$1 $$2" in
$values
        *" -s") printf '%s\\n' $settings ;;
        *" ="|*" --seed") [ "$$2" = --seed ] || [ "$$3" = seed ] && _scrapy_seeds ;;
    esac
}

_scrapy() {
    local word=$${COMP_WORDS[COMP_CWORD]} before=$${COMP_WORDS[COMP_CWORD-1]} key=
    local command=$${COMP_WORDS[1]} words
    if [ "$$word" = "=" ]; then key=$$before before="=" word=
    elif [ "$$before" = "=" ]; then key=$${COMP_WORDS[COMP_CWORD-2]}
    fi
    if [ "$$COMP_CWORD" -eq 1 ]; then
        words=$commands
    else
        words=$$(_scrapy_words "$$command" "$$before" "$$key")
        if [ -z "$$words" ] && [ "$$before" != "=" ]; then
            case "$$command $$word" in
$options
            esac
            case "$$word" in -*) words="$$words "$common ;; esac
        fi
    fi
    COMPREPLY=($$(compgen -W "$$words" -- "$$word"))
    case "$${COMPREPLY[0]}" in *=) compopt -o nospace 2>/dev/null ;; esac
}
complete -o default -F _scrapy scrapy
""")
_PRELUDE = {"bash": "", "zsh": "autoload -Uz compinit bashcompinit && compinit -u && bashcompinit\n"}


def script(shell: str, commands: Mapping[str, Words], settings: Sequence[str], seeds: str) -> str:
    """The script that has `shell` propose commands, their options and values, and the seeds in a folder."""
    common = [
        option
        for option in next(iter(commands.values())).options
        if all(option in words.options for words in commands.values())
    ]
    return _SCRIPT.substitute(
        shell=shell,
        prelude=_PRELUDE[shell],
        seeds=shlex.quote(seeds),
        commands=_quoted(commands),
        settings=_quoted([f"{name}=" for name in settings]),
        common=_quoted(common),
        values="\n".join(_values(commands)),
        options="\n".join(_options(commands, common)),
    )


def _values(commands: Mapping[str, Words]) -> Iterator[str]:
    for name, words in commands.items():
        for option, values in words.values.items():
            yield f"        {_quoted([name, option])}) printf '%s\\n' {_quoted(values)} ;;"


def _options(commands: Mapping[str, Words], common: Sequence[str]) -> Iterator[str]:
    for name, words in commands.items():
        own = [option for option in words.options if option not in common]
        yield f"                {_quoted([name, ''])}-*) words={_quoted(own)} ;;"
        if words.arguments:
            yield f"                {_quoted([name, ''])}*) words={_quoted(words.arguments)} ;;"


def _quoted(words: Iterable[str]) -> str:
    return shlex.quote(" ".join(words))
