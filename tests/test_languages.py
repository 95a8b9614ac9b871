"""Both languages are complete: nothing is left over, nothing is stale, every placeholder stands in both."""

import re
from io import BytesIO

import html5lib
import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from sipweb.config import ROOT
from sipweb.services import accounts, generations
from sipweb.services.site import Actor

WHO = Actor(None, "test")
METHODS = [("sipweb/**.py", "python"), ("templates/**.html", "jinja2")]
MARKS = {"_": None, "gettext": None, "N_": None, "_l": None, "lazy_gettext": None, "ngettext": (1, 2)}
PAGES = [
    "/accounts", "/accounts?add=1", "/accounts?edit=1", "/accounts?show=inactive", "/accounts/1/delete", "/accounts/2/phone",
    "/generation", "/generation/1", "/audit", "/account", "/no-such-page", "/users", "/users?add=1", "/users?edit=1", "/agent", "/trunks", "/trunks?edit=1", "/trunks?add=1",
    "/recordings", "/routes", "/routes?edit=1", "/routes?add=1", "/routes/1/delete",
]  # fmt: skip
SAME = {"Agent", "Host", "Trunk", "Login", "Administrator", "Port", "Transport", "Automat Automat", "sipweb"}


def catalogue():
    return read_po(BytesIO((ROOT / "translations/pl/LC_MESSAGES/messages.po").read_bytes()))


def extracted():
    found = extract_from_dir(str(ROOT), METHODS, keywords=MARKS)
    return {message for _file, _line, message, *_rest in found}


def test_the_polish_catalogue_has_exactly_the_sentences_of_the_sources():
    assert {message.id for message in catalogue() if message.id} == extracted()


def test_every_sentence_is_translated_with_its_placeholders():
    for message in catalogue():
        ids = message.id if isinstance(message.id, tuple) else (message.id,)
        strings = message.string if isinstance(message.string, tuple) else (message.string,)
        assert all(strings), message.id
        assert not message.fuzzy
        if message.id:
            wanted = sorted(re.findall(r"%\(\w+\)s", ids[-1]))
            assert all(sorted(re.findall(r"%\(\w+\)s", text)) == wanted for text in strings), message.id


def said(text):
    """Everything that a page says: texts, labels, titles, placeholders."""
    tree = html5lib.parse(text, namespaceHTMLElements=False)
    for element in tree.iter():
        if element.get("lang") == "en":
            continue
        for part in (
            element.text,
            *(element.get(name) for name in ("aria-label", "title", "placeholder", "data-lost")),
        ):
            yield (part or "").strip()
        yield from ((child.tail or "").strip() for child in element)


@pytest.mark.parametrize("url", PAGES)
def test_no_page_says_anything_in_the_other_language(admin, url):
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
    left = {part for part in said(page) if part and any(pattern.fullmatch(part) for pattern in english.values())}
    assert left - {"pl", "admin"} == set()


@pytest.mark.parametrize("number", ["200", "201"])
def test_the_desk_of_either_phone_is_all_polish(app, site, admin, number):
    accounts.change(site, WHO, 2, 1, accounts.Draft(201, None, "other", True, False, 10))
    generations.generate(site, WHO)
    admin.post("/language", language="pl")
    admin.post("/agent", number=number)
    page = admin.get("/agent").text
    english = {message.id for message in catalogue() if isinstance(message.id, str)} - SAME
    assert f"Numer {number}" in page
    assert {part for part in said(page) if part and part in english} == set()
    assert not re.search(r'": "[^"]*\b(is|call|the)\b', page)


def test_the_polish_plan_says_what_happens_in_words_that_fit_every_gender(admin, site):
    admin.post("/language", language="pl")
    for name in ("Zielony", "Szary"):
        admin.post("/trunks", name=name, host="127.0.0.1", port="5060", transport="udp", active="y")
    generations.generate(site, WHO)
    admin.post("/trunks", name="Nowy", host="127.0.0.1", port="5060", transport="udp", active="y")
    admin.post("/trunks/1", name="Zielony", host="127.0.0.1", port="5060", transport="udp", secret="x", version="1")
    admin.post("/trunks/2/delete")
    admin.post("/accounts/1/secret/new")
    page = admin.get("/generation").text
    assert re.findall(r'<span class="tag (\w+)">(.*?)<', page) == [
        ("mod", "zmieniono"), ("del", "wyłączono"), ("del", "usunięto"), ("add", "dodano"),
    ]  # fmt: skip
    assert "<dt>Hasło</dt><dd>zmieniono</dd>" in page


def test_the_polish_pages_say_the_manuals_words(admin):
    admin.post("/language", language="pl")
    page = admin.get("/accounts?edit=1").text
    for words in (
        "Administracja", "Telekomunikacja", "Konta SIP", "Numer wewnętrzny", "Hasło", "Użytkownik", "Telefon sprzętowy",
        "Thulium Softphone", "Inny softphone", "Konto aktywne", "Nagrywanie rozmów", "Poziom uprawnień (0-100)",
        "Generowanie konfiguracji", "Dodaj konto SIP", "Zapisz", "Anuluj", "Edytuj", "Automat Automat",
        'aria-label="Oczekujące zmiany"',
    ):  # fmt: skip
        assert words in page, words
    assert "Generuj konfigurację" in admin.get("/generation").text
