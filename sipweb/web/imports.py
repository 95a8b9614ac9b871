"""Imports of accounts and of users: upload, columns and preview, and the import itself."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from ..core import account_file, user_file
from ..core.csv_files import MAX_BYTES, MAX_LINES, Table, read_table, read_text
from ..core.errors import N_, Invalid
from ..core.import_file import ADDED, CHANGED, REFUSED, UNCHANGED, ImportLine, repeated_headers
from ..core.rights import Right
from ..services import account_import, imports, user_import
from ..services.account_import import Imported
from ..services.errors import ChangedSincePreview
from ..services.imports import Preview, Upload
from ..services.user_import import ImportedUsers
from .access import current_actor, current_context, current_session, recent_sign_in_if, requires
from .compression import do_not_compress
from .inline_list import Message
from .labels import label, phone_name
from .locale import translate
from .messages import emergency_number_message, released_message
from .security import accepts_file

bp = Blueprint("imports", __name__)
MAX_SHOWN = 200  # lines of each outcome that a page shows
MAX_NAME = 80  # characters of a file's name


@dataclass(frozen=True, slots=True)
class Kind:
    """What can be imported. `fields` are those that a column can hold, `kind` is that of their labels."""

    name: str
    title: object
    key: str
    fields: Sequence[str]
    kind: str

    @property
    def list_address(self) -> str:
        """The address of the list."""
        return url_for(f"{self.name}.index")

    @property
    def export_address(self) -> str:
        """The address of a file with all rows."""
        return url_for(f"{self.name}.export")

    def label(self, field: str) -> str:
        """Return the label of a field."""
        return label("secret" if field == "password" else field, self.kind)


KINDS = {
    "accounts": Kind("accounts", _l("Import SIP accounts"), "number", tuple(account_file.HEADERS["en"]), ""),
    "users": Kind("users", _l("Import users"), "login", user_file.FIELDS, "user"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewPage:
    """What imports/preview.html shows; `preview` is None as long as no column has the key."""

    kind: Kind
    token: str
    name: str
    table: Table
    columns: Mapping[str, int]
    preview: Preview | None
    error: str = ""

    def lines(self, outcome: str) -> Sequence[ImportLine]:
        """Return the lines of one outcome."""
        return self.preview.of(outcome) if self.preview else ()

    @property
    def seen(self) -> str:
        """What the preview shows, for the form that imports it."""
        return json.dumps(self.preview.seen if self.preview else {}, separators=(",", ":"))

    @property
    def counts(self) -> Sequence[str]:
        """How many lines have each outcome, without the outcomes of none."""
        counts = {outcome: len(self.lines(outcome)) for outcome in (ADDED, CHANGED, UNCHANGED, REFUSED)}
        return _counts(counts)

    @property
    def hints(self) -> Sequence[str]:
        """What the header says of the file, and what follows; which new accounts have emergency numbers."""
        numbers = self.preview.emergency_numbers if self.preview else ()
        repeated = [
            gettext(
                "Several columns are called “%(header)s”. Column %(number)s is imported.",
                header=header,
                number=number,
            )
            for header, number in repeated_headers(self.table, self.columns)
        ]
        return [*self._format_hints, *repeated, *map(emergency_number_message, numbers)]

    @property
    def _format_hints(self) -> Sequence[str]:
        name = self.preview.format if self.preview else ""
        if name in ("", account_file.OWN):
            return ()
        hints = [
            gettext(
                "The header is that of %(format)s: new accounts are for '%(phone)s'.",
                format=name, phone=phone_name("other"),
            )
        ]  # fmt: skip
        if "user" not in self.columns:
            hints.append(
                gettext("They belong to Automat Automat: none of the names in the file is exactly one active user's.")
            )
        return hints

    @property
    def shows_columns(self) -> bool:
        """Whether the columns should be looked at: they were guessed from another PBX's header, or one is missing."""
        return self.preview is None or self.preview.format not in ("", account_file.OWN)

    @property
    def mapping(self) -> str:
        """Which columns are imported, in a line."""
        headers = self.table.headers
        pairs = ((headers[column], self.kind.label(field)) for field, column in _sorted_columns(self.columns))
        return " · ".join(label if header == label else f"{header} → {label}" for header, label in pairs)

    def changes(self, line: ImportLine) -> Sequence[Any]:
        """Return the changes to show: of an added line those that the file gives."""
        if line.outcome != ADDED:
            return line.changes
        return [change for change in line.changes if change.field in self.columns or change.field == "secret"]

    def reason(self, line: ImportLine) -> str:
        """Return why a line is refused: the field, what it holds, and the reason."""
        assert line.refusal is not None  # the line is refused
        reason, field = translate(line.refusal), line.refusal.field
        if not field:
            return reason
        if line.cell:
            return gettext("%(field)s '%(text)s': %(reason)s", field=self.kind.label(field), text=line.cell,
                           reason=reason)  # fmt: skip
        return f"{self.kind.label(field)}: {reason}"


