"""The nouns that the floors above share: frozen plain data, nothing else.

Everything here can be written as MessagePack (tagged structs), so that facts and
findings can cross a process boundary or be cached without pickle.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum

from msgspec import Struct, field

__all__ = [
    "NO_NAMES",
    "Attr",
    "Binding",
    "Candidate",
    "Caught",
    "ClassFacts",
    "Confidence",
    "Diagnostic",
    "Either",
    "Elem",
    "Entered",
    "Expr",
    "FileReport",
    "FunctionFacts",
    "Hop",
    "Import",
    "Instance",
    "Item",
    "Key",
    "Literal",
    "Location",
    "ModuleFacts",
    "Name",
    "Naming",
    "Options",
    "Param",
    "Part",
    "Places",
    "Region",
    "Result",
    "Scope",
    "Severity",
    "Shown",
    "Site",
    "SiteRef",
    "Snippet",
    "Span",
    "Suppression",
    "TupleOf",
]

Options = Mapping[str, object]


class Severity(str, Enum):
    """How bad a diagnostic is; `info` < `warning` < `error`."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class Confidence(str, Enum):
    """Whether imports and types prove a diagnostic, or a naming convention suggests it."""

    LIKELY = "likely"
    CERTAIN = "certain"


# ------------------------------------------------------------------ places


class Location(Struct, frozen=True, order=True, array_like=True):
    """A place in a file; row and column count from 1, the column in characters."""

    row: int
    column: int


class Span(Struct, frozen=True, order=True, array_like=True):
    """From the first character of something to the place just behind its last."""

    start: Location
    end: Location


class Snippet(Struct, frozen=True, array_like=True):
    """The source lines of a place as they may be shown: string contents are masked.

    `first_row` is the row of the first line; `start` and `end` are 1-based columns
    in the masked text of the first and of the last line.
    """

    first_row: int
    lines: tuple[str, ...]
    start: int
    end: int


# ------------------------------------------------------------------ diagnostics


class Hop(Struct, frozen=True, array_like=True):
    """One step of a path: the function (or what it finally calls) and where it is called.

    Of an abstract method it is where that stands, with the dotted names of its `implementations`;
    the next step is in one of these.
    """

    function: str
    filename: str
    location: Location
    implementations: tuple[str, ...] = ()


class Diagnostic(Struct, frozen=True):
    """What a rule has to say about one place. `filename` is absolute.

    `also_at` are further places of the same function that are no diagnostics of their own.
    `cause` is the same for all diagnostics of a rule whose paths are the same from the second hop
    on: one change there mends them all. Where no path is shared it is the `fingerprint`.
    """

    code: str
    name: str
    message: str
    severity: Severity
    confidence: Confidence
    filename: str
    span: Span
    help: str = ""
    path: tuple[Hop, ...] = ()
    reached_from: tuple[Hop, ...] = ()
    fingerprint: str = ""
    snippet: Snippet | None = None
    cause: str = ""
    also_at: tuple[Location, ...] = ()


class Suppression(Struct, frozen=True, array_like=True):
    """A comment that silences rules.

    `codes` are codes or names as written, `form` is `bedev` or `noqa`; `of_file` says that it
    speaks for all of its file.
    """

    row: int
    column: int
    codes: tuple[str, ...]
    form: str
    reason: str = ""
    of_file: bool = False


class SiteRef(Struct, frozen=True, array_like=True):
    """A site of a module: the index of its function in the facts, and its own in the function."""

    function: int
    site: int


class Shown(Struct, frozen=True, array_like=True):
    """How the place of a finding may be shown.

    `function` is the dotted name of the functions and classes around it, `statement` the text
    of its statement with literals masked.
    """

    function: str
    statement: str
    snippet: Snippet


class Candidate(Struct, frozen=True, array_like=True):
    """What a visitor rule found in one module, before the program has been heard.

    It is dropped when one of the calls at `unless` does, always, what the rule
    excuses (see `unless` in the rule's TOML), or when all callers of `answer`, the index of a
    function, ask what it gave, or start it by the calls that the option `spawning` lists. On `rows`
    (the first and the last of each range) a comment may silence it. It `prevails` over findings at
    the same place of rules that its own rule yields to.
    """

    code: str
    span: Span
    fields: dict[str, str]
    severity: Severity | None
    confidence: Confidence
    unless: tuple[SiteRef, ...]
    rows: tuple[tuple[int, int], ...]
    shown: Shown
    prevails: bool = False
    answer: int = -1


# ------------------------------------------------------------------ facts
#
# Expressions keep only what resolution and rules need. They know no vocabulary, and no text of a
# string literal that no rule names: of a literal only its kind, its form and, for SQL, the leading
# keyword.


class Name(Struct, frozen=True, array_like=True, tag="n"):
    """A name, looked up in the scope where it stands."""

    id: str


class Attr(Struct, frozen=True, array_like=True, tag="a"):
    """`base.name`."""

    base: Expr
    name: str


# The name of an attribute that is picked at run time: `getattr(client, method)`.
ANY_NAME = "?"


class Result(Struct, frozen=True, array_like=True, tag="r"):
    """What the call at this index of the function's sites returns."""

    site: int


class Item(Struct, frozen=True, array_like=True, tag="i"):
    """`base[args]`: an element of a value, or a generic with its arguments."""

    base: Expr
    args: tuple[Expr, ...]


class Literal(Struct, frozen=True, array_like=True, tag="l"):
    """A literal or display; `kind` is a builtin's name, `sql` the keyword a string starts with.

    `form` is `empty`, `formatted` (built from values), `negative`, or, of what a rule names, its
    `repr`; that of the first words of a longer string ends with `…`. Of a dict whose keys are all
    constants it is `keys` with the `repr` of those that a rule names, each after a space.
    """

    kind: str
    sql: str = ""
    items: tuple[Expr, ...] = ()
    form: str = ""


