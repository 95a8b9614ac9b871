"""Values of the users' form."""

ANNA = {
    "name": "Anna Nowak", "login": "anna", "role": "agent", "active": "y", "work_mode": "automatic",
    "external_phone": "builtin", "version": "1",
}  # fmt: skip