@bp.get("/accounts/import", defaults={"kind": "accounts"})
@bp.get("/users/import", defaults={"kind": "users"})
@requires(Right.EDIT)
def form(kind: str) -> ResponseReturnValue:
    """Ask for a file."""
    return _form(KINDS[kind])


@bp.post("/accounts/import", defaults={"kind": "accounts"})
@bp.post("/users/import", defaults={"kind": "users"})
@requires(Right.EDIT)
@accepts_file(MAX_BYTES)
def upload(kind: str) -> ResponseReturnValue:
    """Keep the file and show what its import would do."""
    file = request.files.get("file")
    try:
        if file is None or not file.filename:
            raise Invalid(N_("Choose a file."))
        with file.stream as stream:
            text = read_text(stream.read())
        read_table(text)
    except Invalid as error:
        return _form(KINDS[kind], translate(error)), 422
    stored = Upload(_file_name(file.filename), text)
    token = imports.store_upload(current_context(), current_session().session_id, kind, stored)
    return redirect(url_for(".preview", kind=kind, upload=token), 303)


@bp.get("/accounts/import/preview", defaults={"kind": "accounts"})
@bp.get("/users/import/preview", defaults={"kind": "users"})
@requires(Right.EDIT)
def preview(kind: str) -> ResponseReturnValue:
    """Show what an import would do, with the columns that the address names or that the header suggests."""
    page = _page(KINDS[kind], request.args)
    return render_template("imports/preview.html", page=page, max_shown=MAX_SHOWN), 422 if page.error else 200


def _sets_secrets(kind: str) -> bool:
    """Return whether an import sets rights of users, or passwords: it needs a recent sign-in then.

    Without the columns that the page sends, they are guessed from the header, which may name passwords.
    """
    return kind == "users" or "column-number" not in request.form or request.form.get("column-secret") != ""


@bp.post("/accounts/import/preview", defaults={"kind": "accounts"})
@bp.post("/users/import/preview", defaults={"kind": "users"})
@requires(Right.EDIT)
@do_not_compress
@recent_sign_in_if(_sets_secrets)
def run(kind: str) -> ResponseReturnValue:
    """Import the file as the preview showed it, or show the preview again."""
    what, ctx, session_id = KINDS[kind], current_context(), current_session().session_id
    stored = imports.load_upload(ctx, session_id, kind, request.form.get("upload", ""))
    table = read_table(stored.text)
    service: Callable[..., Imported | ImportedUsers] = (
        account_import.import_accounts if kind == "accounts" else user_import.import_users
    )
    try:
        done = service(
            ctx, current_actor(), table, phone_name("builtin"), name=stored.name,
            columns=_columns(what, table, request.form), seen=_seen(request.form.get("seen", "")),
            skip_refused="skip" in request.form,
        )  # fmt: skip
    except (ChangedSincePreview, Invalid) as error:
        status = 409 if isinstance(error, ChangedSincePreview) else 422
        page = _page(what, request.form, error=translate(error))
        return render_template("imports/preview.html", page=page, max_shown=MAX_SHOWN), status
    imports.delete_upload(session_id)
    message = _message(stored.name, done)
    if isinstance(done, ImportedUsers) and done.passwords:
        return render_template("imports/passwords.html", kind=what, message=message, passwords=done.passwords)
    flash(_undoable(message, done.entry_id) if isinstance(done, Imported) and done.entry_id else message)
    return redirect(what.list_address, 303)


