"""What a function does: what it runs, and which effects it has itself."""

from __future__ import annotations

from msgspec import Struct

from bedev_lint.model import Site
from bedev_lint.program.structure.values import ClassRef, FunctionRef
from bedev_lint.program.structure.vocabulary import WRITE

__all__ = [
    "COMMIT",
    "ENQUEUE",
    "LOCK",
    "READ",
    "TRANSACTION",
    "WRITE",
    "Edge",
    "EffectSource",
    "FunctionEffects",
    "SiteVisit",
]

# The effect of leaving a transaction; of one within another, which is a savepoint, there is none.
TRANSACTION = "db.transaction"
# The effect of a commit; of one by a context manager whose body changed nothing there is none.
COMMIT = "db.commit"
READ = "db.read"
# A row that nobody else may change until the transaction ends.
LOCK = "db.lock"
# What a worker does some other time.
ENQUEUE = "task.enqueue"


class Edge(Struct, frozen=True, array_like=True):
    """A site of a function runs another function of the project, on an object of `receiver`.

    `loading` says how the relations of that object are loaded, see `Object`. `through` is the
    method of an interface that the site names, where the target is one of those that implement it.
    `transaction` says that the target is handed to a function that calls it in a transaction.
    """

    site: int
    target: FunctionRef
    certain: bool = True
    thread: bool = False
    receiver: ClassRef | None = None
    loading: str = ""
    through: FunctionRef | None = None
    transaction: bool = False


class EffectSource(Struct, frozen=True, array_like=True):
    """A site of a function has an effect itself; `label` is what it calls, for people.

    `receiver` is the class of the project that it is called on, if it inherits that. `once` says
    that it has the effect only the first time that a loop comes to it, `own` that it reads a
    relation of the method's own object, which may have been loaded before, `loaded` that some
    query of the project does so, `groups` that it ends a transaction without which each
    statement would have been committed by itself. `parameter` is that one that it uses, if
    nothing but the calls says what that is, `statement` that one that it runs as SQL, `key` the
    name by which, or by an attribute of which, it asks for a row that is then kept, or of a query
    that keeps its rows, `row` the relation of a parameter that it reads (`payment.order`).
    """

    site: int
    effect: str
    label: str
    certain: bool = True
    thread: bool = False
    receiver: ClassRef | None = None
    once: bool = False
    own: bool = False
    groups: bool = False
    loaded: bool = False
    parameter: str = ""
    statement: str = ""
    key: str = ""
    row: str = ""

    @property
    def uses(self) -> tuple[str, ...]:
        """What may be given no query that is to be run, or ""."""
        return self.parameter, self.statement, self.key


class FunctionEffects(Struct, frozen=True, array_like=True):
    """What one function does itself.

    `certain` are those of these sites that whoever runs the function runs; `raises` says that
    no path through it comes back to the caller.
    """

    edges: tuple[Edge, ...]
    sources: tuple[EffectSource, ...]
    certain: tuple[int, ...] = ()
    raises: bool = False


class SiteVisit(Struct, frozen=True):
    """A site of a function, with the edges and sources that are collected for it."""

    ref: FunctionRef
    index: int
    site: Site
    edges: list[Edge]
    sources: list[EffectSource]
