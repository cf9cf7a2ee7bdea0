# Shapes that code may have on its lines
# case: Comments, two statements on a line, a decorator over two lines
# first

x = f(1); y = g('a')  # c

@d(
  1)
class A:
  def f(s): return h('#')
# case: Comments and a default in a class with decorators
class A:

    @d('é')  # c
    def f(self, x='s'):  # d
        # e
        return 1
# case: Conditions with a call over several lines
if a: f('x')
elif b(
  'y'
): g()
else: h('z')
# case: A try of which each clause is one line
try: f('x')
except E('y'): g('z')
finally: h()
# case: A match with a guard, and a case on one line
match f('x'):
    case 'y' if g('z'): h('a')
    case _:
        i('b')
# case: Tabs, and a call that ends on a line with less of an indent
def f():
	if a:
		g('x',
  'y')
		h('z'); i('a')
# case: A generator, and a function on one line
def f():
    return (yield)


def g(): return 'x'
# case: Parameters over several lines
def f(
    a,
) -> None: ...

def g(
    a,
) -> None: return 'secret'
