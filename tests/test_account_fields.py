"""A field that is added to core.accounts.AccountFields is forgotten nowhere."""

import re

import pytest
from flask_babel import force_locale

from sipweb.config import ROOT
from sipweb.core import user_file
from sipweb.core.account_file import EXPORTED, HEADERS, parsers
from sipweb.core.accounts import FIELDS
from sipweb.core.plan import ACCOUNT_FIELDS
from sipweb.models import Account
from sipweb.services.accounts import COLUMNS
from sipweb.web.accounts.forms import AccountForm
from sipweb.web.labels import CHOICES, label
from sipweb.web.labels import FIELDS as LABELS

SHOWN = ["user" if name == "user_id" else name for name in COLUMNS]
TEMPLATES = ROOT / "templates" / "accounts"
# The template of a row, without the macro of the form where both are in one file.
ROW = (TEMPLATES / "_row.html").read_text().partition("macro edit_row")[0]
FORM = "".join(path.read_text() for path in TEMPLATES.glob("_*.html"))


def test_every_field_is_a_column_of_the_table():
    assert set(COLUMNS) <= set(Account.__table__.columns.keys())


def test_the_plan_compares_every_field():
    assert list(ACCOUNT_FIELDS) == ["user" if name == "user_id" else name for name in FIELDS]


@pytest.mark.parametrize("name", SHOWN)
def test_every_field_has_a_label(name):
    assert name in LABELS


@pytest.mark.parametrize("name", FIELDS)
def test_every_field_is_in_the_form(name):
    assert hasattr(AccountForm, name)
    assert re.search(rf"(cell|check)\(form\.{name}\b", FORM)


@pytest.mark.parametrize("name", SHOWN)
def test_every_field_is_exported_and_imported(name):
    assert name in EXPORTED
    assert name in parsers(lambda *_: None, "")


@pytest.mark.parametrize("language", HEADERS)
def test_files_have_the_words_of_the_pages(app, language):
    with app.test_request_context(), force_locale(language):
        assert {name: str(LABELS[name]) for name in HEADERS[language]} == HEADERS[language]
        assert {name: label(name, "user") for name in user_file.NAMES if name != "password"} == {
            name: user_file.HEADERS[language][name] for name in user_file.NAMES if name != "password"
        }
        for field, words in (("role", user_file.ROLES), ("work_mode", user_file.WORK_MODES)):
            assert {value: str(word) for value, word in CHOICES[field].items()} == words[language]


@pytest.mark.parametrize("name", SHOWN)
def test_every_field_has_a_cell_in_the_list(name):
    assert re.search(rf"<t[hd]\b[^/]*\b(a|account)\.{name}\b", ROW)
