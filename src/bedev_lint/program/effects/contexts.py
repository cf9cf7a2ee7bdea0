"""Which functions, and which places in them, belong to the contexts of the catalog."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from bedev_lint.catalog import Catalog, Context, Phrase
from bedev_lint.model import Attr, Expr, FunctionFacts, Item, Name, Param, Result
from bedev_lint.names import any_match, any_path, words
from bedev_lint.program.effects.callgraph import CallGraph
from bedev_lint.program.effects.context_classes import ContextClasses
from bedev_lint.program.effects.phrases import matches_phrase
from bedev_lint.program.resolve import Resolver
from bedev_lint.program.resolve.dotted_names import Naming
from bedev_lint.program.structure.project import Project
from bedev_lint.program.structure.values import ClassRef, FunctionRef, ProjectFunction, Values

__all__ = ["Contexts"]


class Contexts:
    """Answers whether a function is in a context; regions are answered by `Effects`."""

    def __init__(
        self, project: Project, catalog: Catalog, resolver: Resolver, graph: CallGraph
    ) -> None:
        self._project, self._catalog, self._resolver = project, catalog, resolver
        self._graph = graph
        self._classes = ContextClasses(project, resolver, graph)
        self._naming = Naming(project, resolver)
        self._holds: dict[tuple[FunctionRef, str], bool] = {}

    def holds(self, ref: FunctionRef, name: str) -> bool:
        """Return whether a function, or one that it is nested in, is in a context."""
        key = (ref, name)
        if key not in self._holds:
            self._holds[key] = self._compute(ref, name)
        return self._holds[key]

    def any_holds(self, ref: FunctionRef, names: Iterable[str]) -> bool:
        return any(self.holds(ref, name) for name in names)

    def class_holds(self, ref: ClassRef | None, names: Iterable[str]) -> bool:
        """Return whether a class is in one of these contexts, whatever it inherits and does."""
        contexts = (self._catalog.contexts[name] for name in names)
        return ref is not None and any(
            self._is_in_modules(ref.module, context) or self._classes.matches(ref, context)
            for context in contexts
            if not context.not_doing
        )

    def _compute(self, ref: FunctionRef, name: str) -> bool:
        context = self._catalog.contexts[name]
        return (
            self._belongs(ref, context, name)
            and not self.any_holds(ref, context.unless)
            and (not context.within or self.any_holds(ref, context.within))
            and self._does_as_said(ref, context)
        )

    def _belongs(self, ref: FunctionRef, context: Context, name: str) -> bool:
        """Return whether a function matches a context itself, or one that it is nested in does."""
        if self._matches(ref, context):
            if context.whole or self._does_itself(ref, context):
                return True
        facts = self._project.function(ref)
        # A function inside an `async def` is not one itself; a coroutine inside a start-up may be
        # a task that goes on after it, which its callers tell.
        if facts.parent > 0 and not context.region and not (context.spreads and facts.is_async):
            return self.holds(self._project.around(ref), name)
        return False

    def _does_as_said(self, ref: FunctionRef, context: Context) -> bool:
        """Return whether a function, or the whole that it is a part of, does as a context says."""
        if not context.whole:
            return self._does_none(ref, context)
        whole = list(self._whole(ref))
        doing = (one for one in whole if self._does_itself(one, context))
        return len(list(islice(doing, context.at_least))) == context.at_least and all(
            self._does_none(one, context) for one in whole
        )

    def _does_none(self, ref: FunctionRef, context: Context) -> bool:
        """Return whether a function does nothing that a context does not want."""
        return not (context.not_doing and self._graph.comes_to(ref, context.not_doing))

    def _whole(self, ref: FunctionRef) -> Iterator[FunctionRef]:
        """Return the methods of the class of a function, inherited too, or the functions beside it.

        What is defined in another function is a part of the same.
        """
        facts = self._project.function(ref)
        if facts.parent > 0:
            yield from self._whole(self._project.around(ref))
        elif facts.owner >= 0:
            for above, _ in self._resolver.hierarchy.mro(ClassRef(ref.module, facts.owner)):
                if isinstance(above, ClassRef):
                    methods = self._project.class_(above).methods.values()
                    yield from (FunctionRef(above.module, method) for method in methods)
        else:
            yield from (
                other
                for other, beside in self._project.functions(ref.module)
                if beside.owner < 0 and beside.parent <= 0 and other.function > 0
            )

    def _does_itself(self, ref: FunctionRef, context: Context) -> bool:
        """Return whether a function's own body has what a context asks of it, if it asks for any.

        By a call with one of its keywords, if it names some.
        """
        return not context.itself or any(
            source.effect in context.itself
            and (not context.calling_with or self._is_given(ref, source.site, context.calling_with))
            for source in self._graph.does(ref).sources
        )

    def _is_given(self, ref: FunctionRef, site: int, keywords: tuple[str, ...]) -> bool:
        """Return whether a call is given an argument by one of these keywords."""
        return site >= 0 and any(
            name in keywords for name, _ in self._project.site(ref, site).keywords
        )

    def _matches(self, ref: FunctionRef, context: Context) -> bool:
        facts = self._project.function(ref)
        if context.not_words and not context.not_words.isdisjoint(words(facts.name)):
            return False
        if context.first_parameter and context.first_parameter not in _first_parameters(facts):
            return False
        if context.only_parameters and not _has_only_parameters(facts, context.only_parameters):
            return False
        if context.region == "async":
            return facts.is_async
        return (
            (self._is_in_modules(ref.module, context) and self._counts_there(ref, facts, context))
            or any_match((facts.name,), context.functions)
            or _has_parameters(facts, context.parameters)
            or self._follows(ref, facts, context.phrase)
            or self._classes.around(ref, context)
            or self._classes.is_one_of_alike(facts, ref, context)
            or self._classes.decorated(facts.decorators, ref, context)
            or self._is_decorated_for(ref, context.decorated_for)
            or self._has_parameter_of(ref, context.parameter_of)
            or (context.module_code and ref.function == 0)
            or (context.started and self._is_started(ref.module))
            or (context.spreads and self._is_of_files(ref.module, context))
            or self._is_handed_to(ref, context.handed_to)
        )

    def _follows(self, ref: FunctionRef, facts: FunctionFacts, phrase: Phrase | None) -> bool:
        """Return whether a function's name follows the grammar of a phrase, if there is one."""
        if phrase is None:
            return False
        around = [self._project.name(ref.module)]
        if facts.owner >= 0:
            around.append(self._project.class_(ClassRef(ref.module, facts.owner)).name)
        return matches_phrase(facts.name, phrase, around, facts, gives=_gives(facts))

    def _counts_there(self, ref: FunctionRef, facts: FunctionFacts, context: Context) -> bool:
        """Return whether what a function is in a module of a context for is so of it as well."""
        return (_gives(facts) or not context.giving) and not (
            context.not_started and self._is_started(ref.module)
        )

    def _is_in_modules(self, module: int, context: Context) -> bool:
        parts = self._project.name(module).split(".")
        return any_match(parts, context.modules) or any_match(
            parts[1:] or parts, context.inner_modules
        )

    def _is_started(self, module: int) -> bool:
        """Return whether a module says what it does where it is started, and not imported."""
        regions = self._project.function(FunctionRef(module, 0)).regions
        return any(region.kind == "started" for region in regions)

    def _is_of_files(self, module: int, context: Context) -> bool:
        return any_path(context.files).match(f"/{self._project.path(module)}") is not None

    def _is_handed_to(self, ref: FunctionRef, calls: tuple[str, ...]) -> bool:
        """Return whether a function is an argument of a call of one of these names.

        A name with dots is that of one function or method, as it is resolved.
        """
        for name in calls:
            for caller, index in self._project.calls(name.rpartition(".")[2]):
                site = self._project.site(caller, index)
                if "." in name and not self._is_one(
                    self._resolver.evaluate(site.func, caller), (name,)
                ):
                    continue
                for argument in (*site.args, *(value for _, value in site.keywords)):
                    if isinstance(argument, (Name, Attr)) and any(
                        isinstance(value, ProjectFunction) and value.ref == ref
                        for value in self._resolver.evaluate(argument, caller)
                    ):
                        return True
        return False

    def _has_parameter_of(self, ref: FunctionRef, patterns: tuple[str, ...]) -> bool:
        """Return whether a parameter is annotated with one of these, or is what one gives."""
        if not patterns:
            return False
        facts = self._project.function(ref)
        return any(
            self._is_one(self._resolver.decorator(expr, ref), patterns)
            for param in facts.params
            for expr in _what_it_is(param)
        )

    def _is_decorated_for(self, ref: FunctionRef, patterns: tuple[str, ...]) -> bool:
        """Return whether a decorator of a function is given one of these."""
        if not patterns:
            return False
        around = self._project.around(ref)
        given = (
            argument
            for decorator in self._project.function(ref).decorators
            if isinstance(decorator, Result)
            for argument in self._project.site(around, decorator.site).args
        )
        return any(
            self._is_one(self._resolver.evaluate(argument, around), patterns) for argument in given
        )

    def _is_one(self, values: Values, patterns: tuple[str, ...]) -> bool:
        """Return whether one of these values has a name like one of these patterns."""
        return any(self._naming.is_one(value, patterns) for value in values)


def _first_parameters(facts: FunctionFacts) -> list[str]:
    names = [param.name for param in facts.params[:2]]
    return names[1:] if names and names[0] in ("self", "cls") else names[:1]


def _what_it_is(param: Param) -> Iterator[Expr]:
    """Return what says of a parameter what it is: its annotation, parts of that, its default."""
    if param.annotation is not None:
        yield param.annotation
        if isinstance(param.annotation, Item):
            yield from param.annotation.args[1:]
    if isinstance(param.default, Result):
        yield param.default


def _has_only_parameters(facts: FunctionFacts, patterns: tuple[str, ...]) -> bool:
    return all(any_match((param.name,), patterns) for param in facts.params)


def _has_parameters(facts: FunctionFacts, groups: Sequence[tuple[str, ...]]) -> bool:
    """Return whether a function has a parameter of each group, if there are any."""
    names = [param.name for param in facts.params]
    return bool(groups) and all(any_match(names, group) for group in groups)


def _gives(facts: FunctionFacts) -> bool:
    """Return whether a function returns or yields anything."""
    return bool(facts.results) or facts.yields is not None
