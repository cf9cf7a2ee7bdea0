# Who blocks depends on who awaits, who hands a function on, and what a global was bound to
# file: starting.py
import threading
from tasks import work, tell

async def start():
    def inner():
        work()
    tell(inner)
    work()
# file: tasks.py
import time
from waits import deep
KEPT = None

def work():
    deep()

def tell(f):
    f()

def keep():
    global KEPT
    KEPT = time

def use():
    KEPT.sleep(1)

async def both():
    use()
    keep()
# file: waits.py
import time

def deep():
    if time:
        deeper()

def deeper():
    time.sleep(1)
# file: web.py
import asyncio
from starting import start
from tasks import both, work

async def main():
    await start()
    await both()
    work()
    await asyncio.to_thread(work)
