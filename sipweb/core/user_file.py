"""Users in CSV files."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from .file_words import Words, parse_choice, parse_phone, parse_yes_or_no, phone_words, yes_or_no

HEADERS: Words = {  # in the order of the exported columns
    "en": {
        "name": "Full name", "login": "Login", "role": "Role", "work_mode": "Work mode",
        "external_phone": "External phone", "accounts": "SIP accounts", "active": "Active", "password": "Password",
    },
    "pl": {
        "name": "Imię i nazwisko", "login": "Login", "role": "Rola", "work_mode": "Tryb pracy",
        "external_phone": "Telefon zewnętrzny", "accounts": "Konta SIP", "active": "Aktywny", "password": "Hasło",
    },
}  # fmt: skip
EXPORTED = tuple(name for name in HEADERS["en"] if name != "password")
FIELDS = ("login", "name", "role", "work_mode", "external_phone", "active", "password")  # that are imported
NAMES = {name: (HEADERS["en"][name], HEADERS["pl"][name], name) for name in FIELDS}
ROLES: Words = {
    "en": {
        "agent": "Agent",
        "auditor": "Auditor (read-only)",
        "editor": "Editor (can't generate)",
        "administrator": "Administrator",
    },
    "pl": {
        "agent": "Agent",
        "auditor": "Audytor (tylko odczyt)",
        "editor": "Edytor (bez generowania)",
        "administrator": "Administrator",
    },
}
WORK_MODES: Words = {
    "en": {"automatic": "automatic", "manual": "manual"},
    "pl": {"automatic": "automatyczny", "manual": "ręczny"},
}


def parsers(softphone: str) -> dict[str, Callable[[str, Any], object]]:
    """Return the function that reads each field, of the cell's text and the present user."""
    simple: dict[str, Callable[[str], object]] = {
        "login": str, "name": str, "password": str, "active": parse_yes_or_no,
        "role": lambda text: parse_choice(text, ROLES),
        "work_mode": lambda text: parse_choice(text, WORK_MODES),
        "external_phone": lambda text: parse_phone(text, softphone),
    }  # fmt: skip
    return {name: _ignoring_user(parse) for name, parse in simple.items()}


def _ignoring_user(parse: Callable[[str], object]) -> Callable[[str, Any], object]:
    return lambda text, _user: parse(text)


def export_rows(users: Iterable[Any], language: str, softphone: str) -> Iterator[Sequence[object]]:
    """Yield the header and a row for each user."""
    words = {
        "role": ROLES[language], "work_mode": WORK_MODES[language], "external_phone": phone_words(language, softphone)
    }  # fmt: skip
    yield [HEADERS[language][name] for name in EXPORTED]
    for user in users:
        yield [
            yes_or_no(user.active, language) if name == "active"
            else ", ".join(map(str, user.accounts)) if name == "accounts"
            else words[name][getattr(user, name)] if name in words
            else getattr(user, name)
            for name in EXPORTED
        ]  # fmt: skip
