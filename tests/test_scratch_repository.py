"""A repository brings its own type, effect, context and rule, in TOML alone."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from scratch import functions, lint, run, write

WORDS = """
[effect."mail.send"]
title = "a mail that leaves the house"

[type."acme_mail.Mailer"]
send = { effect = "mail.send" }
draft = { returns = "acme_mail.Draft" }

[type."acme_mail.Draft"]
deliver = { effect = "mail.send" }

[type."acme_mail"]
connect = { returns = "acme_mail.Mailer" }

[context.report]
modules = ["reports"]
classes = ["*Report"]

[context.outbox]
modules = ["outbox"]
"""

RULE = """
code     = "AC101"
title    = "A report sends mail"
message  = "{function} sends mail: {path}"
severity = "warning"
default  = true
rule     = "whoever looks at a report sends nothing"
why      = "Reports are built for previews too."
help     = "Return the report, and let the outbox send it."

[boundary]
effect = "mail.send"
within = "report"
behind = ["outbox"]
"""

FILES = {
    "pyproject.toml": '[project]\nname = "acme"\n\n[tool.bedev-lint]\nrules = ["lint"]\n',
    "lint/vocabulary/mail.toml": WORDS,
    "lint/layers/mail-in-report.toml": RULE,
    "src/acme/__init__.py": "",
    "src/acme/reports.py": """
from acme.summary import Summary

def monthly(orders):
    return Summary(orders).finish()
""",
    "src/acme/summary.py": """
from acme import notes

class Base:
    def finish(self):
        return self.tell()

class Summary(Base):
    def __init__(self, orders):
        self.orders = orders

    def tell(self):
        return notes.note(len(self.orders))
""",
    "src/acme/notes.py": """
import acme_mail

mailer = acme_mail.connect()

def note(text):
    mailer.draft().deliver()
""",
}


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with words and a rule of its own, which its code breaks."""
    return write(tmp_path, FILES)


def test_it_gets_a_finding_with_its_path(repository: Path) -> None:
    (found,) = lint(repository, "src")
    assert (found["code"], found["name"]) == ("AC101", "mail-in-report")
    assert (found["severity"], found["confidence"]) == ("warning", "certain")
    assert found["filename"] == str(repository / "src/acme/reports.py")
    assert found["location"] == {"row": 5, "column": 12}
    assert functions(found) == [
        "acme.reports.monthly",
        "acme.summary.Base.finish",
        "acme.summary.Summary.tell",
        "acme.notes.note",
        "Draft.deliver",
    ]
    assert [Path(hop["filename"]).name for hop in found["path"]] == [
        *("reports.py", "summary.py", "summary.py", "notes.py", "notes.py")
    ]
    assert found["message"] == (
        "reports.monthly sends mail: "
        "reports.monthly → Base.finish → Summary.tell → notes.note → Draft.deliver"
    )


def test_for_people_the_path_stands_a_hop_a_line(repository: Path) -> None:
    result = run(repository, "src")
    assert result.exit_code == 1
    lines = result.stdout.splitlines()
    assert lines[0] == "src/acme/reports.py:5:12: AC101 mail-in-report (warning)"
    at = lines.index("  path:")
    assert [line.split()[-1] for line in lines[at + 1 : at + 6]] == [
        "src/acme/reports.py:5:12",
        "src/acme/summary.py:6:16",
        "src/acme/summary.py:13:16",
        "src/acme/notes.py:7:5",
        "src/acme/notes.py:7:5",
    ]


def test_a_context_behind_which_it_may_happen(repository: Path) -> None:
    notes = repository / "src/acme/notes.py"
    notes.rename(repository / "src/acme/outbox.py")
    summary = repository / "src/acme/summary.py"
    summary.write_text(summary.read_text().replace("notes", "outbox"))
    assert lint(repository) == []


def test_its_words_serve_the_rules_that_are_built_in(repository: Path) -> None:
    write(
        repository,
        {
            "lint/vocabulary/http.toml": '[type.acme_http]\nfetch = { effect = "http.call" }\n',
            "src/acme/services.py": "import acme_http\n\ndef go():\n    acme_http.fetch('/')\n",
        },
    )
    assert [found["code"] for found in lint(repository)] == ["AC101", "BD202"]


def test_words_in_the_configuration_itself(tmp_path: Path) -> None:
    files = {
        "bedev-lint.toml": '[type.acme_http]\nfetch = { effect = "http.call" }\n'
        '[context.service]\nmodules = ["workflows"]\n',
        "workflows.py": "import acme_http\n\ndef go():\n    acme_http.fetch('/')\n",
        "services.py": "import acme_http\n\ndef go():\n    acme_http.fetch('/')\n",
    }
    found = lint(write(tmp_path, files))
    assert [(Path(one["filename"]).name, one["code"]) for one in found] == [
        ("services.py", "BD202"),
        ("workflows.py", "BD202"),
    ]


SERVICE = "import requests\n\ndef go():\n    requests.get('/', timeout=10)\n"
RETURNS = '[type."requests"]\nget = { returns = "requests.Response"REPLACE }\n'


@pytest.mark.parametrize(("words", "codes"), [("", ["BD202"]), (", replace = true", [])])
def test_words_add_to_ours_unless_they_replace_them(
    words: str, codes: list[str], tmp_path: Path
) -> None:
    files = {"bedev-lint.toml": RETURNS.replace("REPLACE", words), "services.py": SERVICE}
    assert [found["code"] for found in lint(write(tmp_path, files))] == codes


