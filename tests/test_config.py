"""Where the configuration is found, what it may say, and how its errors are told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bedev_lint.catalog import Catalog, Rule
from bedev_lint.model import Confidence, Severity
from bedev_lint.settings.config import Config, ConfigError, in_force, load_config
from bedev_lint.settings.finding import find_configuration
from bedev_lint.settings.loading import load
from bedev_lint.settings.selection import check, codes_of, ignored_for_file, selected_codes
from scratch import run, write


def shared(folder: Path, text: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "pyproject.toml"
    path.write_text(f"[project]\nname = 'x'\n\n[tool.bedev-lint]\n{text}\n")
    return path


def own(folder: Path, text: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "bedev-lint.toml"
    path.write_text(text)
    return path


def read(path: Path, **overrides: Any) -> Config:
    return load_config(path.parent, None, False, overrides)


def problems(path: Path, **overrides: Any) -> list[str]:
    """Return the problems of a configuration: row, key, and what is wrong."""
    with pytest.raises(ConfigError) as caught:
        read(path, **overrides)
    assert all(problem.startswith(f"{path}:") for problem in caught.value.problems)
    return [problem.removeprefix(f"{path}:") for problem in caught.value.problems]


# ------------------------------------------------------------------ finding


def test_the_nearest_file_that_speaks_of_us(tmp_path: Path) -> None:
    outer = own(tmp_path, 'select = ["ALL"]')
    inner = tmp_path / "api/src/shop"
    inner.mkdir(parents=True)
    (tmp_path / "api/pyproject.toml").write_text("[tool.other]\n")
    assert find_configuration(inner) == outer
    nearer = shared(tmp_path / "api/src", "")
    assert find_configuration(inner) == nearer
    assert find_configuration(inner / "models.py") == nearer
    assert load_config(inner, None, False, {}).source == nearer


def test_our_own_file_comes_before_the_shared_one(tmp_path: Path) -> None:
    shared(tmp_path, 'select = ["BD1"]')
    assert read(own(tmp_path, 'select = ["BD2"]')).select == ("BD2",)


def test_another_tools_broken_file_is_not_ours(tmp_path: Path) -> None:
    outer = own(tmp_path, "")
    inner = tmp_path / "template"
    inner.mkdir()
    (inner / "pyproject.toml").write_text("{{ cookiecutter }}\n")
    assert find_configuration(inner) == outer
    (inner / "pyproject.toml").write_text("[tool.bedev-lint]\nselect = [\n")
    with pytest.raises(ConfigError, match="expected TOML: Invalid value"):
        load_config(inner, None, False, {})


def test_isolated_reads_none(tmp_path: Path) -> None:
    own(tmp_path, 'select = ["BD1"]')
    config = load_config(tmp_path, None, True, {})
    assert (config.source, config.select, config.root) == (None, None, tmp_path)


def test_an_explicit_file_need_not_stand_in_the_project(tmp_path: Path) -> None:
    (tmp_path / "repo/.git").mkdir(parents=True)
    (tmp_path / "repo/src").mkdir()
    own(tmp_path / "repo", 'select = ["BD1"]')
    explicit = tmp_path / "strict.toml"
    explicit.write_text('select = ["ALL"]')
    config = load_config(tmp_path / "repo/src", explicit, False, {})
    assert (config.source, config.select) == (explicit, ("ALL",))
    assert config.root == tmp_path / "repo"


def test_an_explicit_file_that_is_missing_or_not_ours(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read: No such file"):
        load_config(tmp_path, tmp_path / "x.toml", False, {})
    other = tmp_path / "pyproject.toml"
    other.write_text("[project]\n")
    with pytest.raises(ConfigError, match=r"expected a table \[tool\.bedev-lint\]"):
        load_config(tmp_path, other, False, {})


# ------------------------------------------------------------------ reading


def test_every_key(tmp_path: Path) -> None:
    for name in ("src", "lint"):
        (tmp_path / name).mkdir()
    config = read(
        shared(
            tmp_path,
            """
            select = ["BD1", "configuration"]
            ignore = ["BD301"]
            extend-select = ["http-in-service"]
            per-file-ignores = { "scripts/*" = ["BD301"] }
            exclude = ["gen"]
            extend-exclude = ["*_pb2.py"]
            source-roots = ["src"]
            rules = ["lint"]
            require-reason = true
            include-tests = true
            min-confidence = "certain"
            min-severity = "warning"
            rule.swallowed-exception = { severity = "info", narrow = false }
            context.service = { modules = ["handlers"] }
            type."shop.Db".add = { effect = "db.write" }
            """,
        )
    )
    assert config.select == ("BD1", "configuration")
    assert config.ignore == ("BD301",)
    assert config.extend_select == ("http-in-service",)
    assert config.per_file_ignores == {"scripts/*": ("BD301",)}
    assert config.exclude == ("gen",)
    assert config.extend_exclude == ("*_pb2.py",)
    assert config.source_roots == (tmp_path / "src",)
    assert config.rules == (tmp_path / "lint",)
    assert config.require_reason and config.include_tests
    assert config.min_confidence is Confidence.CERTAIN
    assert config.min_severity is Severity.WARNING
    assert config.rule == {"swallowed-exception": {"severity": "info", "narrow": False}}
    assert config.context == {"service": {"modules": ["handlers"]}}
    assert config.type == {"shop.Db": {"add": {"effect": "db.write"}}}
    assert set(in_force(config)) >= {"select", "min-severity", "source-roots", "type"}


def test_all_errors_are_told_together(tmp_path: Path) -> None:
    path = own(
        tmp_path,
        """
        selct = ["BD1"]
        ignore = "BD1"
        require-reason = "yes"
        min-severity = "warn"
        min-confidence = 3
        source-roots = ["srk", 4]
        exclude = ["!"]
        per-file-ignores = ["x"]
        rule = { x = 3 }
        extend-select = ["BD1", 2]
        """,
    )
    (tmp_path / "src").mkdir()
    expected_selectors = "an array of codes, prefixes, names or families of rules, or ALL"
    assert problems(path) == [
        '2: selct: unknown key (did you mean "select"?)',
        f'3: ignore: expected {expected_selectors}, got "BD1"',
        '4: require-reason: expected true or false, got "yes"',
        '5: min-severity: expected "info", "warning" or "error", '
        'got "warn" (did you mean "warning"?)',
        '6: min-confidence: expected "likely" or "certain", got 3',
        "7: source-roots: expected an array of existing folders; "
        'there is no "srk" (did you mean "src"?)',
        "9: per-file-ignores: expected a table of globs, each with an array of rules, got an array",
        "10: rule.x: expected a table, got 3",
        f"11: extend-select: expected {expected_selectors}, got an array "
        "(Expected `str`, got `int` at [1])",
        '8: exclude: expected a glob, got "!"',
    ]


def test_the_keys_of_the_shared_file_are_named_in_full(tmp_path: Path) -> None:
    path = shared(tmp_path, "require-reasons = true")
    assert problems(path) == [
        '5: tool.bedev-lint.require-reasons: unknown key (did you mean "require-reason"?)'
    ]


def test_a_table_of_the_shared_file_in_our_own_is_told(tmp_path: Path) -> None:
    told = problems(own(tmp_path, '[tool.bedev-lint]\nselect = ["BD1"]\n'))
    assert told == [
        "1: tool: unknown key; tool.bedev-lint is for pyproject.toml: "
        "here its keys stand without that prefix"
    ]


def test_an_underscore_in_the_name_of_our_table_is_told(tmp_path: Path) -> None:
    path = tmp_path / "pyproject.toml"
    path.write_text("[tool.bedev_lint]\nselect = []\n")
    assert problems(path) == [" expected a table [tool.bedev-lint]"]


def test_a_byte_order_mark_is_none_of_the_text(tmp_path: Path) -> None:
    path = own(tmp_path, "")
    path.write_bytes(b"\xef\xbb\xbfinclude-tests = true\nselekt = []\n")
    assert problems(path) == ['2: selekt: unknown key (did you mean "select"?)']


def test_a_table_that_is_none(tmp_path: Path) -> None:
    path = tmp_path / "pyproject.toml"
    path.write_text("[tool]\nbedev-lint = 3\n")
    assert problems(path) == ["2: tool.bedev-lint: expected a table, got 3"]


# ------------------------------------------------------------------ the command line


def test_select_on_the_command_line_says_everything(tmp_path: Path) -> None:
    path = own(tmp_path, 'select = ["BD1"]\nextend-select = ["BD203"]\nignore = ["BD301"]')
    config = read(path, select=("BD301",))
    assert (config.select, config.extend_select, config.ignore) == (("BD301",), (), ())


def test_other_selectors_of_the_command_line_add_to_the_files(tmp_path: Path) -> None:
    path = own(tmp_path, 'select = ["BD1"]\nextend-select = ["BD203"]\nignore = ["BD301", "BD302"]')
    config = read(path, extend_select=("BD301",), ignore=("BD101",))
    assert config.select == ("BD1",)
    assert config.extend_select == ("BD203", "BD301")
    assert config.ignore == ("BD302", "BD101")


def test_other_options_replace_what_the_file_says(tmp_path: Path) -> None:
    path = own(tmp_path, 'exclude = ["a"]\nextend-exclude = ["b"]\nmin-severity = "error"')
    config = read(
        path, exclude=("c",), extend_exclude=("d",), min_severity=Severity.INFO, include_tests=True
    )
    assert (config.exclude, config.extend_exclude) == (("c",), ("b", "d"))
    assert config.min_severity is Severity.INFO
    assert config.include_tests


# ------------------------------------------------------------------ selecting


def rule(code: str, name: str, family: str, **more: Any) -> Rule:
    more = {"default": True, "severity": Severity.ERROR, **more}
    return Rule(code=code, name=name, family=family, title="", message="", **more)


CATALOG = Catalog(
    {
        known.code: known
        for known in (
            rule("BD001", "syntax-error", "linter", always=True),
            rule("BD002", "unused-suppression", "linter"),
            rule("BD101", "swallowed-exception", "errors", options={"narrow": True, "names": []}),
            rule("BD102", "swallowed-cancellation", "errors"),
            rule("BD203", "db-in-controller", "boundaries", default=False),
            rule("BD202", "http-in-service", "boundaries"),
            rule("AC101", "no-print", "team", default=False),
        )
    },
    {},
    {},
    {},
    {},
)


def chosen(tmp_path: Path, **settings: Any) -> str:
    return " ".join(sorted(selected_codes(Config(root=tmp_path, **settings), CATALOG)))


@pytest.mark.parametrize(
    ("settings", "codes"),
    [
        ({}, "BD001 BD002 BD101 BD102 BD202"),
        ({"select": ("BD101",)}, "BD001 BD101"),
        ({"select": ("http-in-service",)}, "BD001 BD202"),
        ({"select": ("boundaries",)}, "BD001 BD202 BD203"),
        ({"select": ("BD2",)}, "BD001 BD202 BD203"),
        ({"select": ("AC", "BD10")}, "AC101 BD001 BD101 BD102"),
        ({"select": ("ALL",)}, "AC101 BD001 BD002 BD101 BD102 BD202 BD203"),
        ({"select": ()}, "BD001"),
        ({"extend_select": ("BD203",)}, "BD001 BD002 BD101 BD102 BD202 BD203"),
        ({"ignore": ("errors",)}, "BD001 BD002 BD202"),
        ({"ignore": ("ALL",)}, "BD001"),
        ({"ignore": ("BD001", "BD0")}, "BD001 BD101 BD102 BD202"),
        ({"ignore": ("BD1",), "extend_select": ("BD101",)}, "BD001 BD002 BD101 BD202"),
        ({"select": ("BD1",), "ignore": ("BD1",)}, "BD001"),
        ({"select": ("BD101",), "ignore": ("swallowed-exception",)}, "BD001"),
        ({"select": ("ALL",), "ignore": ("BD",)}, "AC101 BD001"),
    ],
)
def test_the_most_exact_selector_decides(
    tmp_path: Path, settings: dict[str, Any], codes: str
) -> None:
    assert chosen(tmp_path, **settings) == codes


def test_what_selectors_stand_for() -> None:
    assert codes_of(["errors", "AC"], CATALOG) == {"BD101", "BD102", "AC101"}
    assert codes_of([], CATALOG) == frozenset()


def test_selectors_for_some_files(tmp_path: Path) -> None:
    config = Config(
        root=tmp_path,
        per_file_ignores={"scripts/": ("BD301",), "*_test.py": ("ALL",), "/a.py": ("errors",)},
    )
    assert ignored_for_file(config, "scripts/deep/x_test.py") == ("BD301", "ALL")
    assert ignored_for_file(config, Path("a.py")) == ("errors",)
    assert ignored_for_file(config, "b/a.py") == ()


def test_unknown_selectors_are_told_with_where_they_stand(tmp_path: Path) -> None:
    path = own(
        tmp_path,
        """
        extend-select = ["swallowed-exceptions", "BD2022"]
        ignore = ["boundary"]
        per-file-ignores = { "x.py" = ["bd101"] }
        """,
    )
    config = read(path, ignore=("BD9",))
    expected = "expected a code, prefix, name or family of rules, or ALL, got"
    assert check(config, CATALOG) == [
        f'{path}:2: extend-select: {expected} "swallowed-exceptions" '
        '(did you mean "swallowed-exception"?)',
        f'{path}:2: extend-select: {expected} "BD2022" (did you mean "BD202"?)',
        f'{path}:3: ignore: {expected} "boundary" (did you mean "boundaries"?)',
        f'--ignore: {expected} "BD9"; `bedev-lint rules` lists them',
        f'{path}:4: per-file-ignores."x.py": {expected} "bd101" (did you mean "BD101"?)',
    ]


def test_a_context_that_nothing_asks_for_is_a_slip_of_the_pen(tmp_path: Path) -> None:
    told = loaded(own(tmp_path, '[context.srvice]\nmodules = ["workflows"]\n'))
    assert told == ['1: context.srvice: no rule refers to this context (did you mean "service"?)']
    for text in (
        '[context.service]\nmodules = ["workflows"]\n',
        '[context.services]\nmodules = ["workflows"]\nlayer = 5\n',
        '[context.services]\nmodules = ["workflows"]\n[context.sender]\nunless = ["services"]\n',
        '[context.warehouse]\nmodules = ["stock"]\n',
    ):
        load(own(tmp_path, text).parent)


def test_the_options_of_rules_are_checked(tmp_path: Path) -> None:
    path = own(
        tmp_path,
        """
        [rule]
        swallowed-exeption = {}
        BD101 = {}
        http-in-service = { severity = "warn" }
        swallowed-exception = { narow = true, narrow = 1, names = [1], severity = "info" }
        """,
    )
    assert check(read(path), CATALOG) == [
        f"{path}:3: rule.swallowed-exeption: expected the name of a rule "
        '(did you mean "swallowed-exception"?)',
        f'{path}:4: rule.BD101: expected the name of a rule: "swallowed-exception"',
        f'{path}:5: rule.http-in-service.severity: expected one of "info", "warning", "error", '
        'got "warn" (did you mean "warning"?)',
        f'{path}:6: rule.swallowed-exception.narow: unknown option (did you mean "narrow"?)',
        f"{path}:6: rule.swallowed-exception.narrow: expected true or false, got 1",
        f"{path}:6: rule.swallowed-exception.names: expected an array of str, got an array",
    ]


def test_what_is_wrong_with_file_selectors_and_vocabulary_is_told_at_once(tmp_path: Path) -> None:
    path = own(tmp_path, 'selct = []\nignore = ["BD999"]\nrule.nothing = {}\n')
    with pytest.raises(ConfigError) as caught:
        load(tmp_path)
    told = [problem.removeprefix(f"{path}:").split(": ")[1] for problem in caught.value.problems]
    assert told == ["selct", "ignore", "rule.nothing"]
    own(tmp_path, 'selct = []\nignore = ["BD999"]\ncontext.service = { modul = ["x"] }\n')
    with pytest.raises(ConfigError) as caught:
        load(tmp_path)
    assert ["selct" in caught.value.problems[0], "modul" in caught.value.problems[1]] == [
        True,
        True,
    ]
    assert "BD999" in caught.value.problems[2]


# ------------------------------------------------------------------ what only the catalog can tell


def loaded(path: Path, **overrides: Any) -> list[str]:
    """Return all problems of a configuration and of its rules: row, key, and what is wrong."""
    with pytest.raises(ConfigError) as caught:
        load(path.parent, overrides=overrides)
    return [problem.removeprefix(f"{path}:") for problem in caught.value.problems]


def test_a_bad_regular_expression_is_told_with_its_place(tmp_path: Path) -> None:
    path = own(
        tmp_path,
        """
        [rule.hardcoded-token]
        documented = [
            "ok",
            "(",
        ]
        tokens = { "Shop key" = "shop_[a-z" }
        [rule.hardcoded-credential]
        placeholders = ["*"]
        [context.generated]
        content = ["(?P<"]
        """,
    )
    told = loaded(path)
    assert [problem.split(": bad regular expression")[0] for problem in told] == [
        "11: context.generated.content",
        "3: rule.hardcoded-token.documented",
        '7: rule.hardcoded-token.tokens."Shop key"',
        "9: rule.hardcoded-credential.placeholders",
    ]
    assert told[1].endswith("'(': missing ), unterminated subpattern at position 0")


def test_options_that_are_tables_are_checked(tmp_path: Path) -> None:
    path = own(tmp_path, "rule.hardcoded-token.tokens = { a = 3 }")
    assert loaded(path) == [
        "1: rule.hardcoded-token.tokens: expected a table of str, got a table",
    ]


def test_vocabulary_of_the_configuration_is_told_with_its_place(tmp_path: Path) -> None:
    path = shared(
        tmp_path,
        """
        [tool.bedev-lint.context.workers]
        modul = ["workers"]
        [tool.bedev-lint.context.jobs]
        unless = ["clent"]
        [tool.bedev-lint.type."shop.Api"]
        get = { efect = "http.call" }
        put = { effect = "http.cal" }
        post = { effect = 3 }
        """,
    )
    told = loaded(path)
    under = "tool.bedev-lint"
    assert told[:3] == [
        f'11: {under}.type."shop.Api".get.efect: unknown key (did you mean "effect"?)',
        f'13: {under}.type."shop.Api".post.effect: expected a string or an array, got an integer',
        f'7: {under}.context.workers.modul: unknown key (did you mean "modules"?)',
    ]
    assert told[3].startswith(
        f'12: {under}.type."shop.Api".put.effect: unknown effect "http.cal" '
        '(did you mean "http.call"?); there are: blocking, command.line, '
    )
    assert told[4].startswith(
        f'9: {under}.context.jobs.unless: unknown context "clent" '
        '(did you mean "client"?); there are: '
    )
    assert ", jobs, " in told[4]


def test_contexts_and_effects_that_others_name_are_known_or_told_once(tmp_path: Path) -> None:
    path = own(
        tmp_path,
        """
        [context.workers]
        modul = ["workers"]
        [context.jobs]
        functions = ["job_*"]
        unless = ["workers"]
        within = ["wrkers"]
        itself = ["http.cal"]
        """,
    )
    assert [problem.split(";")[0] for problem in loaded(path)] == [
        '3: context.workers.modul: unknown key (did you mean "modules"?)',
        '7: context.jobs.within: unknown context "wrkers" (did you mean "workers"?)',
        '8: context.jobs.itself: unknown effect "http.cal" (did you mean "http.call"?)',
    ]


def test_what_is_set_and_asked_for_is_of_known_types(tmp_path: Path) -> None:
    path = own(
        tmp_path,
        """
        [type."shop.App"]
        keeps = "yes"
        [type."shop.Box".tell]
        sets = { on = "shop.Bx", named-by = [0], type = "givn" }
        [type."shop.Box".make]
        sets = { on = "shop.Box" }
        [type."shop.Box".ask]
        gets = { named-by = [0], on = "shop.Boxx" }
        """,
    )
    assert [line.partition("; there are: ")[0] for line in loaded(path)] == [
        '3: type."shop.App".keeps: expected true or false, got a string',
        '7: type."shop.Box".make.sets: the key "named-by" is missing',
        '5: type."shop.Box".tell.sets.on: unknown type "shop.Bx" (did you mean "shop.Box"?)',
        '5: type."shop.Box".tell.sets.type: unknown type "givn" (did you mean "given"?)',
        '9: type."shop.Box".ask.gets.on: unknown type "shop.Boxx" (did you mean "shop.Box"?)',
    ]


def test_what_a_rule_names_must_exist(tmp_path: Path) -> None:
    folder = tmp_path / "lint/team"
    folder.mkdir(parents=True)
    text = """
        code = "AC101"
        title = "No HTTP"
        message = "{path}"
        severity = "error"
        default = true
        patterns = ["names"]
        boundary = { effect = "http.call", within = "nope" }
        effect = 3
        names = { x = 3 }
        """
    (folder / "no-http.toml").write_text(text)
    told = loaded(own(tmp_path, 'rules = ["lint"]\n'))
    assert told[:3] == [
        "lint/team/no-http.toml:9: effect: expected a table",
        "lint/team/no-http.toml:10: names.x: expected a string, got an integer",
        'lint/team/no-http.toml:7: patterns: unknown option "names"',
    ]
    assert told[3].startswith(
        'lint/team/no-http.toml:8: boundary.within: unknown context "nope"; there are: '
    )
    (folder / "no-http.toml").write_text(text.replace('"error"', '"err"'))
    severities = "unknown value 'err' (did you mean \"error\"?); there are: info, warning, error"
    assert f"lint/team/no-http.toml:5: severity: {severities}" in loaded(
        own(tmp_path, 'rules = ["lint"]\n')
    )
    (folder / "no-http.toml").write_text(text.split("[", 1)[0].replace("patterns", "# "))
    assert loaded(own(tmp_path, 'rules = ["lint"]\n')) == [
        "lint/team/no-http.toml:1: say what the rule looks for: a table [call], or [boundary]"
    ]
    (folder / "no-http.toml").write_text('code = "AC101"')
    assert loaded(own(tmp_path, 'rules = ["lint"]\n')) == [
        'lint/team/no-http.toml:1: the key "title" is missing'
    ]


@pytest.mark.parametrize(
    ("message", "wrong"),
    [
        ("{path} {caller}", 'unknown field "caller"; there are: effect, function, path'),
        ("{path} {", "expected a text with {fields}: Single '{' encountered in format string"),
    ],
)
def test_the_message_of_a_rule_tells_what_there_is(
    tmp_path: Path, message: str, wrong: str
) -> None:
    (tmp_path / "lint/team").mkdir(parents=True)
    (tmp_path / "lint/team/no-http.toml").write_text(
        f"""
        code = "AC101"
        title = "No HTTP"
        message = "{message}"
        severity = "error"
        default = true
        boundary = {{ effect = "http.call", within = "service" }}
        example = [{{ good = "", options = {{ depth = 3 }} }}]
        """
    )
    assert loaded(own(tmp_path, 'rules = ["lint", ""]\n')) == [
        '1: rules: expected an array of existing folders; there is no ""',
    ]
    assert loaded(own(tmp_path, 'rules = ["lint"]\n')) == [
        'lint/team/no-http.toml:8: example: unknown option "depth"; there are: severity',
        f"lint/team/no-http.toml:4: message: {wrong}",
    ]


def test_a_new_context_that_no_rule_names_is_no_mistake(tmp_path: Path) -> None:
    own(tmp_path, 'context.jobs.modules = ["jobs"]')
    assert load(tmp_path)[1].contexts["jobs"].modules == ("jobs",)


@pytest.mark.parametrize("pattern", ["[", "a[b", "[!]", "[]", "", "# note", "!", r"a\[b["])
def test_a_glob_that_can_match_nothing(tmp_path: Path, pattern: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load_config(tmp_path, None, True, {"extend_exclude": ("ok", pattern)})
    assert caught.value.problems == (f'--extend-exclude: expected a glob, got "{pattern}"',)


@pytest.mark.parametrize("pattern", ["a[b]", "[!a]*", "[]]", r"a\[b", "**/x/", "!x", r"[\]]"])
def test_a_glob(tmp_path: Path, pattern: str) -> None:
    config = load_config(tmp_path, None, True, {"extend_exclude": (pattern,)})
    assert config.extend_exclude == (pattern,)


def test_what_is_left_out_and_globs_that_match_nothing_are_told_with_v(tmp_path: Path) -> None:
    root = write(
        tmp_path,
        {
            "bedev-lint.toml": """
                extend-exclude = ["old/", "!old/kept", "gone.py", "./shop/deep/*.py", "nowhere/**"]
                per-file-ignores = { "shop/*.py" = ["BD101"], "lib/**" = ["BD301"] }
            """,
            ".gitignore": "local.py\n",
            "shop/cart.py": "x = 1\n",
            "shop/local.py": "x = 1\n",
            "shop/deep/one.py": "x = 1\n",
            "old/cart.py": "x = 1\n",
            "dist/shop/cart.py": "x = 1\n",
            "tests/test_cart.py": "x = 1\n",
        },
    )
    file = root / "bedev-lint.toml"
    no_code = "matches no folder and no Python file"
    expected = [
        "files: 1 checked, 0 could not be checked, 1 left out: 1 test",
        "analysed: 1",
        "not looked at: 2 excluded, 1 ignored by git",
        f"not looked at, an environment or what a build has made: {root / 'dist'}",
        f"{file}:2: extend-exclude: !old/kept {no_code}",
        f"{file}:2: extend-exclude: gone.py {no_code}",
        f"{file}:2: extend-exclude: nowhere/** {no_code}",
        f"--extend-exclude: no/such {no_code}",
        f"{file}:3: per-file-ignores: lib/** matches no Python file",
    ]
    result = run(root, "-v", "--extend-exclude", "no/such")
    assert result.stderr.splitlines()[2:-1] == expected
    assert run(root, "--extend-exclude", "no/such").stderr == ""
