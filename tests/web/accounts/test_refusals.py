"""The list of refused agent logins."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from sipweb.db import db
from sipweb.models import AuditEntry
from sipweb.services import (
    audit,
    generations,
    leases,
)
from sipweb.services.context import utc_now
from tests.builders import (
    WHO,
    acquire,
    edit_account,
    make_account,
)
from tests.client import partials, soup


def test_refusals_are_listed_newest_first_with_their_reasons(open_page, admin, ctx, anna, piotr):
    assert "No rejected sign-ins." in admin.get("/accounts").text
    edit_account(ctx, 3, user_id=piotr)
    generations.generate(ctx, WHO)
    acquire(ctx, "piotr", "201")
    make_account(ctx, 298)
    make_account(ctx, 297, active=False)
    for number in ("299", "298", "297", "202", "201"):
        with pytest.raises(leases.NoNumberAvailable):
            acquire(ctx, number=number)
    page = soup(open_page.poll())
    [refusals] = partials(page, "#refusals")
    assert [[cell.text for cell in row.select("td")[1:]] for row in refusals.select("tbody tr")] == [
        ["Anna Nowak", "201", "in use by another agent"],
        ["Anna Nowak", "202", "assigned to another user"],
        ["Anna Nowak", "297", "the account is inactive"],
        ["Anna Nowak", "298", "the account isn't live yet"],
        ["Anna Nowak", "299", "no account has this number"],
    ]
    assert [count.text for count in partials(page, "#refused-count")] == ["5"]


def test_refusal_list_shows_the_newest_20_of_24_hours(admin, ctx, anna):
    for number in range(700, 722):
        with pytest.raises(leases.NoNumberAvailable):
            acquire(ctx, number=str(number))
    oldest = db.session.scalar(db.select(AuditEntry.id).where(AuditEntry.subject == "700"))
    db.session.execute(
        update(AuditEntry).where(AuditEntry.id == oldest).values(created_at=utc_now() - timedelta(hours=25))
    )
    db.session.commit()
    count, newest = audit.recent_refusals()
    assert (count, [entry.subject for entry in newest]) == (21, [str(number) for number in range(721, 701, -1)])
    page = soup(admin.get("/accounts"))
    assert page.select_one("#refused-count").text == "21"
    assert len(page.select("#refusals tbody tr")) == 20
    assert page.select_one("#refused-more")["href"] == "/audit?q=event:lease.refused"
    assert admin.get("/audit?q=event:lease.refused").text.count("Number request rejected") == 22
