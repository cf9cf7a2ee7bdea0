"""JSON Schemas of what people write in TOML, made of the structs that it is read with.

They are of draft 7, and laid out as SchemaStore wants them.
"""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec

from bedev_lint.catalog import Catalog, Rule, comments_on_options
from bedev_lint.catalog.contexts import Context
from bedev_lint.catalog.reading import PLACED
from bedev_lint.catalog.routing import Resource, Route, Router
from bedev_lint.catalog.vocabulary import Effect, MemberSpec, TypeKeys
from bedev_lint.settings.config import Settings

__all__ = ["as_json", "of_rules", "of_settings"]

Schema = dict[str, Any]

_DRAFT = "http://json-schema.org/draft-07/schema#"
_ID = "https://json.schemastore.org/{}.json"  # bedev: ignore[BD301] -- only a name
# A key that a docstring describes on a row of its own.
_KEY = re.compile(r"([a-z-]+) {2,}(\S.*)")


def as_json(schema: Schema) -> str:
    """Return a schema as the text of a file."""
    return json.dumps(schema, indent=2) + "\n"


def of_settings(catalog: Catalog) -> Schema:
    """Return the schema of `bedev-lint.toml`, which is that of `[tool.bedev-lint]` too."""
    definitions = _definitions(Settings, Context, MemberSpec, TypeKeys)
    settings = definitions.pop("Settings")
    properties = settings["properties"]
    for key in ("select", "ignore", "extend-select"):
        properties[key]["items"] = _ref("Selector")
    properties["per-file-ignores"]["additionalProperties"]["items"] = _ref("Selector")
    rules = {rule.name: _options(rule) for rule in catalog.rules.values()}
    properties["rule"] |= {"properties": rules, "additionalProperties": {"type": "object"}}
    properties["context"]["additionalProperties"] = _ref("Context")
    properties["type"]["additionalProperties"] = _type(definitions)
    definitions["Selector"] = {
        "description": "a code, prefix, name or family of rules, or ALL",
        "anyOf": [{"enum": [*_selectors(catalog.rules.values()), "ALL"]}, {"type": "string"}],
    }
    return {
        "$schema": _DRAFT,
        "$id": _ID.format("bedev-lint"),
        "title": "bedev-lint",
        "description": "Configuration of bedev-lint, a linter for Python backends",
        "type": "object",
        "additionalProperties": False,
        "definitions": dict(sorted(definitions.items())),
        "properties": dict(sorted(properties.items())),
    }


def of_rules() -> Schema:
    """Return the schema of a file that holds a rule, vocabulary, or both."""
    definitions = _definitions(Rule, Context, Effect, MemberSpec, Resource, Route, Router, TypeKeys)
    rule = definitions.pop("Rule")
    vocabulary = {
        "context": _table(_ref("Context"), "what code is which context"),
        "effect": _table(_ref("Effect"), "effects that types may have and rules may forbid"),
        "option-set": _table({"type": "object"}, "options that rules share"),
        "names": _table(
            {"type": "string"},
            "types of names, where nothing else tells them: `session`; as an attribute only, "
            "`.objects`; of what a method gives that is called with a keyword like this, "
            "`.filter(?*__in)`",
        ),
        "route": _table(_ref("Route"), "calls that say which function answers a path"),
        "router": _table(_ref("Router"), "types whose objects hold routes"),
        "resource": _table(_ref("Resource"), "how the actions of a class are known"),
        "type": _table(_type(definitions), "what the members of types do and return"),
    }
    own = {key: value for key, value in rule["properties"].items() if key not in PLACED}
    return {
        "$schema": _DRAFT,
        "$id": _ID.format("bedev-lint-rule"),
        "title": "bedev-lint rule",
        "description": "A rule of bedev-lint, or vocabulary for rules",
        "type": "object",
        "additionalProperties": False,
        "definitions": dict(sorted(definitions.items())),
        "properties": dict(sorted((own | vocabulary).items())),
        "dependencies": dict.fromkeys(own, rule["required"]),
    }


def _selectors(rules: Iterable[Rule]) -> list[str]:
    rules = list(rules)
    return [
        *sorted(rule.code for rule in rules),
        *sorted({rule.name for rule in rules} | {rule.family for rule in rules}),
    ]


