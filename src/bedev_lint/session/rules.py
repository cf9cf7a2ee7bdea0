"""The rules of a run: with what the user has configured, and the files that each looks at."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from importlib.util import find_spec
from typing import NamedTuple

import msgspec

from bedev_lint.catalog import Catalog, CatalogError, Context, Rule, routing_names
from bedev_lint.model import Severity, TestWords
from bedev_lint.options import of_project, texts
from bedev_lint.settings.config import Config
from bedev_lint.settings.selection import codes_of, ignored_for_file, selected_codes

__all__ = ["ActiveRules"]

_TESTS = "test"  # the context that `include-tests` speaks of


class FileSet(NamedTuple):
    """Files that rules look at: `only` those of these contexts, or all, with some `beside` them."""

    only: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """What a program of these files is called in the cache."""
        return " ".join((*self.only, *(f"+{name}" for name in self.beside)))


def _files_of(rule: Rule) -> FileSet:
    """Return the files that a rule looks at: who runs the code may be what it leaves out."""
    runners = (name for name in rule.unless_run_in if name in rule.left_out)
    return FileSet(rule.keeps_to, (*rule.beside, *runners))


class ActiveRules:
    """All rules by their codes, as configured, and which of them are `selected`."""

    def __init__(self, config: Config, catalog: Catalog) -> None:
        self._config, self._catalog = config, catalog
        self.selected = selected_codes(config, catalog)
        self.by_code = {
            code: _configured(rule, config.rule.get(rule.name, {}))
            for code, rule in catalog.rules.items()
        }
        # There are many files, of few sets of contexts.
        self._programs_of: dict[frozenset[str], tuple[FileSet, ...]] = {}
        # The linter's own rules by name.
        self.linter = {r.name: r for r in self.by_code.values() if r.family == "linter"}

    def severities(self) -> dict[str, Severity]:
        """Return the severities that the user gives to rules, by their codes."""
        options = self._config.rule
        return {
            rule.code: Severity(options[rule.name]["severity"])
            for rule in self.by_code.values()
            if "severity" in options.get(rule.name, {})
        }

    def visitor_rules(self) -> tuple[Rule, ...]:
        """Return the visitor rules to run: those selected, and those they yield to."""
        chosen = [rule for code, rule in self.by_code.items() if code in self.selected]
        needed = {rule.code for rule in chosen}
        needed.update(code for rule in chosen for code in rule.yields_to)
        rules = [r for r in self.by_code.values() if r.code in needed and r.is_visitor]
        missing = [rule for rule in rules if not _has_check(rule)]
        if missing:
            raise CatalogError(
                [
                    f"{rule.name}.toml:1: rule {rule.code} has no [boundary] and no [call]: "
                    "nothing checks it"
                    for rule in missing
                ]
            )
        return tuple(rules)

    def skippable(self) -> dict[str, Context]:
        """Return the contexts whose files one rule or another leaves out."""
        rules = self.by_code.values()
        names = {name for rule in rules for name in (*rule.skip, *rule.keeps_to, *rule.beside)}
        return {name: self._catalog.contexts[name] for name in sorted(names)}

    def kind_of(self, held: frozenset[str]) -> str:
        """Return what a file of these contexts is that no selected rule wants."""
        return next((name for name in self._skipped if name in held), "production file")

    @cached_property
    def _skipped(self) -> list[str]:
        """The contexts whose files a rule that runs leaves out, or looks at alone."""
        rules = (rule for those in self.programs.values() for rule in those)
        skipped = {name for rule in rules for name in (*rule.left_out, *rule.keeps_to)}
        return [name for name in self._catalog.contexts if name in skipped]

    def skips(self, rule: Rule, held: frozenset[str]) -> bool:
        """Return whether a rule leaves out a file of these contexts."""
        skipped = rule.left_out - {_TESTS} if self._config.include_tests else rule.left_out
        return not held.isdisjoint(skipped) or bool(
            rule.keeps_to and held.isdisjoint(rule.keeps_to)
        )

    @cached_property
    def programs(self) -> dict[FileSet, list[Rule]]:
        """The rules that run, by the files that they look at.

        The files of each are a program of their own: no test calls production code, unless a
        rule asks for what tests call, and what one rule finds does not hang on which others run.
        """
        by_files: dict[FileSet, list[Rule]] = {}
        for code, rule in self.by_code.items():
            if code in self.selected and rule.family != "linter":
                by_files.setdefault(_files_of(rule), []).append(rule)
        return by_files or {FileSet(): []}

    def asking(self, files: FileSet) -> dict[str, Rule]:
        """Return the rules, by their codes, that a program of these files is asked for.

        They are its own, and those that run in no program since others only yield to them: what a
        file that a rule never looks at says would change what it finds.
        """
        return {
            code: rule
            for code, rule in self.by_code.items()
            if _files_of(rule) == files or _files_of(rule) not in self.programs
        }

    def programs_of(self, held: frozenset[str]) -> tuple[FileSet, ...]:
        """Return the programs that a file of these contexts belongs to; none: it is not read."""
        if held not in self._programs_of:
            self._programs_of[held] = tuple(
                files
                for files, rules in self.programs.items()
                if not held.isdisjoint(files.beside)
                or not rules
                or not all(self.skips(rule, held) for rule in rules)
            )
        return self._programs_of[held]

    def alone_for(self, held: frozenset[str]) -> tuple[str, ...] | None:
        """Return the codes of all that look at a file of these contexts if no program holds it.

        None if one does, so that its facts are wanted.
        """
        rules = [rule for files in self.programs_of(held) for rule in self.programs[files]]
        if not rules or any(rule.asks_program for rule in rules):
            return None
        looking = [rule for rule in rules if not self.skips(rule, held)]
        return tuple(sorted({code for r in looking for code in (r.code, *r.yields_to)}))

    def test_words(self) -> TestWords | None:
        """Return the words by which tests are read, None if no rule asks for them."""
        rules = [rule for code, rule in self.by_code.items() if code in self.selected]
        options = [rule.options for rule in rules if rule.tests is not None]
        if not options:
            return None
        claims = dict.fromkeys(claim for those in options for claim in texts(those, "claims"))
        vacuous = {name for those in options for name in texts(those, "vacuous")}
        routing = routing_names(
            self._catalog.routers, self._catalog.routes, self._catalog.resources
        )
        asking = {
            name
            for those in options
            for key in ("asking", "asking-for", "fixtures")
            for name in texts(those, key)
        }
        requesting = {name for those in options for name in texts(those, "requesting")}
        return TestWords(tuple(claims), frozenset(vacuous), routing | asking, frozenset(requesting))

    def without_tests(self, contexts_of: Mapping[str, frozenset[str]]) -> Iterator[str]:
        """Return which rules say nothing, as no file is of the contexts that they want beside."""
        held = frozenset[str]().union(*contexts_of.values())
        by_contexts: dict[tuple[str, ...], list[str]] = {}
        for rule in (rule for rules in self.programs.values() for rule in rules):
            if rule.beside and held.isdisjoint(rule.beside):
                by_contexts.setdefault(rule.beside, []).append(rule.code)
        for beside, codes in by_contexts.items():
            listed = ", ".join(sorted(codes))
            yield f"the project has no files of {' or '.join(beside)}: nothing by {listed}"

    def is_in_force(self, code: str, file: str, contexts: frozenset[str]) -> bool:
        """Return whether a rule is on for a file, given by its relative path and contexts."""
        if code not in self.selected:
            return False
        rule = self._catalog.rules[code]
        # Of comments in files that only some rules look at nobody can tell.
        is_ours = rule.family == "linter" and FileSet() not in self.programs_of(contexts)
        if is_ours or self.skips(rule, contexts):
            return False
        ignored = ignored_for_file(self._config, file)
        return not (ignored and code in codes_of(ignored, self._catalog))


def _configured(rule: Rule, settings: Mapping[str, object]) -> Rule:
    """Return a rule with the severity and the options that the user gives it."""
    options = dict(rule.options)
    for key, value in settings.items():
        if key != "severity":
            options[key] = of_project(value) if key in rule.patterns else value
    severity = Severity(settings["severity"]) if "severity" in settings else rule.severity
    return msgspec.structs.replace(rule, options=options, severity=severity)


def _has_check(rule: Rule) -> bool:
    return find_spec(f"bedev_lint.visitors.{rule.name.replace('-', '_')}") is not None
