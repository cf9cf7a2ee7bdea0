"""What linking needs to know of a module: its functions, classes and imports, no vocabulary."""

from __future__ import annotations

from typing import Any, Literal

from msgspec import Struct, field

from bedev_lint.model.diagnostics import Candidate, Diagnostic, Suppression
from bedev_lint.model.expressions import Expr

__all__ = [
    "NO_NAMES",
    "Binding",
    "Checks",
    "ClassFacts",
    "FileReport",
    "FunctionFacts",
    "Import",
    "ModuleFacts",
    "Naming",
    "Param",
    "ParamKind",
    "Region",
    "RegionKind",
    "Site",
    "SiteKind",
    "SourceMap",
    "TestWords",
]


class TestWords(Struct, frozen=True):
    """The words by which tests are read, where a rule about tests is on.

    `claims` are regular expressions for what says that not to fail is what a test is for; what is
    asserted of a call of one of the methods `vacuous` is true whatever happens. What is given to a
    call of one of the names `routing`, or with one of the words `requesting` in its name, may be a
    path or the name of a route.
    """

    claims: tuple[str, ...] = ()
    vacuous: frozenset[str] = frozenset()
    routing: frozenset[str] = frozenset()
    requesting: frozenset[str] = frozenset()


class Naming(Struct, frozen=True):
    """Whose strings are names: `keywords` of calls in class bodies, and `calls` as a whole.

    `secrets` are options that say what a secret is called: a string under such a name is none.
    `addresses` are words in names of URLs, `verbosity` in names of how much is to be told,
    `rehearsal` in names of what is only set where nobody works with the program, and `verdicts`
    are keys under which an answer says how it went. `tests` is None unless a rule about tests is
    on, which asks for more (see `Checks`).
    """

    keywords: frozenset[str] = frozenset()
    calls: frozenset[str] = frozenset()
    secrets: dict[str, Any] = field(default_factory=dict)
    addresses: frozenset[str] = frozenset()
    verbosity: frozenset[str] = frozenset()
    rehearsal: frozenset[str] = frozenset()
    verdicts: frozenset[str] = frozenset()
    tests: TestWords | None = None


NO_NAMES = Naming()


RegionKind = Literal[
    "for", "while", "comprehension", "with", "try", "except", "finally", "raises", "exits_loop",
    "now_and_then", "once_per_key", "once", "once_in_loops", "for_one_element", "search_result",
    "branch", "if_param_true", "if_param_false", "if_param_in", "if_param_not_in", "if_param_url",
    "started", "wordy", "rehearsed", "never",
]  # fmt: skip
SiteKind = Literal[
    "call", "iter", "bool", "index", "enter", "exit", "await", "get", "yield", "class",
]  # fmt: skip
ParamKind = Literal["positional", "keyword", "args", "kwargs"]


class Region(Struct, frozen=True, array_like=True):
    """A part of a function that sites can stand in.

    `kind` is `for`, `while`, `comprehension`, `with`, `try`, `except`, `finally`; `raises` (a
    block that ends in a `raise`), `exits_loop` (one that ends the loop around it, by what
    `targets` says: `break`, `return` or `raise`), `now_and_then` (an `if` that holds once in a
    while), `once_per_key` (one that holds once for each key; where nothing is looked up unless
    parameters are true, or false, `targets` names them behind `+` or `-`), `once` (once at all:
    what is missing is kept), `once_in_loops` (once in so many loops around it, as `targets` says)
    or `for_one_element` (for one element), `search_result` (a statement after which the loop is
    left with what was found, or is free), `branch` (in a loop, one of the ways on from a fork,
    which `targets` numbers: who has come one way has come no other), `if_param_true` or
    `if_param_false` (where the parameter that `targets` names is true, or is not; behind a
    keyword that is taken from `**kw` stands the constant that it is without, or ""),
    `if_param_in` or `if_param_not_in` (where it is one of the constants whose tags follow its
    name, or none of them; `*name` are its keys), `if_param_url` (where it is the text of a URL),
    `started` (where the module is started itself, and not imported), `wordy` (where more is told
    than otherwise: `if verbose`), `rehearsed` (only in tests, or on the machine of who writes the
    program: `if settings.CI_RUN`), or `never` (behind a `return`, `if False`). Of a `try`,
    `targets` says how its handlers go on that do not raise (`continue`, `break`, `return`), whether
    one of those is `narrow`, whether one of all sees to errors `of values` that have another form,
    and which may raise (`raise 0`: the first); `expr` is what each of them catches. Of others it is
    what is iterated over or entered, and `targets` are the names that it binds.
    `parent` is the index of the region around it, or -1.
    """

    kind: RegionKind
    expr: Expr | None
    parent: int
    targets: tuple[str, ...] = ()


class Site(Struct, frozen=True, array_like=True):
    """A call, or something that runs code without one.

    `kind` is `call`, or says how the method `func` is used without one: `iter`, `bool`,
    `index`, `enter`, `exit`, `await`, or `get` (the attribute `func` is read); `yield` marks
    the place at which a generator hands over, `class` the name of a class that is defined (its
    argument), where a rule about tests is on. `region` is the index of the innermost region
    around it, or -1. `always` says that whoever runs the function runs this site. `suppressed_by`
    are the file's suppressions that speak for it, by their indices: the first and the last of each
    range. `constants` are the tags of arguments that are constants, by keyword or by position:
    `*` before that says that it is a dict, and that these are its keys.
    """

    kind: SiteKind
    func: Expr
    args: tuple[Expr, ...] = ()
    keywords: tuple[tuple[str, Expr], ...] = ()
    region: int = -1
    awaited: bool = False
    always: bool = False
    suppressed_by: tuple[tuple[int, int], ...] = ()
    constants: tuple[tuple[str, tuple[str, ...]], ...] = ()


