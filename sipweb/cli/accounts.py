"""`flask import-accounts` and `flask export-accounts`."""

from collections.abc import Iterable
from pathlib import Path

import click
from flask.cli import with_appcontext

from ..core.account_file import HEADERS
from ..core.csv_files import MAX_BYTES, SEPARATORS, read_table, read_text, write_rows
from ..core.file_words import phone_words, yes_or_no
from ..core.import_file import ADDED, CHANGED, REFUSED, UNCHANGED, ImportLine, repeated_headers
from ..services import account_import
from ..services.imports import Preview, check_lines
from ..services.state import current_state
from .common import cli_actor, exit_on_error, get_context, get_settings, requires_setup

_LABELS = HEADERS["en"]


@click.command("import-accounts")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--dry-run", is_flag=True, help="Show what would change, and change nothing.")
@click.option("--skip-refused", is_flag=True, help="Leave out the lines that can't be imported.")
@with_appcontext
@exit_on_error
@requires_setup
def import_accounts(file: Path, *, dry_run: bool, skip_refused: bool) -> None:
    """Add and change SIP accounts as a CSV file says, all or none. Reads exports of FreePBX and FusionPBX too."""
    ctx, softphone = get_context(), get_settings().softphone_name
    with file.open("rb") as opened:
        table = read_table(read_text(opened.read(MAX_BYTES + 1)))
    preview = account_import.preview(ctx, table, softphone)
    _print_lines(preview, softphone)
    check_lines(preview.lines, None, skip_refused=skip_refused)
    if dry_run:
        return
    done = account_import.import_accounts(
        ctx, cli_actor(), table, softphone,
        name=file.name[:80], columns=preview.columns, seen=preview.seen, skip_refused=skip_refused,
    )  # fmt: skip
    click.echo(f"Imported: {done.added} added, {done.changed} changed.")


@click.command("export-accounts")
@click.option("--language", type=click.Choice(list(SEPARATORS)), default="en", help="Of the header and the words.")
@click.option("--bom", is_flag=True, help="Begin with the mark by which spreadsheets recognise UTF-8.")
@with_appcontext
@exit_on_error
@requires_setup
def export_accounts(language: str, *, bom: bool) -> None:
    """Write all SIP accounts as CSV to standard output, without passwords."""
    state = current_state(get_context())
    rows = account_import.export(state, state.accounts, language, get_settings().softphone_name)
    for text in write_rows(rows, SEPARATORS[language], bom=bom):
        click.echo(text.encode(), nl=False)


def _print_lines(preview: Preview, softphone: str) -> None:
    """Print a line for each account that changes and each refused line, then the counts, as the last line."""
    for line in preview.lines:
        if line.outcome == REFUSED:
            click.echo(f"! line {line.line}  {line.key or '–'}: {_reason(line)}")
        elif line.outcome != UNCHANGED:
            click.echo(f"{'+' if line.outcome == ADDED else '~'} {line.key}  {', '.join(_changes(line, softphone))}")
    for header, place in repeated_headers(preview.table, preview.columns):
        click.echo(f"  Several columns are called “{header}”. Column {place} is imported.")
    for number in preview.emergency_numbers:
        click.echo(f"  {number} is an emergency number: calls to it always go to emergency services. This account"
                   " cannot be called.")  # fmt: skip
    counts = {outcome: len(preview.of(outcome)) for outcome in (ADDED, CHANGED, UNCHANGED, REFUSED)}
    click.echo(
        f"Import: {counts[ADDED]} to add, {counts[CHANGED]} to change, {counts[UNCHANGED]} unchanged,"
        f" {counts[REFUSED]} refused."
    )


def _reason(line: ImportLine) -> str:
    assert line.refusal is not None  # the line is refused
    field = line.refusal.field
    return f"{_LABELS[field]}: {line.refusal}" if field and field != "number" else str(line.refusal)


def _changes(line: ImportLine, softphone: str) -> Iterable[str]:
    phones = phone_words("en", softphone)
    for change in line.changes:
        label = _LABELS[change.field]
        old, new = (phones.get(str(value)) or _word(value) if change.field == "phone" else _word(value)
                    for value in (change.old, change.new))  # fmt: skip
        if change.field == "secret":
            yield label
        else:
            yield f"{label}: {new}" if line.outcome == ADDED else f"{label}: {old} → {new}"


def _word(value: object) -> str:
    return yes_or_no(value, "en") if isinstance(value, bool) else str(value) or "–"
