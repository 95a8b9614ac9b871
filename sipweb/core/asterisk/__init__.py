"""Asterisk's configuration of a snapshot.

The same snapshot gives the same bytes on the same PBX host.
"""

from dataclasses import dataclass
from functools import cached_property

from ..snapshot import Snapshot
from .conf import ConfWriter, Section
from .dialplan import dialplan_contexts
from .pjsip import pjsip_sections
from .renderer import Decrypt, Renderer

__all__ = ["Configuration", "Decrypt", "Renderer", "render"]


@dataclass(frozen=True)
class Configuration:
    """What one PBX host runs of a snapshot. Each part is made once: files are written of it, and Asterisk is compared.

    Reading a part raises Invalid if a value is not allowed in a configuration file.
    """

    snapshot: Snapshot
    renderer: Renderer

    @cached_property
    def sections(self) -> tuple[Section, ...]:
        """The PJSIP sections."""
        return pjsip_sections(self.snapshot, self.renderer)

    @property
    def marker(self) -> str:
        """The name of the endpoint that an Asterisk with these sections has."""
        return self.sections[0].name

    @cached_property
    def contexts(self) -> tuple[Section, ...]:
        """The contexts of the dialplan."""
        return dialplan_contexts(self.snapshot, self.renderer.host)

    @cached_property
    def files(self) -> dict[str, str]:
        """File name → text."""
        comment = f"Made by sipweb from configuration {self.snapshot.digest}. Changes here are lost."
        accounts, dialplan = ConfWriter(comment), ConfWriter(comment, arrow=True)
        for section in self.sections:
            accounts.section(section)
        for context in self.contexts:
            dialplan.section(context)
        return {"pjsip.conf": accounts.text(), "extensions.conf": dialplan.text()}


def render(snapshot: Snapshot, renderer: Renderer) -> dict[str, str]:
    """Return file name → text.

    Raises:
        Invalid: a value is not allowed in a configuration file.
    """
    return Configuration(snapshot, renderer).files
