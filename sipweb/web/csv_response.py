"""Lists as files that spreadsheets open."""

from collections.abc import Iterable

from flask import Response, request

from ..core.csv_files import SEPARATORS, write_rows
from .locale import language


def csv_response(name: str, rows: Iterable[Iterable[object]]) -> Response:
    """Return rows as a file NAME.csv, with the separator that spreadsheets expect in the page's language.

    `?bom=no` leaves out the mark by which spreadsheets recognise UTF-8, and which few other programs expect.
    """
    text = write_rows(rows, SEPARATORS[language()], bom=request.args.get("bom") != "no")
    response = Response("".join(text), mimetype="text/csv")
    response.headers["Content-Disposition"] = f"attachment; filename={name}.csv"
    return response
