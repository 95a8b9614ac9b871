"""Every page of sipweb in each of its states, for the tests that check all of them.

A state is a function that brings a page there. It uses ids, not texts, so that it works in every language. The states
of a group belong to one system and one user, and come in the order of their table.
"""

from contextlib import contextmanager
from dataclasses import asdict

import pytest

from sipweb.db import transaction
from sipweb.models import Generation
from sipweb.pbx.ami import AmiUnavailable
from sipweb.pbx.verification import Difference
from sipweb.services import account_secrets, accounts, generations, leases, pbx_status, warnings
from sipweb.services.generation_history import Outcome, outcome_to_json
from sipweb.services.state import current_state
from tests.browser.conftest import login, open_page
from tests.builders import (
    AGENT_PASSWORD,
    WHO,
    acquire,
    code_of,
    edit_account,
    edit_user,
    make_account,
    make_recording,
    make_route,
    make_trunk,
    make_user,
)
from tests.servers import serving
from tests.web.test_calls import add_office_calls
from tests.web.test_usage import add_usage


def make_nothing(_ctx):
    """Leave the system as it was set up."""


def make_office(ctx):
    """A contact centre at work: users, phones, trunks, routes, recordings, refusals, and much that is pending."""
    anna, piotr = make_user("anna", "Anna Nowak"), make_user("piotr", "Piotr Lis")
    ewa = make_user("ewa", "Ewa Nowak", work_mode="manual")
    edit_account(ctx, 2, phone="other", user_id=anna)
    edit_account(ctx, 3, user_id=piotr)
    edit_user(ctx, piotr, active=False)
    generations.generate(ctx, WHO)
    make_route(make_trunk(ctx))
    make_route(make_trunk(ctx, name="Reserve", active=False), name="Abroad", pattern="00.*", level=50, emergency=True)
    acknowledge_warning(ctx)
    leases.acquire(ctx, anna, "201", "")
    for number in range(700, 722):
        with pytest.raises(leases.NoNumberAvailable):
            leases.acquire(ctx, ewa, str(number), "")
    make_account(ctx, 301, recording=True)
    edit_account(ctx, 4, number=303, level=50, recording=True, phone="other")
    account_secrets.renew_secret(ctx, WHO, 5)
    accounts.delete(ctx, WHO, 6)
    for account_id in range(7, 20):
        accounts.set_flag(ctx, WHO, account_id, 1, name="active", value=False)
    add_refused_generation()
    make_recording(ctx, "", "208", seconds=2, at=1795491100)
    make_recording(ctx, seconds=2)
    add_office_calls()


def make_roles(ctx):
    """An office with an auditor and an editor."""
    make_office(ctx)
    make_user("audyt", "Audyt Lis", "auditor")
    make_user("edyta", "Edyta Lis", "editor")


def make_usage(_ctx):
    """More agents than accounts, two mornings in the last month."""
    add_usage((700, 12, 0, 12), (30, 19, 0, 19), (5, 20, 4, 23), (4, 15, 0, 15))


def open_usage_numbers(page, _ctx):
    page.goto("/usage?span=month")
    page.locator("#numbers summary").click()


def acknowledge_warning(ctx):
    """Acknowledge the warning about emergency calls."""
    (warning,) = warnings.emergency_warnings(ctx, current_state(ctx))
    warnings.acknowledge(ctx, WHO, warning.problem.fingerprint)


def add_refused_generation():
    """Add a generation that Asterisk did not take over."""
    with transaction() as session:
        previous = session.get_one(Generation, 2)
        outcome = Outcome(
            "refused", "Couldn't write the files: %(why)s.", {"why": "No space left on device"}, "differs"
        )
        session.add(
            Generation(
                number=3, state="refused", started_at=previous.started_at, created_by="test", digest="",
                snapshot=previous.snapshot, previous_number=2, outcome=outcome_to_json(outcome),
                steps=[{"name": "rendered", "ms": 82, "count": 19}, {"name": "written", "ms": 3, "count": 2}],
                differences=[asdict(Difference("200", "level", "50", "10"))],
            )
        )  # fmt: skip