def _undoable(text: str, entry_id: int) -> Any:
    """Return a message with the button Undo, as the session keeps it."""
    return asdict(Message(text, undo_address=url_for("accounts.undo_addition"), undo=str(entry_id)))


def _form(kind: Kind, error: str = "") -> str:
    return render_template(
        "imports/form.html", kind=kind, error=error, max_lines=MAX_LINES, max_size=MAX_BYTES // 1024 // 1024
    )


def _page(kind: Kind, values: Mapping[str, str], error: str = "") -> PreviewPage:
    """Return the preview of the file that a request names. Raises NotFound if it is no longer there."""
    ctx, token = current_context(), values.get("upload", "")
    stored = imports.load_upload(ctx, current_session().session_id, kind.name, token)
    table = read_table(stored.text)
    columns = _columns(kind, table, values)
    found = None
    try:
        if kind.name == "accounts":
            found = account_import.preview(ctx, table, phone_name("builtin"), columns)
        else:
            found = user_import.preview(ctx, current_actor(), table, phone_name("builtin"), columns)
    except Invalid as invalid:
        error = error or translate(invalid)
    return PreviewPage(
        kind=kind, token=token, name=stored.name, table=table, columns=columns, preview=found, error=error
    )


def _columns(kind: Kind, table: Table, values: Mapping[str, str]) -> Mapping[str, int]:
    """Return which column holds which field: as the form says, or as the header suggests."""
    if f"column-{kind.key}" not in values:
        if kind.name == "accounts":
            return account_import.guess_columns(current_context(), table)
        return user_import.guess_user_columns(table)
    chosen = {name: values.get(f"column-{name}", "") for name in kind.fields}
    places = {str(place): place for place in range(len(table.headers))}
    return {name: places[text] for name, text in chosen.items() if text in places}


def _seen(text: str) -> Mapping[str, int]:
    """Return the versions that the form's preview showed."""
    try:
        seen = json.loads(text)
    except (ValueError, RecursionError):
        seen = None
    if not (isinstance(seen, dict) and all(isinstance(version, int) for version in seen.values())):
        raise Invalid(N_("This page is out of date. Reload it and try again."))
    return seen


def _file_name(name: str) -> str:
    """Return a file's name for pages and the audit log."""
    printable = "".join(char for char in name if char.isprintable()).strip()
    return printable[-MAX_NAME:] or "import.csv"


def _sorted_columns(columns: Mapping[str, int]) -> Sequence[tuple[str, int]]:
    """Return the columns in the order in which the file has them."""
    return sorted(columns.items(), key=lambda item: item[1])


def _counts(counts: Mapping[str, int]) -> list[str]:
    texts = {
        ADDED: gettext("%(count)s added", count=counts[ADDED]),
        CHANGED: gettext("%(count)s changed", count=counts[CHANGED]),
        UNCHANGED: gettext("%(count)s unchanged", count=counts[UNCHANGED]),
        REFUSED: gettext("%(count)s refused", count=counts[REFUSED]),
    }
    return [text for outcome, text in texts.items() if counts[outcome]]


def _message(name: str, done: Imported | ImportedUsers) -> str:
    counts = _counts({ADDED: done.added, CHANGED: done.changed, UNCHANGED: 0, REFUSED: 0})
    parts = [gettext("%(name)s imported: %(counts)s.", name=name, counts=", ".join(counts))]
    if isinstance(done, ImportedUsers):
        parts += map(released_message, done.released)
    elif done.added or done.changed:
        parts.append(gettext("Pending: the PBX works as before until the configuration is generated."))
    return " ".join(parts)
