"""Both languages are complete: no message is missing or unused, and both have the same placeholders."""

import json
import re
from io import BytesIO

import html5lib
import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from sipweb.config import ROOT
from sipweb.services import accounts, generations
from sipweb.services.context import Actor
from tests.client import soup

WHO = Actor(None, "test")
METHODS = [("sipweb/**.py", "python"), ("templates/**.html", "jinja2")]
MARKS = {
    "_": None,
    "gettext": None,
    "N_": None,
    "_l": None,
    "lazy_gettext": None,
    "ngettext": (1, 2),
    "pgettext": ((1, "c"), 2),
}
PAGES = [
    "/accounts", "/accounts?add=1", "/accounts?edit=1", "/accounts?show=inactive", "/accounts/1/delete",
    "/accounts/2/phone", "/generation", "/generation/1", "/audit", "/account", "/account/second-factor",
    "/no-such-page", "/users",
    "/users?add=1", "/users?edit=1", "/users/1/assignment", "/agent", "/trunks", "/trunks?edit=1", "/trunks?add=1",
    "/recordings", "/calls", "/attempts",
    "/routes", "/routes?edit=1", "/routes?add=1", "/routes/1/delete",
    "/generation/discard", "/accounts/2/discard", "/accounts/2/history", "/trunks/1/history", "/routes/1/history",
]  # fmt: skip
RETIRED = {
    "en": re.compile(
        r"\b(ways? out|house|next generation|[Gg]eneration %|fell silent|meanwhile|somebody|given back|cannot stand"
        r"|any more|by itself|[Ll]og(ged)? (in|out)|does not know|present password|own password|desk)\b",
    ),
    "pl": re.compile(
        r"\b(generacj\w*|drog\w* wyjścia|zamilkł|w międzyczasie|Zaloguj(?! się)|Wyloguj(?! się)|nie może stać)\b",
        re.IGNORECASE,
    ),
}  # docs/glossary.md has the words that are used instead
SAME = {
    "DTMF",
    "Agent",
    "Host",
    "Trunk",
    "Login",
    "Administrator",
    "Port",
    "Transport",
    "Automat Automat",
    "sipweb",
    "Status",
    "Realm",
    "SRTP",
    "Menu",
}


def catalogue():
    return read_po(BytesIO((ROOT / "translations/pl/LC_MESSAGES/messages.po").read_bytes()))


def extracted():
    messages = extract_from_dir(str(ROOT), METHODS, keywords=MARKS)
    return {(context, message) for _file, _line, message, _comments, context in messages}


@pytest.mark.static
def test_polish_catalogue_has_exactly_the_messages_of_the_sources():
    assert {(message.context, message.id) for message in catalogue() if message.id} == extracted()


@pytest.mark.static
def test_every_message_is_translated_with_its_placeholders():
    for message in catalogue():
        ids = message.id if isinstance(message.id, tuple) else (message.id,)
        strings = message.string if isinstance(message.string, tuple) else (message.string,)
        assert all(strings), message.id
        assert not message.fuzzy
        if message.id:
            expected = [ids[min(number, len(ids) - 1)] for number in range(len(strings))]  # "1 day", "2 days", "5 days"
            assert [_placeholders(text) for text in strings] == [_placeholders(text) for text in expected], message.id


def _placeholders(text):
    return sorted(re.findall(r"%\(\w+\)s", text))


@pytest.mark.static
def test_words_that_nobody_in_the_field_uses_stay_out():
    texts = [
        (text, language)
        for message in catalogue()
        for language, forms in (("en", message.id), ("pl", message.string))
        for text in (forms if isinstance(forms, tuple) else (forms,))
    ]
    assert not [text for text, language in texts if RETIRED[language].search(text)]


def visible_texts(text):
    """Everything that a page shows or that a screen reader reads: texts, labels, titles, placeholders."""
    tree = html5lib.parse(text, namespaceHTMLElements=False)
    for element in tree.iter():
        if element.get("lang") == "en":
            continue
        for part in (
            element.text,
            *(element.get(name) for name in ("aria-label", "title", "placeholder", "data-offline-message")),
        ):
            yield (part or "").strip()
        yield from ((child.tail or "").strip() for child in element)


