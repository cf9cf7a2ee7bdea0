# What answers an error outside of functions, or is done around it, and literals in pieces
# case: An import that may fail outside of functions, and an error after it
x = 1
try:
    import a
except Exception:
    pass
y = 1
if y:
    raise E
else:
    raise F
z = 1
# case: A connection outside of functions that may fail to close
x = 1
try: c.close()
except Exception: pass
c = None
y = 1
# case: A value that a handler outside of functions leaves empty, and that is asked for later
x = 1
try: a = g()
except Exception: a = None
y = 1
def f():
    return 1
if a is None:
    failed(1)
z = 1
# case: A function that returns None after an error, and one that returns what it gives
def f():
    x = 1
    if x:
        y = 1
        return True
    try:
        return g()
    except Exception:
        return None
def h():
    return f()
# case: A name that stays empty after an error, and is only logged
def f(r):
    a = 1
    user = ''
    b = 2
    try: user = r.user
    except Exception: pass
    c = 3
    log.info('by %s', user)
# case: The name of a builtin exception, imported for something else
from a import KeyError as K
from b import c as KeyError
def f():
    x = 1
    try: g()
    except KeyError: pass
# case: A header for credentials in two pieces
x = f('a' 'b')
headers = {'Author' 'ization': 'Bearer abc123def456ghi789'}
y = 1
# case: Passwords as defaults of all kinds of parameters
def f(a, /, b, password='hunter2!xyz9', *, c=1, token=b'hunter2!xyz9'): pass
# case: A password among several values, and one in a chain of comparisons
user, password = 'a', 'hunter2!xyz9'
if api_key == f('x') == 'hunter2!xyz9': pass
# case: A password that is compared in constant time
import hmac
hmac.compare_digest('hunter2!xyz9', password)
# case: A token that two f-strings hold together
x = f'ghp_{y}A1b2C3' f'ghp_A1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q7r8 {z}'
# case: A module that may be missing, and an exception of it
def f():
    try: import x
    except ImportError: x = None
    y = 1
    try: x.y
    except x.Error: pass
# case: The name of a builtin exception, which the function binds behind its handler
def f():
    try: g()
    except Exception: pass
    Exception = g