def test_one_vocabulary_says_each_member_once(tmp_path: Path) -> None:
    member = '{ effect = "http.call" }'
    files = {
        "bedev-lint.toml": f'rules = ["lint"]\n[type.acme_http]\nfetch = {member}\n',
        "lint/words/http.toml": f'[type.acme_http]\nsend = {member}\n"fetch, send" = {member}\n',
    }
    result = run(write(tmp_path, files), "check", ".")
    assert result.exit_code == 2
    assert '"send" is said twice, also in lint/words/http.toml:2' in result.stderr
    assert '"fetch" is said twice, also in lint/words/http.toml:3' in result.stderr


def test_options_that_rules_share_are_said_once_and_are_there(tmp_path: Path) -> None:
    files = {
        "bedev-lint.toml": 'rules = ["lint"]\n',
        "lint/words.toml": '[option-set.secrets]\nsecret-words = ["kennwort"]\n',
        "lint/shop/shop-rule.toml": 'code = "SH101"\ntitle = "x"\nmessage = "x"\ndefault = true\n'
        'severity = "error"\noption-sets = ["secret"]\n',
    }
    result = run(write(tmp_path, files), "check", ".")
    assert result.exit_code == 2
    assert '"secrets" is said twice, also in rules/vocabulary/secrets.toml' in result.stderr
    assert 'unknown option set "secret" (did you mean "secrets"?)' in result.stderr


@pytest.mark.parametrize(
    "settings",
    [
        'extend-exclude = ["./shop/old.py"]',
        'extend-exclude = ["{root}/shop/old.py"]',
        'extend-exclude = ["/shop/*.py", "!./shop/new.py"]',
        '[per-file-ignores]\n"./shop/old.py" = ["BD301"]',
        '[per-file-ignores]\n"{root}/shop/old.py" = ["BD301"]',
    ],
)
def test_globs_are_the_paths_that_they_look_like(settings: str, tmp_path: Path) -> None:
    root, url = tmp_path.resolve(), 'RATES = "https://rates.internal/v1"\n'
    names = ["deep/shop/old.py", "shop/new.py", "shop/old.py"]
    files = {"bedev-lint.toml": settings.format(root=root), **dict.fromkeys(names, url)}
    found = lint(write(root, files))
    assert [Path(one["filename"]).relative_to(root).as_posix() for one in found] == names[:2]


def test_the_rule_is_one_like_all_others(repository: Path) -> None:
    assert lint(repository, "--ignore", "AC101") == []
    assert lint(repository, "--select", "BD") == []
    assert len(lint(repository, "--select", "mail-in-report")) == 1
    assert len(lint(repository, "--select", "layers")) == 1
    assert "AC101  mail-in-report" in run(repository, "rules").stdout
    assert "A report sends mail" in run(repository, "explain", "AC101").stdout
    with (repository / "pyproject.toml").open("a") as file:
        file.write('[tool.bedev-lint.rule.mail-in-report]\nseverity = "error"\n')
    (found,) = lint(repository)
    assert found["severity"] == "error"


@pytest.mark.parametrize("name", ["reports.py", "summary.py", "notes.py"])
def test_a_comment_on_any_hop_silences_it(repository: Path, name: str) -> None:
    path = repository / "src/acme" / name
    lines = path.read_text().splitlines()
    row = {"reports.py": 4, "summary.py": 5, "notes.py": 6}[name]
    lines[row] += "  # bedev: ignore[AC101] -- agreed with the post office"
    path.write_text("\n".join(lines) + "\n")
    assert lint(repository) == []


@pytest.mark.parametrize(
    ("name", "before", "after", "told"),
    [
        (
            "lint/layers/mail-in-report.toml",
            'effect = "mail.send"',
            'effect = "mail.sent"',
            'lint/layers/mail-in-report.toml:12: .*"mail.sent".*did you mean "mail.send"',
        ),
        (
            "lint/layers/mail-in-report.toml",
            'within = "report"',
            'within = "reports"',
            'lint/layers/mail-in-report.toml:13: .*"reports".*did you mean "report"',
        ),
        (
            "lint/layers/mail-in-report.toml",
            "help ",
            "hepl ",
            'lint/layers/mail-in-report.toml:9: hepl: unknown key .*did you mean "help"',
        ),
        (
            "lint/layers/mail-in-report.toml",
            "AC101",
            "BD101",
            "lint/layers/mail-in-report.toml:2: .*taken",
        ),
        (
            "lint/vocabulary/mail.toml",
            'draft = { returns = "acme_mail.Draft" }',
            'draft = { retruns = "acme_mail.Draft" }',
            'lint/vocabulary/mail.toml:7: .*draft.retruns: unknown key .*did you mean "returns"',
        ),
        (
            "lint/vocabulary/mail.toml",
            'returns = "acme_mail.Mailer"',
            'returns = "acme_mail.Mailr"',
            'lint/vocabulary/mail.toml:13: .*"acme_mail.Mailr"',
        ),
        (
            "lint/layers/mail-in-report.toml",
            'behind = ["outbox"]\n',
            'behind = ["outbox"]\n\n[[example]]\nbad = "print(1)  # error: AC101"\n',
            "lint/layers/mail-in-report.toml:16: example 1: app.py:1 should be AC101, and is not",
        ),
    ],
)
def test_what_is_wrong_is_an_error_that_names_the_place(
    repository: Path, name: str, before: str, after: str, told: str
) -> None:
    path = repository / name
    text = path.read_text()
    assert before in text
    path.write_text(text.replace(before, after, 1))
    result = run(repository)
    assert (result.exit_code, result.stdout) == (2, "")
    assert re.search(told, result.stderr), result.stderr