def at(address):
    """Return the state of a page as it is loaded."""

    def go_to(page, _ctx):
        page.goto(address)

    return go_to


def sign_in_as(page, name, password=AGENT_PASSWORD):
    page.context.clear_cookies()
    login(page, name, password)


def as_auditor(page, _ctx):
    sign_in_as(page, "audyt")
    page.goto("/accounts")


def as_editor(page, _ctx):
    sign_in_as(page, "edyta")
    page.goto("/accounts")


def refused_sign_in(page, _ctx):
    page.goto("/login")
    page.locator("#login").fill("admin")
    page.locator("#password").fill("wrong")
    page.locator("#password").press("Enter")
    page.locator("#password-error").wait_for()


def forced_password_change(page, _ctx):
    make_user("jan", "Jan Lis", must_change=True)
    sign_in_as(page, "jan")
    page.locator("#again").wait_for()


def refused_password(page, _ctx):
    page.goto("/account")
    for name, text in (("old", "wrong"), ("new", "short"), ("again", "other")):
        page.locator(f"#{name}").fill(text)
    page.locator("#again").press("Enter")
    page.locator("#again-error").wait_for()


def access_denied(page, _ctx):
    sign_in_as(page, "ewa")
    page.goto("/accounts")


def refused_number(page, _ctx):
    sign_in_as(page, "ewa")
    page.goto("/agent")
    page.locator("#number").fill("777")
    page.locator("#number").press("Enter")
    page.locator("#refusal").wait_for()


def softphone(page, _ctx):
    make_user("maria", "Maria Lis")
    sign_in_as(page, "maria")
    page.locator("form.narrow button").click()
    page.locator("#dialled").wait_for()


def other_phone(page, _ctx):
    sign_in_as(page, "anna")
    page.locator("form.narrow button").click()
    page.locator("#leave").wait_for()


def lost_number(page, ctx):
    other_phone(page, ctx)
    acquire(ctx, "anna")
    page.goto("/agent")


def open_menu(page, _ctx):
    width = page.viewport_size
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto("/trunks")
    page.locator("[popovertarget=menu]").click()
    page.set_viewport_size(width)


def open_editor(page, _ctx):
    page.goto("/accounts")
    page.locator("#edit-link-4").click()
    page.locator("#edit-4-save").wait_for()


def open_editor_of_used_account(page, _ctx):
    page.goto("/accounts?edit=2&q=201")


def shown_password(page, ctx):
    open_editor(page, ctx)
    page.locator("#edit-4-reveal").click()
    page.locator("#secret-4").wait_for()


def new_password(page, ctx):
    open_editor(page, ctx)
    page.once("dialog", lambda question: question.accept())
    page.locator("#edit-4-renew").click()
    page.locator("#edit-4-shown .warn").wait_for()


def refused_account(page, ctx):
    open_editor(page, ctx)
    page.locator("#edit-4-level").fill("140")
    page.locator("#edit-4-level").press("Enter")
    page.locator("#edit-4-level-error").wait_for()


def conflicting_edit(page, ctx):
    open_editor(page, ctx)
    edit_account(ctx, 4, level=7)
    page.locator("#edit-4-level").fill("8")
    page.locator("#edit-4-level").press("Enter")
    page.locator("#account-4 .saved-value").wait_for()


def saved_account(page, ctx):
    open_editor(page, ctx)
    page.locator("#edit-4-level").fill("9")
    page.locator("#edit-4-level").press("Enter")
    page.locator("#announce .message").wait_for()


def two_open_forms(page, _ctx):
    page.goto("/accounts?add=1&edit=5")
    page.locator("#active-1").click()
    page.locator("#announce form").wait_for()


def open_refusals(page, _ctx):
    page.goto("/accounts")
    page.locator("#refused summary").click()
    page.locator("#refused-more").wait_for()


