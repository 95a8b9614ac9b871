"""A snapshot as Asterisk's configuration: the same snapshot gives the same bytes."""

from ..snapshot import Snapshot
from .conf import ConfWriter
from .dialplan import contexts
from .pjsip import Decrypt, sections

__all__ = ["Decrypt", "render"]


def render(snapshot: Snapshot, decrypt: Decrypt) -> dict[str, str]:
    """File name → text. Raises Invalid when a value cannot stand in a configuration file."""
    comment = f"Made by sipweb from configuration {snapshot.digest}. Changes here are lost."
    accounts, dialplan = ConfWriter(comment), ConfWriter(comment)
    for section in sections(snapshot, decrypt):
        accounts.section(section)
    for context in contexts(snapshot):
        dialplan.section(context, arrow=True)
    return {"pjsip.conf": accounts.text(), "extensions.conf": dialplan.text()}
