"""What saving a record has in common, whatever its table is."""

from collections.abc import Mapping
from typing import Any, TypeVar

from sqlalchemy.orm import Session

from ..core.errors import N_, NotFound
from ..models import Account, OutboundRoute, Trunk, User

Record = TypeVar("Record", Account, User, Trunk, OutboundRoute)
MISSING = N_("This item no longer exists.")


def get_or_raise(session: Session, table: type[Record], record_id: int, message: str = MISSING) -> Record:
    """Return the record of this id. Raises NotFound with the message."""
    record = session.get(table, record_id)
    if record is None:
        raise NotFound(message)
    return record


def update(record: User | Trunk | OutboundRoute, values: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Set what differs, raise the version if anything does, and return {field: [old, new]} for the audit log."""
    changes = {name: [getattr(record, name), value] for name, value in values.items() if getattr(record, name) != value}
    for name, (_old, new) in changes.items():
        setattr(record, name, new)
    if changes:
        record.version += 1
    return changes
