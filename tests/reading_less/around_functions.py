# Statements that are left out of a function could take others with them
# case: A default in a function, behind a name that is bound to a name
import os
V = os.getenv('DB_PASSWORD')
W = V
def f():
    x = 1
    return W or 'hunter2!xyz9'
# case: A parameter that hides a name of the module
import os
K = 'DB_PASSWORD'
def f(PASSWORD):
    x = 1
    return os.getenv(PASSWORD, 'hunter2!xyz9')
# case: A reader of the environment under another name, with statements in between
from environ import Env as E
class A:
    x = 1
env = E()
y = 1
def f():
    z = 1
    return env('DB_PASSWORD', default='hunter2!xyz9')
# case: Settings in a class whose base class reads the environment
from pydantic_settings import BaseSettings
class B(BaseSettings):
    x = 1
    y = 2
class A(B):
    x = 1
    password: str = 'hunter2!xyz9'
    y = 2
# case: A context manager that a function imports under another name, and binds to a third
def f():
    from contextlib import suppress as s
    x = 1
    t = s
    with t(Exception):
        x = 1
        y = 2
# case: An address in a later branch of an if
def f(x):
    y = 1
    if x:
        a = 1
    elif y:
        b = 1
        c = 2
    elif x == 'https://api.acme.io/v1':
        d = 1
        e = 2
    else:
        g = 1
    h(url='https://api.acme.io/v2')
# case: Statements that a backslash joins, on lines with several of them
def f(x):
    a = 1; \
    b = 2; url = 'https://api.acme.io/v1'
    c = 1; \
d = 2
    e = 3
# case: A line that a backslash joins to the one before, though it has no indent
def f():
    c = 1; \
url = 'https://api.acme.io/v1'
    e = 3
# case: A suite that begins behind a backslash, and a string over two lines
if a: \
    b = 1; url = 'https://api.acme.io/v1'
c = '''
'''; d = 1
e = 2
# case: A try with all clauses, of which one handler matters
def f():
    x = 1
    try:
        a = 1
        b = 2
    except (A, B) as e:
        raise
    except Exception:
        # why
        x = 2
    else:
        c = 1
        d = 2
    finally:
        e = 1
        f = 2
    g = 3
# case: An attribute that is set to None before a try, with a statement in between
def f():
    y = 1
    self.x = None
    if y:
        z = 1
        try:
            self.x = int(z)
        except ValueError:
            pass
    y = 2
    return y
# case: An attribute that is set to None before a try, with none in between
def f():
    y = 1
    self.x = None
    if y:
        try:
            self.x = int(z)
        except ValueError:
            pass
    y = 2
    return y
# case: A handler that is empty, and an error that is raised later
def f():
    y = 1
    g()
    try:
        g()
    except KeyError:
        pass
    h(1)
    h(2)
    raise E
# case: An error that a handler keeps, and that is raised behind it
async def f(q):
    error = None
    a = 1
    try:
        await q()
    except BaseException as e:
        error = e
    b = 2
    if error:
        raise error
# case: A bare except that keeps an error for another method
class A:
    def f(self):
        try: g()
        except: self.e = e
    def h(self):
        x = 1
        raise self.e
# case: An error that is kept for another method, by its base class
class A:
    def f(self):
        try: g()
        except BaseException as e: self.e = e
    def h(self):
        x = 1
        raise self.e
# case: A cancellation among the errors that a name of the module holds
from asyncio import CancelledError as C
E = (ValueError, C)
class A:
    async def f(self):
        x = 1
        try:
            await g()
        except E:
            x = 2
        y = 1
# case: A continue in finally, within a loop
def f():
    for x in y:
        a = 1
        try:
            g()
        finally:
            b = 1
            continue
        c = 1
    d = 1
# case: An exception that an assignment in a condition binds
def f():
    if (E := Exception):
        a = 1
    b = 2
    try:
        g()
    except E:
        x = 1
# case: The name of a builtin exception that an assignment in a condition binds
def f():
    if (BaseException := 1):
        a = 1
    b = 2
    try:
        g()
    except BaseException:
        x = 1
# case: An exception that a pattern binds
def f():
    match g():
        case 1: a = 1
        case [Exception as E]:
            b = 1
            c = 2
        case _:
            try:
                g()
            except E:
                x = 1
    d = 1
# case: Decorators and a class over several lines
@(
  d)
def f(): x = 1
@d

@e
class A:
    url = 'https://api.acme.io/v1'
    x = 1
# case: Letters that are several bytes long, and a string over lines, before an address
def f():
    return g(f'é{x}', '''
''', y='é'); url = 'https://api.acme.io/v1'