# ------------------------------------------------------------------ of structs


def _definitions(*kinds: type) -> dict[str, Schema]:
    """Return the schemas of these structs, and of all that they hold, by name."""
    _, components = msgspec.json.schema_components(
        kinds, schema_hook=_hook, ref_template="#/definitions/{name}"
    )
    described = {kind.__name__: kind for kind in kinds}
    for name, schema in components.items():
        if name in described:
            _describe(schema, inspect.getdoc(described[name]) or "")
    return {name: _plain(schema) for name, schema in components.items()}


def _hook(kind: type) -> Schema:
    """Return the schema of what msgspec does not know."""
    if kind is not Path:
        raise NotImplementedError
    return {"type": "string", "minLength": 1}


def _describe(schema: Schema, docstring: str) -> None:
    """Give each property the description that its docstring has for it."""
    key, texts = "", dict[str, list[str]]()
    for line in docstring.splitlines():
        match = _KEY.fullmatch(line)
        if match is not None:
            key = match[1]
            texts[key] = [match[2]]
        elif key and line.startswith("  "):
            texts[key].append(line.strip())
        else:
            key = ""
    for name, lines in texts.items():
        schema["properties"][name]["description"] = " ".join(lines)


def _plain(schema: Any) -> Any:
    """Return a schema as TOML and draft 7 have it: no null, and nothing beside a reference."""
    if isinstance(schema, list):
        return [_plain(inner) for inner in schema]
    if not isinstance(schema, dict):
        return schema
    made = {key: _plain(value) for key, value in schema.items() if key != "properties"}
    if "properties" in schema:
        made["properties"] = {name: _plain(inner) for name, inner in schema["properties"].items()}
    if made.get("default", 0) in (None, "", [], (), {}):
        del made["default"]
    if "description" in made:
        made["description"] = made["description"].partition("\n")[0]
    kinds = [kind for kind in made.pop("anyOf", []) if kind != {"type": "null"}]
    if len(kinds) == 1:
        made |= kinds[0]
    elif kinds:
        made["anyOf"] = kinds
    if "$ref" in made and len(made) > 1:
        made["allOf"] = [{"$ref": made.pop("$ref")}]
    return made


def _ref(name: str) -> Schema:
    return {"$ref": f"#/definitions/{name}"}


def _table(entries: Schema, description: str) -> Schema:
    return {"description": description, "type": "object", "additionalProperties": entries}


def _type(definitions: dict[str, Schema]) -> Schema:
    """Return the schema of a type: what is said of all of it, and of each member."""
    keys = definitions.pop("TypeKeys", None)
    if keys is not None:
        definitions["Type"] = {
            "description": "what a type, or a module, does and returns",
            "type": "object",
            "properties": keys["properties"],
            "additionalProperties": _ref("MemberSpec"),
        }
    return _ref("Type")


# ------------------------------------------------------------------ of options


def _options(rule: Rule) -> Schema:
    comments = comments_on_options(rule)
    properties = {
        key: _of_value(value) | _described(comments[key]) for key, value in rule.options.items()
    }
    severity = {"description": "severity of its findings", "enum": ["info", "warning", "error"]}
    return {
        "title": rule.code,
        "description": rule.title,
        "type": "object",
        "properties": {**properties, "severity": severity},
        "additionalProperties": False,
    }


def _described(comment: str) -> Schema:
    return {"description": comment.replace("\n", " ")} if comment else {}


def _of_value(value: Any) -> Schema:
    """Return the schema of an option, given what it is by default."""
    if isinstance(value, dict):
        return {"type": "object", "additionalProperties": _of_values(list(value.values()))}
    if isinstance(value, list):
        return {"type": "array", "items": _of_values(value)}
    kinds = {bool: "boolean", int: "integer", float: "number", str: "string"}
    kind = {"type": kinds[type(value)]}
    return kind | {"default": value} if isinstance(value, (bool, int, float)) else kind


def _of_values(values: list[Any]) -> Schema:
    kinds = {_of_value(value)["type"] for value in values} or {"string"}
    return {"type": kinds.pop() if len(kinds) == 1 else sorted(kinds)}
