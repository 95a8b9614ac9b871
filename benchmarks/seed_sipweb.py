"""The same accounts and users into the database that SIPWEB_INSTANCE names; `flask setup` has run."""

import os

from sqlalchemy import create_engine, delete, insert
from sqlalchemy.orm import Session

from benchmarks.data import ACCOUNTS, PASSWORD, USERS
from sipweb import config, vault
from sipweb.models import Account, User


def main() -> None:
    settings = config.load(os.environ)
    keys = vault.load_keys(settings.instance / "keys.json")
    safe = vault.Vault(keys.secrets_keys, keys.fingerprint_key)
    password = vault.hash_password(PASSWORD)
    with Session(create_engine(settings.database_url)) as session, session.begin():
        people = [{"login": u, "name": n, "password_hash": password, "role": "agent"} for u, n in USERS]
        owners = list(session.scalars(insert(User).returning(User.id, sort_by_parameter_order=True), people))
        session.execute(delete(Account))
        rows = [_account(row, owner, safe) for row, owner in zip(ACCOUNTS, owners, strict=True)]
        session.execute(insert(Account), rows)


def _account(row: dict, owner: int, safe: vault.Vault) -> dict:
    secret = vault.new_secret()
    return row | {"user_id": owner, "secret": safe.encrypt(secret), "fingerprint": safe.fingerprint(secret)}


if __name__ == "__main__":
    main()
