"""Accounts in CSV files: their columns in our own files, and in those of FreePBX and FusionPBX."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Protocol

from .accounts import BUILTIN, MAX_CONTACTS, MAX_PICKUP_GROUP, OTHER
from .csv_files import Table
from .file_words import Words, parse_phone, parse_yes_or_no, phone_words, yes_or_no
from .forwarding import RULES, parse_forward_target
from .import_file import Names, guess_columns, normalize_header
from .numbers import parse_number, whole_number

HEADERS: Words = {  # in the order of the exported columns
    "en": {
        "number": "Internal number", "user": "User", "phone": "Hardware phone", "active": "Account active",
        "recording": "Call recording", "level": "Permission level", "max_contacts": "Number of phones",
        "pickup_group": "Pickup group", "forward_always": "Forward always", "forward_busy": "Forward when busy",
        "forward_no_answer": "Forward when no answer", "secret": "Password",
    },
    "pl": {
        "number": "Numer wewnętrzny", "user": "Użytkownik", "phone": "Telefon sprzętowy", "active": "Konto aktywne",
        "recording": "Nagrywanie rozmów", "level": "Poziom uprawnień", "max_contacts": "Liczba telefonów",
        "pickup_group": "Grupa przejmowania", "forward_always": "Przekierowanie zawsze",
        "forward_busy": "Przekierowanie, gdy zajęty", "forward_no_answer": "Przekierowanie, gdy nie odbiera",
        "secret": "Hasło",
    },
}  # fmt: skip
EXPORTED = tuple(name for name in HEADERS["en"] if name != "secret")
OWN, FREEPBX, FUSIONPBX = "own", "FreePBX", "FusionPBX"
NAMES: Mapping[str, Names] = {
    OWN: {name: (HEADERS["en"][name], HEADERS["pl"][name], name) for name in HEADERS["en"]},
    # Its `user` is the number once more, its `password` is empty: the phones' one is `secret`.
    FREEPBX: {
        "number": ("extension",), "user": ("name",), "secret": ("secret",), "recording": ("recording_in_external",),
        "max_contacts": ("max_contacts",),
    },
    FUSIONPBX: {
        "number": ("extension",), "user": ("effective_caller_id_name",), "secret": ("password",),
        "recording": ("user_record",), "active": ("enabled",), "max_contacts": ("max_registrations",),
    },
}  # fmt: skip
CLEARS = frozenset(("user", *RULES))  # fields in which an empty cell is a value
# Values of `recording_in_external` and `user_record`. The other recordings of a call follow from the dialplan there.
_RECORDED = {"force": True, "always": True, "dontcare": False, "never": False} | dict.fromkeys(
    ("all", "local", "inbound", "outbound"), True
)


class SavedAccount(Protocol):
    """What an exported row shows of an account."""

    @property
    def user_id(self) -> int | None:
        """The owner's id."""


def file_format(table: Table) -> str:
    """Return whose file this is: FreePBX's, FusionPBX's, or one with our columns."""
    headers = {normalize_header(header) for header in table.headers}
    if "extension" not in headers:
        return OWN
    return FREEPBX if headers & {"secret", "tech"} else FUSIONPBX


def guess_account_columns(table: Table) -> dict[str, int]:
    """Return which column of a table holds which field."""
    return guess_columns(table, NAMES[file_format(table)])


def default_phone(table: Table) -> str:
    """Return the phone of new accounts of a file that does not tell: other PBXes have SIP phones."""
    return BUILTIN if file_format(table) == OWN else OTHER


def parsers(
    find_owner: Callable[[str, Any], int | None], softphone: str
) -> Mapping[str, Callable[[str, Any], object]]:  # fmt: skip
    """Return the function that reads each field, of the cell's text and the present account.

    `find_owner` does so for the owner. `softphone` is the name of the built-in phone.
    """
    simple: dict[str, Callable[[str], object]] = {
        "number": parse_number,
        "phone": lambda text: parse_phone(text, softphone),
        "active": parse_yes_or_no,
        "recording": lambda text: _RECORDED[text] if text in _RECORDED else parse_yes_or_no(text),
        "level": whole_number(0, 100),
        "max_contacts": whole_number(1, MAX_CONTACTS),
        "pickup_group": whole_number(0, MAX_PICKUP_GROUP),
        "secret": str,
        **dict.fromkeys(RULES, parse_forward_target),
    }
    return {name: _ignoring_account(parse) for name, parse in simple.items()} | {"user": find_owner}


def _ignoring_account(parse: Callable[[str], object]) -> Callable[[str, Any], object]:
    return lambda text, _account: parse(text)


def export_rows(
    accounts: Iterable[SavedAccount], language: str, softphone: str, owner_texts: Mapping[int | None, str]
) -> Iterator[Sequence[object]]:
    """Yield the header and a row for each account."""
    yield [HEADERS[language][name] for name in EXPORTED]
    phones = phone_words(language, softphone)
    for account in accounts:
        yield [_export_value(account, name, language, phones, owner_texts) for name in EXPORTED]


def _export_value(
    account: Any, name: str, language: str, phones: Mapping[str, str], owner_texts: Mapping[int | None, str]
) -> object:
    if name == "user":
        return owner_texts[account.user_id]
    value = getattr(account, name)
    if name == "phone":
        return phones[value]
    return yes_or_no(value, language) if isinstance(value, bool) else value
