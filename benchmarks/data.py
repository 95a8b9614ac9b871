"""The same 900 accounts and 900 users for every subject, and what the edits change of them."""

import itertools

LOGIN, PASSWORD = "admin", "correct-horse-battery"
USERS = [(f"agent{n}", f"Agent Number {n}") for n in range(100, 1000)]
"""(login, name); the account with the same place belongs to that user."""
ACCOUNTS = [
    {"number": n, "phone": ("builtin", "other")[n % 3 == 0], "active": n % 10 > 0, "recording": n % 2 == 0, "level": 50}
    for n in range(100, 1000)
]

PLACES = itertools.cycle(range(0, 900, 7))
LEVELS = itertools.cycle([*range(10, 50), *range(51, 100)])
"""The account of the next edit, as its place in the list, and the level that it gets: never the 50 that it has."""