def open_add_form(address):
    """Return the state of a list whose add form is opened in its place."""

    def open_form(page, _ctx):
        page.goto(address)
        page.locator("#add-new").click()
        page.locator("#add-form-save").wait_for()

    return open_form


def refused_add_form(address):
    """Return the state of a list whose add form was refused."""

    def send_form(page, _ctx):
        page.goto(f"{address}?add=1")
        if address == "/accounts":
            page.locator("#add-form-level").fill("140")
        page.locator("#add-form-save").click()
        page.locator("#add .err").first.wait_for()

    return send_form


def unreachable_server(page, ctx):
    open_editor(page, ctx)
    page.context.set_offline(True)
    page.locator("#edit-4-level").press("Enter")
    page.locator("#alert .message").wait_for()
    page.context.set_offline(False)


def expired_session(page, ctx):
    open_editor(page, ctx)
    page.context.clear_cookies()
    page.locator("#edit-4-level").press("Enter")
    page.locator("#alert a").wait_for()


def unreachable_asterisk(page, ctx):
    pbx_status.write_problem(ctx, AmiUnavailable("Asterisk closed the connection."))
    page.goto("/generation")
    page.locator("#pbx-problem").wait_for()


def shown_phone_password(page, _ctx):
    page.goto("/accounts/2/phone")
    page.locator("#phone-settings button").click()
    page.locator("#secret").wait_for()


def added_user(page, _ctx):
    page.goto("/users?add=1")
    page.locator("#add-form-name").fill("Zofia Lis")
    page.locator("#add-form-login").fill("zofia")
    page.locator("#add-form-save").click()
    page.locator("#sign-in-text").wait_for()


def upload(page, text, kind="accounts"):
    """Choose a file with this text, and wait for the answer."""
    page.goto(f"/{kind}/import")
    page.locator("#file").set_input_files({"name": "list.csv", "mimeType": "text/csv", "buffer": text.encode()})
    page.locator(".import-file .button").click()


def import_preview(page, _ctx):
    """Lines of each outcome, and the open columns of another PBX."""
    upload(page, "extension,name,secret\n201,Anna Nowak,\n320,Anna Nowak,a long password\n1001,Nobody,\n")
    page.locator(".import-actions").wait_for()


def refused_import(page, ctx):
    import_preview(page, ctx)
    page.locator(".import-actions .primary").click()
    page.locator("#import-error").wait_for()


def refused_file(page, _ctx):
    upload(page, "<accounts/>")
    page.locator("#file-error").wait_for()


def imported_users(page, _ctx):
    upload(page, "Login,Full name\nzofia,Zofia Lis\n", "users")
    page.locator(".import-actions .primary").click()
    page.locator("#passwords").wait_for()


def answered_assignment(page, _ctx):
    page.goto("/users/1/assignment")
    page.locator("#assignment-number").fill("299")
    page.locator("#assignment-number").press("Enter")
    page.locator("#announce p").wait_for(state="attached")


def answered_dial_test(page, _ctx):
    page.goto("/routes")
    page.locator("#dial-test-account").fill("200")
    page.locator("#dial-test-number").fill("221234567")
    page.locator("#dial-test-number").press("Enter")
    page.locator("#dial-result p").first.wait_for()


def moved_route(page, _ctx):
    page.goto("/routes")
    page.locator("#move-down-1").click()
    page.locator("#announce .message").wait_for()


def played_recording(page, _ctx):
    page.goto("/recordings")
    page.locator("#recording-1-listen").click()
    page.locator("audio").wait_for()


def open_plan(page, _ctx):
    page.goto("/generation")
    for summary in page.locator(".plan summary").all():
        summary.click()


def wrong_confirmation(page, _ctx):
    page.goto("/generation")
    page.locator("#confirm").fill("1")
    page.locator("#generate").click()
    page.locator("#confirm-error").wait_for()


def found_drift(page, ctx):
    path = ctx.generation_files.path(current_state(ctx).generation) / "pjsip.conf"
    path.write_text(path.read_text() + "; changed by hand")
    page.goto("/generation")
    page.locator("#check").click()
    page.locator(".differences").wait_for()


