"""Which rules run, on which files, with which options: what a configuration says of a catalog."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import PurePath
from typing import Any

import msgspec

from bedev_lint.catalog import Catalog, Context, Rule, nearest
from bedev_lint.model import Severity
from bedev_lint.options import of_project, wrong_patterns
from bedev_lint.settings.config import Config, shown
from bedev_lint.settings.globs import Globs
from bedev_lint.tables import Key

__all__ = ["check", "codes_of", "ignored_for_file", "selected_codes"]

_NOT_AT_ALL = -1
_DEFAULT = 0
_FAMILY = 3
_EXACT = 99


def selected_codes(config: Config, catalog: Catalog) -> frozenset[str]:
    """Return the codes of the rules that run.

    The most exact selector that matches a rule decides, and between equals `ignore`. Rules
    that are always on cannot be ignored.
    """
    selectors = (*(config.select or ()), *config.extend_select)
    codes = set()
    for code, rule in catalog.rules.items():
        wanted = _strongest(selectors, rule)
        if config.select is None and rule.default:
            wanted = max(wanted, _DEFAULT)
        if rule.always or wanted > _strongest(config.ignore, rule):
            codes.add(code)
    return frozenset(codes)


def ignored_for_file(config: Config, relative_path: str | PurePath) -> tuple[str, ...]:
    """Return the selectors that `per-file-ignores` turns off for a file (relative to the root)."""
    name = PurePath(relative_path).as_posix()
    return tuple(
        selector
        for pattern, selectors in config.per_file_ignores.items()
        if _globs(pattern).holds(name)
        for selector in selectors
    )


def codes_of(selectors: Iterable[str], catalog: Catalog) -> frozenset[str]:
    """Return the codes that any of the selectors stands for."""
    wanted = tuple(selectors)
    return frozenset(
        code for code, rule in catalog.rules.items() if _strongest(wanted, rule) > _NOT_AT_ALL
    )


@cache
def _globs(pattern: str) -> Globs:
    return Globs([pattern])


def _strongest(selectors: Iterable[str], rule: Rule) -> int:
    """Return how exactly the most exact of the selectors names the rule."""
    return max((_exactness(selector, rule) for selector in selectors), default=_NOT_AT_ALL)


def _exactness(selector: str, rule: Rule) -> int:
    if selector in (rule.code, rule.name):
        return _EXACT
    if selector == rule.family:
        return _FAMILY
    if selector and rule.code.startswith(selector):
        return len(selector)
    return _DEFAULT if selector == "ALL" else _NOT_AT_ALL


# ------------------------------------------------------------------ checking


def check(config: Config, catalog: Catalog) -> list[str]:
    """Return what is wrong with the rules, options and contexts that a configuration names."""
    return [
        *_selector_problems(config, catalog),
        *_rule_problems(config, catalog),
        *_context_problems(config, catalog),
    ]


def _selector_problems(config: Config, catalog: Catalog) -> Iterator[str]:
    used: list[tuple[Key, Iterable[str]]] = [
        (("select",), config.select or ()),
        (("extend-select",), config.extend_select),
        (("ignore",), config.ignore),
        *((("per-file-ignores", glob), names) for glob, names in config.per_file_ignores.items()),
    ]
    rules = catalog.rules.values()
    names_of_rules = [
        "ALL",
        *catalog.rules,
        *(r.name for r in rules),
        *sorted({r.family for r in rules}),
    ]
    for key, selectors in used:
        for selector in selectors:
            if not any(_exactness(selector, rule) > _NOT_AT_ALL for rule in rules):
                where = _where(config, key, selector)
                expected = "expected a code, prefix, name or family of rules, or ALL"
                hint = nearest(selector, names_of_rules) or "; `bedev-lint rules` lists them"
                yield f'{where}: {expected}, got "{selector}"{hint}'


def _where(config: Config, key: Key, value: str) -> str:
    """Return where a setting was made: an option of the command line, or a key of the file."""
    if value in (config.command_line.get(key[0].replace("-", "_")) or ()):
        return f"--{key[0]}"
    return config.where(*key)


def _rule_problems(config: Config, catalog: Catalog) -> Iterator[str]:
    by_name = {rule.name: rule for rule in catalog.rules.values()}
    for name, options in config.rule.items():
        rule = by_name.get(name)
        if rule is not None:
            for key, problem in _option_problems(rule, options):
                yield f"{config.where('rule', name, *key)}: {problem}"
            continue
        where = config.where("rule", name)
        if name in catalog.rules:
            yield f'{where}: expected the name of a rule: "{catalog.rules[name].name}"'
        else:
            yield f"{where}: expected the name of a rule{nearest(name, list(by_name))}"


def _option_problems(rule: Rule, options: Mapping[str, Any]) -> Iterator[tuple[Key, str]]:
    severities = [severity.value for severity in Severity]
    for key, value in options.items():
        if key == "severity":
            if value not in severities:
                expected = ", ".join(f'"{word}"' for word in severities)
                hint = nearest(str(value), severities)
                yield (key,), f"expected one of {expected}, got {shown(value)}{hint}"
        elif key not in rule.options:
            yield (key,), f"unknown option{nearest(key, ['severity', *rule.options])}"
        elif not _same_kind(value, rule.options[key]):
            yield (key,), f"expected {_kind(rule.options[key])}, got {shown(value)}"
        elif key in rule.patterns:
            for inner, problem in wrong_patterns(of_project(value)):
                yield (key, *inner), problem


def _context_problems(config: Config, catalog: Catalog) -> Iterator[str]:
    """Tell of new contexts that nothing asks for, and that are named nearly as another is."""
    asked = _contexts_asked_for(config, catalog) if config.context else set()
    for name, table in config.context.items():
        hint = nearest(name, [other for other in catalog.contexts if other != name])
        is_new = _is_all_of(table, catalog.contexts.get(name))
        if hint and is_new and name not in asked and "layer" not in table:
            yield f"{config.where('context', name)}: no rule refers to this context{hint}"


def _is_all_of(table: Mapping[str, Any], context: Context | None) -> bool:
    """Return whether nothing is known of a context but what a table says."""
    try:
        return context == msgspec.convert(table, Context)
    except msgspec.ValidationError:  # which is told of where it is read
        return False


def _contexts_asked_for(config: Config, catalog: Catalog) -> set[str]:
    """Return all words that may be the name of a context that a rule or a context asks for."""
    rules = msgspec.to_builtins([*catalog.rules.values()])
    asked = {*_texts([rules, *config.rule.values()])}
    for context in catalog.contexts.values():
        asked.update(context.unless, context.not_over_arguments)
    return asked


def _texts(value: Any) -> Iterator[str]:
    """Return all texts in a value as TOML has it."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, (list, tuple, dict)):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _texts(inner)


def _same_kind(value: Any, default: Any) -> bool:
    """Return whether an option's value is of the kind that its default is of."""
    if isinstance(default, float):
        return isinstance(value, (int, float)) and not isinstance(value, bool)
    if isinstance(default, list) and isinstance(value, list):
        kinds = {type(element) for element in default} or {str}
        return all(type(element) in kinds for element in value)
    if isinstance(default, dict) and isinstance(value, dict):
        return _same_kind(list(value.values()), list(default.values()))
    return type(value) is type(default)


_KINDS = {bool: "true or false", int: "an integer", float: "a number", str: "a string"}


def _kind(default: Any) -> str:
    if isinstance(default, list):
        kinds = sorted({type(element).__name__ for element in default} or {"str"})
        return f"an array of {' or '.join(kinds)}"
    if isinstance(default, dict):
        return _kind(list(default.values())).replace("an array", "a table")
    return _KINDS.get(type(default), "another value")
