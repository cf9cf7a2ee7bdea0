"""What a vocabulary may say of a context: which code belongs to it."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from bedev_lint.catalog.tables import Table

__all__ = ["Context", "Phrase"]


class Phrase(Table, frozen=True):
    """A grammar of function names, split at underscores and case.

    A trailing phrase that begins with one of `drop-after` is dropped. The last word, or the
    one before a word of `units`, is in `nouns` (or the last two are in `pairs`), and the
    first is in `verbs`; or it is not in `other-verbs`, and the function returns or yields
    something, or has only this word for a name. A noun of `shared` may be one of something else:
    it counts where the function, its class or its module names one of `signs` too.
    """

    nouns: frozenset[str]
    shared: frozenset[str] = frozenset()
    signs: frozenset[str] = frozenset()
    pairs: tuple[str, ...] = ()
    units: frozenset[str] = frozenset()
    verbs: frozenset[str] = frozenset()
    other_verbs: frozenset[str] = frozenset()
    drop_after: frozenset[str] = frozenset()


class Context(Table, frozen=True):
    """What code belongs to a context: any one of these matches and none of `unless` does.

    modules     patterns of one part of the dotted module name
    inner-modules  the same, but not of a package that is no part of another: a whole project may
                be called so
    not-started of these modules, none that says what it does where it is started, see `started`: it
                is a program, which others do not import
    classes     patterns of a class name around the function
    functions   patterns of the function's own name
    methods     patterns of the names of methods of `bases` (all, if empty)
    bases       dotted names (patterns) of direct or indirect base classes
    decorators  dotted names (patterns) of a decorator, as resolved through imports: of the
                function, or of a class around it (of its `methods`, if there are any)
    decorated-for  dotted names (patterns) of what a decorator of the function is given
    attributes  groups of patterns: a class around the function binds, in its body or to its
                object, one attribute of each group
    making      dotted names (patterns) of types: a class around the function makes an object of
                one itself, and keeps it, or what it wraps it in, as an attribute
    making-with  names of keywords: that object is made with one of them
    parameters  groups of patterns: the function has a parameter of each group
    files       globs of the file's path, with a slash in front, where `*` stands for slashes too,
                but not in the name of a Python file; of what spreads, its functions too
    folders     names of folders: what is below one belongs to it, if a file below it, and in no
                other such folder on the way, matches one of the patterns `holding` (if there are
                any), and no file directly in it matches one of the patterns `lacking`
    packages    patterns of names of folders, in small letters: what is below one belongs to it, if
                a file directly in that folder imports one of the modules `needing`, near its
                beginning; `*` is any part of a dotted name
    unimported  names of folders that belong to it, being no part of a package (and, where
                `lacking` says so, no package), if no production code imports what is in them
    imported    names of folders that do not belong to it, whatever `files` says of the name, if
                they are packages that production code imports by their own names
    scripts     names of files that belong to it unless they are part of a package: where an
                `__init__` stands beside them, at the root and beside one of `beside` they do
    shadowed    modules belong to it beside which a package of the same name stands, as that is
                imported instead, and that do not say what they do where they are started
    content     regular expressions for the text of a comment in a file's first lines, or
                of a line of its first docstring
    helps       `content` is also looked for in what a command says of itself: `help = "…"`
    imports     modules that a file imports near its beginning
    phrase      a grammar of the function's name
    region      `loop`, `transaction`, `deadline` (a limit of time is set around it), `failing` (an
                error is on its way: in a handler, in a `finally`, or where a `raise` ends the
                block), `wordy` (under a condition that asks for more words: `if verbose`, `if
                settings.DEBUG`) or `async`: places inside a function
    not-doing   effects: a function that comes to one of them does not belong to the context
    whole       `not-doing` and `itself` are asked of all of the class that a function is a method
                of, or of all functions of its module that are none
    at-least    so many of the `whole` do it `itself`
    calling-with  names of keywords: what is done `itself` is done by a call that is given one
    within      contexts: a function of this one is in one of these as well
    giving      of `modules`, only functions that return something
    itself      effects: a function of this context has one of them in its own body
    implementing  effects: a class around the function implements an abstract method, and so do
                other classes: all of them come to one of these there
    single      of `classes`, only those with one public method
    family      the attributes may be those of classes above and below, and methods too; a class
                below may have the bases
    only-parameters  patterns of names: a function has no other parameters than these
    parameter-of     dotted names (patterns) of types and functions: a parameter is annotated
                     with one of these, or has for its default, or in Annotated, what one gives
    not-words   words that no name of a function of this context holds
    first-parameter  the name of the first parameter (after self) that all of them have
    not-over    patterns of names: a loop that binds one, or runs over one, is no loop here
    not-binding  patterns of names: a loop that binds one is no loop here
    not-receiving  patterns of names: nor is one that binds one of these, unless it is known that it
                 runs over a list, or over rows
    asking-for-many  patterns of names of functions and keywords: a query in a loop that is given by
                 one of them what the loop binds asks for many rows at once
    connecting  last names of calls that connect to a database: a loop that gives them what it
                binds, or a class that makes use of them, asks another one in each iteration
    not-of      names, one of which in what a loop runs over says that it is as long as the code
    not-over-types       types: what is got at by an object of one is as long as somebody has set it
    not-over-arguments   contexts: a loop over a parameter of a function there is none here
    not-within  patterns of names of context managers: what a loop does in one is none here
    handed-to   names of calls that the function is handed to, by any argument; a dotted one is
                that of a function or method as it is resolved
    module-code the code of modules themselves, which runs when a process begins, belongs to it
    started     all of a module that says what it does where it is started, and not imported,
                belongs to it: `if __name__ == "__main__"`
    spreads     an async function that is awaited by code of this context alone belongs to it
    threads     of what spreads: what only runs in threads of its own belongs to it too, and what
                makes something that an event loop runs then
    run-by      of what spreads: last names of calls that make of an async function one that runs
                it to its end
    stands-in   a class of this context stands in for another in tests: what is called through
                an interface is not this one
    layer       1 to 9: where `graph` draws it, from what is called from outside to what calls
                outside; code of no layer stands at 5, and the highest of several counts
    """

    modules: tuple[str, ...] = ()
    inner_modules: tuple[str, ...] = ()
    not_started: bool = False
    classes: tuple[str, ...] = ()
    functions: tuple[str, ...] = ()
    methods: tuple[str, ...] = ()
    bases: tuple[str, ...] = ()
    decorators: tuple[str, ...] = ()
    decorated_for: tuple[str, ...] = ()
    attributes: tuple[tuple[str, ...], ...] = ()
    parameters: tuple[tuple[str, ...], ...] = ()
    files: tuple[str, ...] = ()
    folders: tuple[str, ...] = ()
    holding: tuple[str, ...] = ()
    lacking: tuple[str, ...] = ()
    packages: tuple[str, ...] = ()
    needing: tuple[str, ...] = ()
    unimported: tuple[str, ...] = ()
    imported: tuple[str, ...] = ()
    scripts: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()
    shadowed: bool = False
    content: tuple[str, ...] = ()
    helps: bool = False
    imports: tuple[str, ...] = ()
    phrase: Phrase | None = None
    region: Literal["", "loop", "transaction", "deadline", "failing", "wordy", "async"] = ""
    unless: tuple[str, ...] = ()
    not_doing: tuple[str, ...] = ()
    whole: bool = False
    at_least: Annotated[int, Meta(ge=1)] = 1
    calling_with: tuple[str, ...] = ()
    within: tuple[str, ...] = ()
    giving: bool = False
    itself: tuple[str, ...] = ()
    implementing: tuple[str, ...] = ()
    single: bool = False
    family: bool = False
    only_parameters: tuple[str, ...] = ()
    parameter_of: tuple[str, ...] = ()
    not_words: frozenset[str] = frozenset()
    first_parameter: str = ""
    not_over: tuple[str, ...] = ()
    not_binding: tuple[str, ...] = ()
    not_receiving: tuple[str, ...] = ()
    asking_for_many: tuple[str, ...] = ()
    connecting: tuple[str, ...] = ()
    not_of: frozenset[str] = frozenset()
    not_over_types: frozenset[str] = frozenset()
    not_over_arguments: tuple[str, ...] = ()
    not_within: tuple[str, ...] = ()
    handed_to: tuple[str, ...] = ()
    making: tuple[str, ...] = ()
    making_with: tuple[str, ...] = ()
    module_code: bool = False
    started: bool = False
    spreads: bool = False
    threads: bool = False
    run_by: frozenset[str] = frozenset()
    stands_in: bool = False
    layer: int = 0