def app_to_set_up(page, _ctx):
    page.goto("/account/second-factor")
    page.locator("form[action$='/totp/new'] button").click()
    page.locator("#totp-key").wait_for()


def refused_code(page, _ctx):
    page.locator("#code").fill("000000")
    page.locator("#code").press("Enter")
    page.locator("#code-error").wait_for()


def recovery_codes(page, ctx):
    app_to_set_up(page, ctx)
    page.locator("#code").fill(code_of(page.locator("#totp-key").inner_text()))
    page.locator("#code").press("Enter")
    page.locator("#recovery-codes").wait_for()


def second_step(page, _ctx):
    page.context.clear_cookies()
    login(page)
    page.locator("#code").wait_for()


def open_recovery_code(page, _ctx):
    page.locator("summary").click()
    page.locator("#recovery_code").wait_for()


def applied_again(page, _ctx):
    page.goto("/generation")
    page.locator("#apply").click()
    page.locator(".messages").wait_for()


def generated(page, ctx):
    page.goto("/generation")
    state = current_state(ctx)
    page.locator("#confirm").fill(str(len(state.live.by_id.keys() - state.saved.by_id.keys())))
    page.locator("#generate").click()
    page.locator(".up-to-date").wait_for()


def open_files(page, _ctx):
    page.goto("/generation/2")
    for summary in page.locator("main summary").all():
        summary.click()