class Binding(Struct, frozen=True, array_like=True):
    """`target` is bound to `value`; a target is a Name, an Attr, or an Item with its key."""

    target: Expr
    value: Expr


class Param(Struct, frozen=True, array_like=True):
    """A parameter. `kind` is `positional`, `keyword`, `args` or `kwargs`.

    `constant` is the tag of its default, if that is a constant.
    """

    name: str
    kind: ParamKind = "positional"
    annotation: Expr | None = None
    default: Expr | None = None
    constant: str = ""


class Checks(Struct, frozen=True, array_like=True):
    """What a function checks, as rules about tests ask for it.

    `asserts` says that it holds a `raise`, or an `assert` that may fail; `claims` that a name, its
    docstring or a comment says that not to fail is what it is for. `compared` are constants that
    it compares with something, as numbers, names and attributes, `raised` what it raises.
    """

    asserts: bool = False
    claims: bool = False
    compared: tuple[Expr, ...] = ()
    raised: tuple[Expr, ...] = ()


class FunctionFacts(Struct, frozen=True, array_like=True):
    """A function, a lambda, or (index 0, qualname "") the code of the module itself.

    `parent` is the index of the function around it (-1 for the module's code), `owner` that
    of the class whose body it stands in, or -1. `yields` are what a generator yields, None for
    other functions; `results` what it returns; `globals` the names it declares global or
    nonlocal. `raises` says that no path through it comes back to the caller. `truth_tested` are
    the sites of whose result it tests whether that is true, or None. `guards` is None if an
    error may leave it unseen; else its errors end in broad handlers that tell of them, or in
    functions that it calls or enters, where the same must be true of one of each tuple. `raised`
    are classes that it raises as they are. `dropped` are the sites whose result nothing reads; of
    that of the `picked` ones only attributes are read, none in a condition. Of those `filtered`,
    which give lists, only elements are used that are no exceptions. `checks` is None unless a rule
    asks for it. `followed` are sites that use an attribute of a name with several values, which can
    only be the result of another site there, with that site. `asked` are names that a condition
    reads, of what was looked up by a key. `unshared` are the sites of whose named result only
    attributes are read, in conditions or not, so that nobody else gets it.
    """

    name: str
    qualname: str
    parent: int
    owner: int
    params: tuple[Param, ...] = ()
    returns: Expr | None = None
    decorators: tuple[Expr, ...] = ()
    is_async: bool = False
    yields: tuple[Expr, ...] | None = None
    regions: tuple[Region, ...] = ()
    sites: tuple[Site, ...] = ()
    bindings: tuple[Binding, ...] = ()
    results: tuple[Expr, ...] = ()
    globals: tuple[str, ...] = ()
    raises: bool = False
    truth_tested: tuple[int, ...] = ()
    guards: tuple[tuple[Expr, ...], ...] | None = None
    raised: tuple[Expr, ...] = ()
    dropped: tuple[int, ...] = ()
    picked: tuple[int, ...] = ()
    filtered: tuple[int, ...] = ()
    checks: Checks | None = None
    followed: tuple[tuple[int, int], ...] = ()
    asked: tuple[str, ...] = ()
    unshared: tuple[int, ...] = ()

    def bound_to(self, target: Expr | None) -> list[Expr]:
        """Return what the function binds a name, an attribute or an item to, in order."""
        return [binding.value for binding in self.bindings if binding.target == target]


class ClassFacts(Struct, frozen=True, array_like=True):
    """A class. `methods` maps names to indices of functions; `scope` is the function around it."""

    name: str
    qualname: str
    scope: int
    owner: int
    bases: tuple[Expr, ...] = ()
    keywords: tuple[tuple[str, Expr], ...] = ()
    decorators: tuple[Expr, ...] = ()
    methods: dict[str, int] = {}
    bindings: tuple[Binding, ...] = ()
    classes: dict[str, int] = {}
    type_params: tuple[str, ...] = ()


class Import(Struct, frozen=True, array_like=True):
    """`alias` stands for `module` (`name` empty) or for `name` of `module`; `*` is a star import.

    `level` counts the leading dots, `scope` is the index of the function that holds it.
    """

    alias: str
    module: str
    name: str
    level: int
    scope: int


class ModuleFacts(Struct, frozen=True, array_like=True):
    """What linking needs to know of one module."""

    name: str
    is_package: bool
    functions: tuple[FunctionFacts, ...]
    classes: tuple[ClassFacts, ...]
    imports: tuple[Import, ...]


class SourceMap(Struct, frozen=True, array_like=True):
    """Where the functions, sites and statements of a module stand, in plain numbers.

    Rows count from 1, columns from 0. `functions` has a list for each function: the row and
    column of its name, then for each site five numbers: first row and column, last row and
    column, and its statement. `statements` has six numbers for each: the first row with all
    decorators; first row and column; last row and column, of a compound statement those of its
    header; and the place in `names` of the dotted name of the functions and classes around it.
    """

    functions: list[list[int]] = []
    statements: list[int] = []
    names: list[str] = []


class FileReport(Struct, frozen=True):
    """All that is known of one file once it has been read.

    `path` is absolute; what is kept has none, since the project may stand elsewhere the next time.
    A file is not parsed if its text alone says that no rule that looks at it can find anything.
    """

    path: str
    facts: ModuleFacts | None = None
    candidates: tuple[Candidate, ...] = ()
    problems: tuple[Diagnostic, ...] = ()
    suppressions: tuple[Suppression, ...] = field(default=())
    is_parsed: bool = True
