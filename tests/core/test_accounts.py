"""Every field of an account reaches the plan, and an old snapshot without it loads."""

import json
from dataclasses import MISSING, fields, replace

import pytest

from sipweb.core.accounts import FIELDS, AccountFields
from sipweb.core.plan import FieldChange, compare
from sipweb.core.snapshot import Account, PbxSettings, Snapshot

SAVED = AccountFields(
    number=300,
    user_id=7,
    phone="other",
    recording=True,
    level=50,
    max_contacts=3,
    pickup_group=5,
    forward_always="201",
    forward_busy="202",
    forward_no_answer="203",
)  # no value is a default
ACCOUNT = Account(**{name: getattr(SAVED, name) for name in FIELDS}, id=1, user="Anna", secret="s", fingerprint="f")
DEFAULTS = {field.name: field.default for field in fields(AccountFields) if field.default is not MISSING}


def test_only_the_number_has_no_default():
    assert DEFAULTS.keys() == set(FIELDS) - {"number"}
    assert not [name for name, default in DEFAULTS.items() if getattr(SAVED, name) == default]


@pytest.mark.parametrize("name", DEFAULTS)
def test_an_old_snapshot_without_a_field_loads_with_its_default(name):
    stored = json.loads(Snapshot.build([ACCOUNT], PbxSettings()).to_json())
    del stored["accounts"][0][name]
    assert Snapshot.from_json(json.dumps(stored)).accounts == (replace(ACCOUNT, **{name: DEFAULTS[name]}),)


@pytest.mark.parametrize("name", FIELDS)
def test_a_change_of_any_field_is_in_the_plan(name):
    other = replace(ACCOUNT, **{name: 999}, **({"user": "Piotr"} if name == "user_id" else {}))
    shown = "user" if name == "user_id" else name
    assert compare(ACCOUNT, other).fields == (FieldChange(shown, getattr(ACCOUNT, shown), getattr(other, shown)),)
