"""Cards to hand out with phones: the SIP passwords of many accounts, shown at once."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..core.accounts import OTHER
from ..core.numbers import number_ranges
from ..core.rights import Right
from ..db import transaction
from ..models import Account
from . import audit
from .account_secrets import RevealedSecret, revealed_secret
from .audit import Part
from .context import Actor, ServiceContext
from .history import last_known_name
from .state import current_state
from .state_records import AccountView, State

REASONS = ("builtin", "not_live", "inactive", "deleted")  # why an account has no card


@dataclass(frozen=True, slots=True)
class HandedOut:
    """The accounts that have a card, each with its password, and the numbers of those without one by reason.

    `changed` are the numbers on cards whose number or password will be another one after the next generation.
    """

    state: State
    secrets: Sequence[tuple[AccountView, RevealedSecret]]
    refused: Mapping[str, list[int]]
    changed: list[int]


def hand_out(ctx: ServiceContext, actor: Actor, account_ids: Iterable[int]) -> HandedOut:
    """Return what the cards of these accounts show, and record in one audit entry whose passwords they are."""
    actor.require(Right.SHOW_PASSWORDS)
    with transaction() as session:
        state = current_state(ctx)
        accounts: list[AccountView] = []
        refused: dict[str, list[int]] = {reason: [] for reason in REASONS}
        for account_id in account_ids:
            account = state.by_id.get(account_id)
            if account is None:
                refused["deleted"] += _numbers_of_deleted(account_id)
            elif reason := _refusal(account, state):
                refused[reason].append(account.number)
            else:
                accounts.append(account)
        rows = {row.id: row for row in session.scalars(select(Account).where(Account.id.in_([a.id for a in accounts])))}
        secrets = [
            (account, revealed_secret(ctx, rows[account.id], state.live.by_id[account.id])) for account in accounts
        ]
        if accounts:
            _record(session, actor, accounts)
    live_numbers = {account.id: state.live.by_id[account.id].number for account in accounts}
    changed = [
        live_numbers[account.id]
        for account, secret in secrets
        if secret.previous or account.number != live_numbers[account.id]
    ]
    return HandedOut(state, secrets, {reason: numbers for reason, numbers in refused.items() if numbers}, changed)


def _refusal(account: AccountView, state: State) -> str:
    """Return why an account has no card, or ""."""
    live = state.live.by_id.get(account.id)
    if not account.active:
        return "inactive"
    if account.phone != OTHER:
        return "builtin"
    return "not_live" if live is None or live.phone != OTHER else ""


def _numbers_of_deleted(account_id: int) -> list[int]:
    number = last_known_name(("account", account_id))
    return [int(number)] if number.isdecimal() else []


def _record(session: Session, actor: Actor, accounts: Sequence[AccountView]) -> None:
    subject = number_ranges((account.number for account in accounts), max_length=audit.MAX_SUBJECT)
    parts = [Part(str(account.number), account_id=account.id) for account in accounts]
    numbers = number_ranges(account.number for account in accounts)  # all: the subject may be too short for them
    changes: dict[str, list[Any]] = {"count": [None, len(accounts)], "accounts": [None, numbers]}
    audit.record_many(session, actor, "account.cards", subject, changes=changes, parts=parts)
