"""What it costs to read the relations of rows, as attributes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from msgspec.structs import replace

from bedev_lint.model import Attr
from bedev_lint.program.effects.kinds import EffectSource, SiteVisit
from bedev_lint.program.effects.loading import Loading
from bedev_lint.program.effects.loop_targets import values_within_loops
from bedev_lint.program.effects.way_back import classes_of
from bedev_lint.program.resolve import Resolver
from bedev_lint.program.resolve.along import without_others
from bedev_lint.program.resolve.relations import Relation
from bedev_lint.program.structure.project import Project
from bedev_lint.program.structure.values import ClassRef, Object, label_of

__all__ = ["RelationReads"]

# How rows came that may have to load their relations, and those that have what they have one of.
_PERHAPS_LAZY = ("lazy", "related", "own", "unknown")
_JOINED = ("joined", "loaded")


class RelationReads:
    """Says what reading an attribute costs that is a relation of a row: `relations` by name."""

    def __init__(
        self,
        project: Project,
        resolver: Resolver,
        loading: Loading,
        relations: Mapping[str, Sequence[Relation]],
    ) -> None:
        self._project, self._resolver, self._loading = project, resolver, loading
        self._relations = relations

    def sources(self, func: Attr, visit: SiteVisit) -> Iterator[EffectSource]:
        """Return what a site does that reads a relation of a row which came without it."""
        if self._loading.is_read_first(func, visit):
            yield from self._of_element(func, visit)
        elif parameter := self._loading.parameter_read(func, visit):
            yield from self._of_parameter(func, parameter, visit)

    def _of_element(self, func: Attr, visit: SiteVisit) -> Iterator[EffectSource]:
        """Return what is read of an element of a loop, or of the method's own object."""
        found = values_within_loops(self._resolver, func.base, visit)
        values = without_others(found, func.name)
        # A manager of their own may give the rows of another row, too.
        is_joined = any(isinstance(v, Object) and v.loading in _JOINED for v in values)
        for value in values:
            if not isinstance(value, Object) or value.loading not in _PERHAPS_LAZY:
                continue
            if is_joined and (value.loading in ("own", "unknown") or value not in found):
                continue
            own, of_itself = value.loading == "own", self._loading.is_itself(func.base, visit)
            if (of_itself and not own) or self._loading.way_back.comes_back(func, value, visit):
                continue
            loaded = own and (of_itself or self._loading.is_loaded_along(func, visit))
            certain = value.certain and not (
                value.loading == "unknown" and self._loading.may_have_come_along(func, visit)
            )
            made = EffectSource(
                visit.index, "", "", certain, once=of_itself, own=own, loaded=loaded
            )
            yield from self._of_row(value, func.name, made)

    def _of_parameter(self, func: Attr, parameter: str, visit: SiteVisit) -> Iterator[EffectSource]:
        """Return what is read of a parameter: the calls say how its row came, and perhaps which."""
        made = EffectSource(visit.index, "", "", row=f"{parameter}.{func.name}")
        values = self._resolver.evaluate(func.base, visit.ref)
        for value in values:
            if isinstance(value, Object):
                yield from self._of_row(value, func.name, replace(made, certain=value.certain))
        if not values:
            yield from self._of_any_row(func.name, made)

    def _of_row(self, row: Object, name: str, made: EffectSource) -> Iterator[EffectSource]:
        """Return what reading an attribute of a row does, if a class of it has the relation."""
        title = label_of(row) if isinstance(row.of, str) else self._project.class_(row.of).name
        above: set[ClassRef | str] = classes_of(row, self._resolver)
        for relation in self._relations[name]:
            if relation.owner in above:
                for effect in relation.lazy:
                    yield replace(made, effect=effect, label=f"{title}.{name}")

    def _of_any_row(self, name: str, made: EffectSource) -> Iterator[EffectSource]:
        """Return what reading an attribute does of a row of whatever class has the relation."""
        relations = self._relations[name]
        owners = [one.owner for one in relations if isinstance(one.owner, ClassRef)]
        label = (
            f"{self._project.class_(owners[0]).name}.{name}"
            if len(relations) == 1 == len(owners)
            else name
        )
        for effect in sorted({effect for one in relations for effect in one.lazy}):
            yield replace(made, effect=effect, label=label)
