"""The same 900 accounts and 900 users for every subject."""

LOGIN, PASSWORD = "admin", "correct-horse-battery"
USERS = [(f"agent{n}", f"Agent Number {n}") for n in range(100, 1000)]
"""(login, name); the account with the same place belongs to that user."""
ACCOUNTS = [
    {"number": n, "phone": ("builtin", "other")[n % 3 == 0], "active": n % 10 > 0, "recording": n % 2 == 0, "level": 50}
    for n in range(100, 1000)
]