# By group: what fills its system, who is signed in at first, and the states.
GROUPS = {
    "signed out": (make_nothing, None, {
        "sign-in": at("/login"),
        "refused sign-in": refused_sign_in,
        "page not found": at("/nowhere"),
        "forced change of the password": forced_password_change,
        "refused password": refused_password,
    }),
    "fresh system": (make_nothing, "admin", {
        "accounts": at("/accounts"),
        "accounts with nothing inactive": at("/accounts?show=inactive"),
        "users": at("/users"),
        "no routes": at("/routes"),
        "route without a trunk": at("/routes?add=1"),
    }),
    "empty pages": (make_nothing, "admin", {
        "no trunks": at("/trunks"),
        "no recordings": at("/recordings"),
        "no calls": at("/calls"),
        "no account usage": at("/usage"),
        "nothing pending": at("/generation"),
        "first generation": at("/generation/1"),
        "audit log": at("/audit"),
        "no events": at("/audit?q=account:999"),
        "menu": open_menu,
    }),
    "lists of accounts": (make_office, "admin", {
        "accounts": at("/accounts"),
        "accounts in order of their level": at("/accounts?sort=-level&show=pending"),
        "no hits": at("/accounts?q=nobody"),
        "rejected sign-ins": open_refusals,
    }),
    "open accounts": (make_office, "admin", {
        "editor": open_editor,
        "editor of a used account": open_editor_of_used_account,
        "shown password": shown_password,
        "new password": new_password,
    }),
    "accounts": (make_office, "admin", {
        "error": refused_account,
        "conflict": conflicting_edit,
        "saved": saved_account,
        "add form": open_add_form("/accounts"),
        "two open forms and a message with Undo": two_open_forms,
        "refused add form": refused_add_form("/accounts"),
    }),
    "phones and alerts": (make_office, "admin", {
        "phone settings": at("/accounts/2/phone"),
        "phone settings with the password": shown_phone_password,
        "deletion": at("/accounts/2/delete"),
        "page not found": at("/accounts/2/nothing"),
        "password": at("/account"),
        "sessions": at("/sessions"),
        "unreachable Asterisk": unreachable_asterisk,
        "unreachable server": unreachable_server,
        "expired session": expired_session,
    }),
    "account usage": (make_usage, "admin", {
        "a day": at("/usage"),
        "30 days with their numbers": open_usage_numbers,
    }),
    "users": (make_office, "admin", {
        "users": at("/users"),
        "users without a number": at("/users?show=without-number"),
        "no hits": at("/users?q=nobody"),
        "editor": at("/users?edit=2"),
        "add form": open_add_form("/users"),
        "refused add form": refused_add_form("/users"),
        "sign-in details": added_user,
        "assignment": at("/users/2/assignment"),
        "answered assignment": answered_assignment,
    }),
    "imports": (make_office, "admin", {
        "file": at("/accounts/import"),
        "refused file": refused_file,
        "preview": import_preview,
        "refused import": refused_import,
        "file of users": at("/users/import"),
        "one-time passwords": imported_users,
    }),
    "trunks": (make_office, "admin", {
        "trunks": at("/trunks"),
        "editor of a trunk": at("/trunks?edit=1"),
        "add form of a trunk": open_add_form("/trunks"),
        "refused trunk": refused_add_form("/trunks"),
        "deletion of a trunk": at("/trunks/1/delete"),
    }),
    "routes": (make_office, "admin", {
        "routes": at("/routes"),
        "editor of a route": at("/routes?edit=1"),
        "add form of a route": open_add_form("/routes"),
        "refused route": refused_add_form("/routes"),
        "deletion of a route": at("/routes/1/delete"),
        "moved route": moved_route,
        "dial test": answered_dial_test,
    }),
    "generations": (make_office, "admin", {
        "plan": open_plan,
        "refused generation": at("/generation/3"),
        "generation with its files": open_files,
        "recordings": at("/recordings"),
        "played recording": played_recording,
        "no recordings found": at("/recordings?q=999"),
        "calls": at("/calls"),
        "no calls found": at("/calls?number=999"),
        "refused search of calls": at("/calls?cause=busy"),
        "audit log": at("/audit"),
        "generated": generated,
    }),
    "live configuration": (make_office, "admin", {
        "version to restore": at("/generation/1"),
        "everything to discard": at("/generation/discard"),
        "account to discard": at("/accounts/4/discard"),
        "history of an account": at("/accounts/2/history"),
        "calls in the history": at("/accounts/2/history?show=calls"),
        "history without events": at("/accounts/2/history?show=failures"),
        "history of a trunk": at("/trunks/1/history"),
        "wrong confirmation": wrong_confirmation,
        "drift": found_drift,
        "accounts with a warning about drift": at("/accounts"),
        "applied again": applied_again,
    }),
    "second factor": (make_nothing, "admin", {
        "two-step sign-in off": at("/account/second-factor"),
        "app to set up": app_to_set_up,
        "refused code of the set-up": refused_code,
        "recovery codes": recovery_codes,
        "two-step sign-in on": at("/account/second-factor"),
        "editor of a user with a second factor": at("/users?edit=1"),
        "removal of a second factor": at("/users/1/second-factor"),
        "second step": second_step,
        "wrong code": refused_code,
        "recovery code": open_recovery_code,
    }),
    "auditor": (make_roles, None, {
        "accounts": as_auditor,
        "rejected sign-ins": open_refusals,
        "phone settings": at("/accounts/2/phone"),
        "users": at("/users"),
        "sign-in attempts": at("/attempts"),
        "account usage": at("/usage"),
        "routes": at("/routes"),
        "plan": open_plan,
    }),
    "editor": (make_roles, None, {
        "accounts": as_editor,
        "open account": open_editor,
        "users": at("/users"),
        "editor of a user": at("/users?edit=2"),
        "import": at("/accounts/import"),
        "preview of an import": import_preview,
        "plan": open_plan,
    }),
    "agents": (make_office, None, {
        "access denied": access_denied,
        "choice of a number": at("/agent"),
        "refused number": refused_number,
        "phone of one's own": other_phone,
        "lost number": lost_number,
        "softphone": softphone,
    }),
}  # fmt: skip


@contextmanager
def signed_in(group, browser, instance, ctx, **options):
    """Serve a group's system; yield a page of its user, and its states by their names."""
    make_system, user, states = GROUPS[group]
    make_system(ctx)
    with serving(instance, pbx="files") as address:
        page = open_page(browser, address, **options)
        if user:
            login(page, user)
        yield page, states
