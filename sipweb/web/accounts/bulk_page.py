"""What the preview of a change of many accounts shows."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from flask_babel import gettext, ngettext

from ...core.bulk_changes import Action, seen_versions
from ...core.import_file import CHANGED, REFUSED, UNCHANGED
from ...core.numbers import number_ranges
from ...core.plan import FieldChange
from ...services.account_owners import file_texts
from ...services.bulk_changes import Line
from ...services.state_records import State
from ..locale import translate
from .forms import BulkForm


@dataclass(frozen=True, slots=True)
class Group:
    """Accounts with which the change does the same, as ranges of numbers; of a deletion those of one user."""

    numbers: str
    count: int
    changes: Sequence[FieldChange] = ()
    text: str = ""  # the user, or why they are refused


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkPage:
    """What accounts/bulk.html shows. Without lines the form has errors or no account exists any more."""

    action: Action
    form: BulkForm
    ids: Collection[int]
    state: State
    lines: Sequence[Line] = ()
    error: str = ""

    def of(self, outcome: str) -> list[Line]:
        """Return the lines of one outcome."""
        return [line for line in self.lines if line.outcome == outcome]

    @property
    def seen(self) -> str:
        """The versions that the preview shows, for the form that makes the change."""
        return ",".join(f"{one}-{version}" for one, version in seen_versions(self.lines).items())

    @property
    def is_gone(self) -> bool:
        """Whether all selected accounts were deleted meanwhile."""
        return not any(account_id in self.state.by_id for account_id in self.ids)

    @property
    def title(self) -> str:
        """The heading."""
        titles = {
            Action.EDIT: gettext("Change SIP accounts"),
            Action.SECRETS: gettext("Generate new passwords"),
            Action.DELETE: gettext("Delete SIP accounts"),
        }
        return titles[self.action]

    @property
    def button(self) -> str:
        """What the button says that makes the change."""
        count = len(self.of(CHANGED))
        if self.action is Action.DELETE:
            return ngettext("Delete %(num)s account", "Delete %(num)s accounts", count)
        if self.action is Action.SECRETS:
            return ngettext("Generate %(num)s password", "Generate %(num)s passwords", count)
        return ngettext("Change %(num)s account", "Change %(num)s accounts", count)

    @property
    def summary(self) -> str:
        """How many accounts change, stay as they are and are refused; why, if there is one reason."""
        changed, unchanged, refused = (len(self.of(one)) for one in (CHANGED, UNCHANGED, REFUSED))
        counts = []
        if changed:
            counts.append(self._changing(changed))
        if unchanged:
            counts.append(ngettext("%(num)s stays as it is", "%(num)s stay as they are", unchanged))
        if refused:
            reasons = {_reason(line) for line in self.of(REFUSED)}
            text = ngettext("%(num)s is refused", "%(num)s are refused", refused)
            counts.append(f"{text}: {reasons.pop()}" if len(reasons) == 1 else text)
        return ", ".join(counts)

    def _changing(self, count: int) -> str:
        if self.action is Action.DELETE:
            return ngettext("%(num)s is deleted", "%(num)s are deleted", count)
        if self.action is Action.SECRETS:
            return ngettext("%(num)s gets a new password", "%(num)s get new passwords", count)
        return ngettext("%(num)s changes", "%(num)s change", count)

    @property
    def missing(self) -> str:
        """A sentence about selected accounts that were deleted meanwhile; "" without any."""
        count = len(self.ids) - len(self.lines) if self.lines else 0
        if not count:
            return ""
        return ngettext(
            "%(num)s of the selected accounts no longer exists.",
            "%(num)s of the selected accounts no longer exist.",
            count,
        )

    @property
    def hints(self) -> list[str]:
        """What follows from the change."""
        if self.action is Action.EDIT or not self.of(CHANGED):
            return []
        if self.action is Action.SECRETS:
            return [
                gettext("Their phones need the new passwords once the configuration is generated."),
                gettext("This can't be undone."),
            ]
        hints = [gettext("Accounts that are live keep working until the configuration is generated.")]
        if unknown := sum(not line.account.live for line in self.of(CHANGED)):
            hints.append(ngettext(
                "%(num)s isn't live yet: its deletion can't be undone.",
                "%(num)s aren't live yet: their deletion can't be undone.", unknown,
            ))  # fmt: skip
            if unknown == len(self.of(CHANGED)):
                return hints
        return [*hints, gettext("Until then you can undo the deletion: accounts are restored as they are live.")]

    @property
    def changed(self) -> list[Group]:
        """The accounts that change, by what changes or, where that is always the same, by their user."""
        if self.action is not Action.EDIT:
            return self._groups((line.account.user, line) for line in self.of(CHANGED))
        names: Mapping[int | None, str] = file_texts(self.state)
        found: dict[tuple[FieldChange, ...], list[int]] = {}
        for line in self.of(CHANGED):
            changes = (
                FieldChange("user", *(names[one] for one in pair)) if name == "user_id" else FieldChange(name, *pair)
                for name, pair in line.changes.items()
            )
            found.setdefault(tuple(changes), []).append(line.account.number)
        return [Group(number_ranges(numbers), len(numbers), changes) for changes, numbers in found.items()]

    @property
    def refused(self) -> list[Group]:
        """The accounts that are refused, by the reason."""
        return self._groups((_reason(line), line) for line in self.of(REFUSED))

    @property
    def unchanged(self) -> str:
        """The numbers of the accounts that have all new values already."""
        return number_ranges(line.account.number for line in self.of(UNCHANGED))

    @staticmethod
    def _groups(lines: Iterable[tuple[str, Line]]) -> list[Group]:
        found: dict[str, list[int]] = {}
        for text, line in lines:
            found.setdefault(text, []).append(line.account.number)
        return [Group(number_ranges(numbers), len(numbers), text=text) for text, numbers in found.items()]


def _reason(line: Line) -> str:
    assert line.refusal is not None  # the line is refused
    return translate(line.refusal)
