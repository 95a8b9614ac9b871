"""Render a snapshot as Asterisk's configuration.

The same snapshot gives the same bytes on the same PBX host.
"""

from ..snapshot import Snapshot
from .conf import ConfWriter
from .dialplan import dialplan_contexts
from .pjsip import pjsip_sections
from .renderer import Decrypt, Renderer

__all__ = ["Decrypt", "Renderer", "render"]


def render(snapshot: Snapshot, renderer: Renderer) -> dict[str, str]:
    """Return file name → text.

    Raises:
        Invalid: a value is not allowed in a configuration file.
    """
    comment = f"Made by sipweb from configuration {snapshot.digest}. Changes here are lost."
    accounts, dialplan = ConfWriter(comment), ConfWriter(comment, arrow=True)
    for section in pjsip_sections(snapshot, renderer):
        accounts.section(section)
    for context in dialplan_contexts(snapshot, renderer.host):
        dialplan.section(context)
    return {"pjsip.conf": accounts.text(), "extensions.conf": dialplan.text()}
