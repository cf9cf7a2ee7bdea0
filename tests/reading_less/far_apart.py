# What a rule looks at is spread over a file
# case: A token in a docstring
def f():
    '''use ghp_A1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q7r8 here'''
# case: A password that is compared over two lines
if ('hunter2!xyz9' ==
        password): f()
# case: A comparison over two lines in a with statement
with (f('hunter2!xyz9' ==
   password)): g()
# case: An address as a key, in an augmented assignment
def f(d):
    d['https://api.acme.io/v1'] += 1
# case: An address in an annotation
def f(x: Annotated[str, {'a': 'https://api.acme.io/v1'}]): pass
# case: Addresses among the arguments of a class
class A(*f('https://api.acme.io/v1'), **g('https://api.acme.io/v2')): pass
# case: An address in a case of a match
def f(x):
    match x:
        case 'https://api.acme.io/v1': pass
# case: A context manager under another name
import contextlib
quiet = contextlib.suppress
def f():
    with quiet(Exception): g()
# case: A default for a variable of the environment that was read elsewhere
import os
V = os.getenv('DB_PASSWORD')
def f():
    return g(V or 'hunter2!xyz9')
# case: Exceptions that a class binds to a name
class A:
    E = (ValueError, Exception)
    try: import x
    except E: pass
# case: A reader of the environment that a class makes
import environ
class A:
    cfg = environ.Env()
    def f(self): ...
    X = cfg('DB_PASSWORD', 'hunter2!xyz9')
# case: Nothing but a comment with a word that a rule looks for
# nothing here but suppress
# case: The name of a builtin exception, bound to another
EnvironmentError = Exception
def f():
    try:
        g()
    except EnvironmentError:
        x = 1
# case: A global that a function binds, behind a tab
def f():
    global	E
    E = Exception
def g():
    try:
        h()
    except E:
        x = 1
# case: A key in two pieces
def f():
    return {'pass' 'word': 'hunter2!xyz9'}
# case: A token behind an escape
def f():
    return '\nghp_A1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q7r8'
# case: A cancelled task behind an empty string in six quotes
import asyncio
class W:
    async def stop(self):
        sql = ''''''
        self.t.cancel()
        try: await self.t
        except asyncio.CancelledError: pass