@pytest.mark.parametrize("url", PAGES)
def test_polish_pages_have_no_english_text(admin, url):
    admin.post("/language", language="pl")
    admin.post("/trunks", name="Zielony", host="127.0.0.1", port="5060", transport="udp", active="y")
    admin.post(
        "/routes", name="Niebieska", pattern="1.*", level="10", trunk_id="1", strip="1", emergency="y", active="y"
    )
    admin.post("/accounts/2", number="201", phone="other", active="y", level="20", version="1")
    english = {
        text: re.compile(re.sub(r"%\\\((\w+)\\\)s", ".+", re.escape(text)))
        for message in catalogue()
        for text in (message.id if isinstance(message.id, tuple) else (message.id,))
        if message.id and text not in SAME
    }
    page = admin.get(url).text
    assert 'lang="pl"' in page
    left = {
        part for part in visible_texts(page) if part and any(pattern.fullmatch(part) for pattern in english.values())
    }
    assert left - {"pl", "admin"} == set()


@pytest.mark.parametrize("number", ["200", "201"])
def test_agents_page_of_either_phone_is_fully_polish(app, ctx, admin, number):
    accounts.update(ctx, WHO, 2, 1, accounts.AccountInput(number=201, phone="other"))
    generations.generate(ctx, WHO)
    admin.post("/language", language="pl")
    admin.post("/agent", number=number)
    answer = admin.get("/agent")
    english = {message.id for message in catalogue() if isinstance(message.id, str)} - SAME
    assert soup(answer).h1.text == f"Numer {number}"
    assert {part for part in visible_texts(answer.text) if part and part in english} == set()
    labels = soup(answer).select_one("#labels")
    assert bool(labels) == (number == "200")  # the account 201 has another phone
    if labels:
        texts = json.loads(labels.string)
        assert len(texts) == 22
        assert not [text for text in texts.values() if re.search(r"\b(is|call|the)\b", text)]


def test_polish_plan_uses_gender_neutral_words(admin, ctx):
    admin.post("/language", language="pl")
    for name in ("Zielony", "Szary"):
        admin.post("/trunks", name=name, host="127.0.0.1", port="5060", transport="udp", active="y")
    generations.generate(ctx, WHO)
    admin.post("/trunks", name="Nowy", host="127.0.0.1", port="5060", transport="udp", active="y")
    admin.post("/trunks/1", name="Zielony", host="127.0.0.1", port="5060", transport="udp", secret="x", version="1")
    admin.post("/trunks/2/delete")
    admin.post("/accounts/1/secret/new")
    page = soup(admin.get("/generation"))
    tags = [(tag["class"], tag.text) for tag in page.select(".plan .tag")]
    assert tags == [
        (["tag", "mod"], "zmieniono"), (["tag", "del"], "dezaktywowano"), (["tag", "del"], "usunięto"),
        (["tag", "add"], "dodano"),
    ]  # fmt: skip
    (name,) = page.select(".plan dt")
    assert (name.text, name.find_next_sibling("dd").text.strip()) == ("Hasło", "zmieniono")


def test_polish_pages_use_the_terms_of_the_manual(admin):
    admin.post("/language", language="pl")
    page = admin.get("/accounts?edit=1").text
    for words in (
        "Administracja", "Telekomunikacja", "Konta SIP", "Numer wewnętrzny", "Hasło", "Użytkownik", "Telefon sprzętowy",
        "Thulium Softphone", "Inny softphone", "Konto aktywne", "Nagrywanie rozmów", "Poziom uprawnień (0-100)",
        "Generowanie konfiguracji", "Dodaj konto SIP", "Zapisz", "Anuluj", "Edytuj", "Automat Automat",
        'aria-label="Oczekujące zmiany"',
    ):  # fmt: skip
        assert words in page, words
    assert "Konfiguracja jest aktualna." in admin.get("/generation").text
    admin.post("/accounts/1/active", value="off", version="1")
    assert "Generuj konfigurację" in admin.get("/generation").text