class Either(Struct, frozen=True, array_like=True, tag="e"):
    """One of several: `a if c else b`, `a or b`, `X | Y`."""

    options: tuple[Expr, ...]


class Elem(Struct, frozen=True, array_like=True, tag="m"):
    """What iterating over `base` gives."""

    base: Expr


class Part(Struct, frozen=True, array_like=True, tag="p"):
    """Element `index` of a tuple that is taken apart."""

    base: Expr
    index: int


class Entered(Struct, frozen=True, array_like=True, tag="w"):
    """What `with base as x` binds."""

    base: Expr


class Caught(Struct, frozen=True, array_like=True, tag="x"):
    """An instance of a class caught by `except base as x`."""

    base: Expr


class Instance(Struct, frozen=True, array_like=True, tag="t"):
    """A value whose declared type is the annotation `of`."""

    of: Expr


class TupleOf(Struct, frozen=True, array_like=True, tag="u"):
    """A tuple display."""

    items: tuple[Expr, ...]


class Scope(Struct, frozen=True, array_like=True, tag="f"):
    """The function (lambda, nested function) or class at this index of the module's facts."""

    function: int
    is_class: bool = False


class Named(Struct, frozen=True, array_like=True, tag="d"):
    """What a string in a class body names: a class (`Order`, `shop.Order`), or an attribute."""

    name: str


class Key(Struct, frozen=True, array_like=True, tag="k"):
    """A string that names what is kept under it: `app["db"]`, `add_method(make, "db")`."""

    name: str


Expr = (
    Named
    | Key
    | Name
    | Attr
    | Result
    | Item
    | Literal
    | Either
    | Elem
    | Part
    | Entered
    | Caught
    | Instance
    | TupleOf
    | Scope
)


class Naming(Struct, frozen=True):
    """Whose strings are names: `keywords` of calls in class bodies, and `calls` as a whole."""

    keywords: frozenset[str] = frozenset()
    calls: frozenset[str] = frozenset()


NO_NAMES = Naming()


class Region(Struct, frozen=True, array_like=True):
    """A part of a function that sites can stand in.

    `kind` is `for`, `while`, `comprehension`, `with`, `try`, `except`; `leaves` (a block
    that ends the loop around it, by what `targets` says: `break`, `return` or `raise`), `counted`
    (an `if` that holds once in a while), `memo` (one that holds once for each key), `once` (once at
    all: what is missing is kept), `first` (once in so many loops around it, as `targets` says) or
    `chosen` (for one element), `sought` (an assignment after which the loop is left with what was
    found), `arm` (in a loop, one of the ways on from a fork, which `targets` numbers: who has come
    one way has come no other), `asked` or `unasked` (where the parameter that `targets` names is
    true, or is not), `among` or `beyond` (where it is one of the constants whose tags follow its
    name, or none of them; `*name` are its keys). Of a `try`, `targets` says how its handlers go on
    that do not raise (`continue`, `break`, `return`). `expr` is what is iterated over or entered,
    `targets` the names that it binds. `parent` is the index of the region around it, or -1.
    """

    kind: str
    expr: Expr | None
    parent: int
    targets: tuple[str, ...] = ()


class Site(Struct, frozen=True, array_like=True):
    """A call, or something that runs code without one.

    `kind` is `call`, or says how the method `func` is used without one: `iter`, `bool`,
    `index`, `enter`, `exit`, `await`, or `get` (the attribute `func` is read); `yield` marks
    the place at which a generator hands over. `region` is the index of the innermost region
    around it, or -1. `always` says that whoever runs the function runs this site. `quiet` are
    the file's suppressions that speak for it, by their indices: the first and the last of each
    range. `constants` are the tags of arguments that are constants, by keyword or by position:
    `*` before that says that it is a dict, and that these are its keys.
    """

    kind: str
    func: Expr
    args: tuple[Expr, ...] = ()
    keywords: tuple[tuple[str, Expr], ...] = ()
    region: int = -1
    awaited: bool = False
    always: bool = False
    quiet: tuple[tuple[int, int], ...] = ()
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
    kind: str = "positional"
    annotation: Expr | None = None
    default: Expr | None = None
    constant: str = ""


class FunctionFacts(Struct, frozen=True, array_like=True):
    """A function, a lambda, or (index 0, qualname "") the code of the module itself.

    `parent` is the index of the function around it (-1 for the module's code), `owner` that
    of the class whose body it stands in, or -1. `yields` are what a generator yields, None for
    other functions; `results` what it returns; `globals` the names it declares global or
    nonlocal. `raises` says that no path through it comes back to the caller. `asked` are the
    sites of which it asks what they gave: whether that is true, or None. `guards` is None if an
    error may leave it unseen; else its errors end in broad handlers that tell of them, or in these
    context managers, functions of which the same must be true. `raised` are classes that it raises
    as they are. `dropped` are the sites whose result nothing reads; of that of the `picked` ones
    only attributes are read, none in a condition.
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
    asked: tuple[int, ...] = ()
    guards: tuple[Expr, ...] | None = None
    raised: tuple[Expr, ...] = ()
    dropped: tuple[int, ...] = ()
    picked: tuple[int, ...] = ()


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


class Places(Struct, frozen=True, array_like=True):
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
    """All that is known of one file once it has been read. `path` is absolute."""

    path: str
    facts: ModuleFacts | None = None
    candidates: tuple[Candidate, ...] = ()
    problems: tuple[Diagnostic, ...] = ()
    suppressions: tuple[Suppression, ...] = field(default=())
