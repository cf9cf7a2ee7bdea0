# A prefilter could take something for what it is not
# case: A variable of the environment, and a default if something else is so
import os
x = 1
x = os.environ['DB_PASSWORD'] if c else 'hunter2!xyz9'
# case: A default if a variable of the environment is not set
import os
V = os.getenv('DB_PASSWORD')
y = 1
x = 'hunter2!xyz9' if not V else V
# case: A key that is an f-string without a field, and a default that a method changes
import os
x = {f'default': 'hunter2!xyz9'.strip(), 'env': os.getenv('DB_PASSWORD')}
# case: A password in an f-string, with escapes
password = f'\x3chunter2!xyz9\x3e'
# case: A key in an f-string that a backslash joins over two lines
api_key = f'hunter2\
!xyz9'
# case: A token in an f-string that also shows an expression
x = f'ghp_A1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q7r8{x=}'
# case: A handler that shows an expression in an f-string, which looks as if it told of the error
def f():
    try: g()
    except Exception: h(f'{d.pop_errors()=}')
# case: A handler that shows an expression in an f-string, with blanks around its sign
def f():
    try: g()
    except Exception: h(f'{is_invalid(x) = }')
# case: A continue outside of any loop
try: f()
except KeyError: continue
# case: The name of a builtin exception, bound to one for cancellation
from asyncio import CancelledError
Exception = CancelledError, KeyError
async def f(t):
    t.cancel()
    x = 1
    try: await t
    except Exception: pass
