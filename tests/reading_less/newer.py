# What not every version of Python can read
# case: Type parameters of a function and of an alias
type Rows[T] = list[T]

def f[T](x: T) -> Rows[T]:
    return g(x)
# case: Type parameters of a class, and quotes within an f-string of the same quotes
class A[T](B[T]):
    def f(self): return f'{h('a')}'
# case: A handler of a group of errors
try:
    f()
except* E as e:
    g(e)
