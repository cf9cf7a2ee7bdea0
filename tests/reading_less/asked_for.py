# A rule asks for what was left out
# case: A variable of the environment and a default, in one dictionary
import os
V = os.getenv('DB_PASSWORD')
x = 1
f({'default': 'hunter2!xyz9', 'env': V})
# case: A context manager that a stack enters, for an exception of the module
import contextlib
E = Exception
x = 1
def f(s):
    s.enter_context(contextlib.suppress(E))
# case: A context manager that a stack enters in an inner function, for exceptions of the outer one
def f():
    E = (Exception,)
    def g():
        y = 1
        s.enter_context(suppress(*E))
    x = 1
from contextlib import suppress
# case: A context manager that a stack enters in a class, for a name that is bound twice
from contextlib import suppress
class A:
    if x:
        for E in y: z = 1
    s.enter_context(suppress(E))
    E = Exception
# case: A context manager that a stack enters, for a global that a function binds in a condition
import contextlib
def f():
    x = 1
    if x:
        global E
        E = Exception
def g(s):
    s.enter_context(contextlib.suppress(E))
# case: A context manager for an exception that an assignment in a condition binds
import contextlib
x = 1
if (E := Exception):
    y = 1
f(contextlib.suppress(E))
