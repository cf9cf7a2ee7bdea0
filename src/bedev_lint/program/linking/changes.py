"""What is different between two states of a program, as whoever looks at it notes what is read."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from itertools import zip_longest
from typing import NamedTuple, TypeVar

import msgspec

from bedev_lint.cache.kept import Unusable
from bedev_lint.catalog import Catalog
from bedev_lint.model import FunctionFacts, ModuleFacts
from bedev_lint.program.resolve.relations import makers
from bedev_lint.program.structure.dependencies import Dependencies
from bedev_lint.program.structure.module import ModuleSource, Unit, first_calls, last_part
from bedev_lint.program.structure.module_index import Index
from bedev_lint.program.structure.name_index import Names
from bedev_lint.program.structure.values import ClassRef, FunctionRef
from bedev_lint.program.structure.vocabulary import Vocabulary

__all__ = ["Compared", "compared"]

T = TypeVar("T")
Units = Mapping[int, Unit]

# A module that is not there is one with nothing but its own, empty, code.
_NO_FACTS = ModuleFacts("", False, (FunctionFacts("", "", -1, -1),), (), ())
_NO_UNIT = Unit(-1, "", ModuleSource("", False, b""), lambda _: msgspec.msgpack.encode(_NO_FACTS))


class Compared(NamedTuple):
    """What has changed, and the names that have come to matter to all modules, or do so no more."""

    changes: Dependencies
    turned: frozenset[str]


def compared(
    old: Units, new: Units, others: Collection[int], names: Names, catalog: Catalog
) -> Compared:
    """Compare the modules of a program with what they were: all are the same but these `others`.

    The names are put right for it. Raises Unusable where they speak of modules that are not there.
    """
    changes, turned = Dependencies(), set[str]()
    for module in sorted(others):
        _compare(module, old.get(module, _NO_UNIT), new.get(module, _NO_UNIT), changes)
    calls = {name: _first_calls(name, old, names) for name in changes.calls}
    relating_names = Vocabulary.of(catalog).relating_names
    made = makers(names, lambda module: _names_of(module, old), relating_names)
    for module in sorted(others):
        was, is_ = old.get(module, _NO_UNIT).names, new.get(module, _NO_UNIT).names
        turned_entries = names.replace(module, was, is_)
        turned |= {name for table, name in turned_entries if table in ("defined", "properties")}
        changes.loading |= {name for table, name in turned_entries if table == "loading"}
    turned |= made ^ makers(names, lambda module: _names_of(module, new), relating_names)
    changes.calls = {name for name in calls if calls[name] != _first_calls(name, new, names)}
    for module in old.keys() ^ new.keys():
        _note_module(old.get(module) or new[module], {**old, **new}, changes)
    changes.modules.update(map(last_part, _packages(old) ^ _packages(new)))
    return Compared(changes, frozenset(turned))


def _first_calls(name: str, units: Units, names: Names) -> list[tuple[FunctionRef, int]]:
    modules = names.modules("calls", name)
    return first_calls(name, ((module, _names_of(module, units)) for module in modules))


def _names_of(module: int, units: Units) -> Index:
    """Return the index of a module. Raises Unusable: what was kept of it has been lost."""
    unit = units.get(module)
    if unit is None:
        raise Unusable
    return unit.names


def _packages(units: Units) -> set[str]:
    """Return the dotted names that modules lie below."""
    return {prefix for unit in units.values() for prefix in unit.prefixes}


def _note_module(unit: Unit, units: Units, changes: Dependencies) -> None:
    """Note that a module has come or gone: an import may lead elsewhere."""
    changes.modules.update(map(last_part, (unit.name, unit.path_name)))
    folder, _, file = unit.path.rpartition("/")
    if file == "__init__.py":  # in a package, no neighbour is imported by its bare name
        around = (other.path_name for other in units.values())
        changes.modules.update(
            last_part(name) for name in around if name.startswith(folder.replace("/", "."))
        )


def _compare(module: int, old: Unit, new: Unit, changes: Dependencies) -> None:
    """Note what is different in a module."""
    functions = enumerate(zip_longest(old.facts.functions, new.facts.functions))
    changes.functions |= {FunctionRef(module, index) for index, (a, b) in functions if a != b}
    classes = enumerate(zip_longest(old.facts.classes, new.facts.classes))
    changes.classes |= {ClassRef(module, index) for index, (a, b) in classes if a != b}
    changes.attributes |= {
        ClassRef(module, cls) for cls in _different(old.attributes, new.attributes)
    }
    own = zip_longest(old.facts.functions[0].sites, new.facts.functions[0].sites)
    changes.sites |= {(module, index) for index, (a, b) in enumerate(own) if a != b}
    bound = _different(old.bindings[0], new.bindings[0])
    bound |= _different(old.globals, new.globals)
    bound |= _different(old.imports.get(0, {}), new.imports.get(0, {}))
    importing = _different(old.imports, new.imports)
    changes.functions |= {FunctionRef(module, function) for function in importing if function}
    changes.bound |= {(module, name) for name in bound}
    changes.calls |= _different(old.names.calls, new.names.calls)
    changes.methods |= _different(old.names.methods, new.names.methods)
    changes.named |= _different(old.names.classes, new.names.classes)
    changes.starred |= {*old.names.starred} ^ {*new.names.starred}


def _different(old: Mapping[T, object], new: Mapping[T, object]) -> set[T]:
    return {key for key in {*old, *new} if old.get(key) != new.get(key)}
