"""The commands: their output and exit codes, which scripts read."""

import json
import os
import re

import pytest

from sipweb import create_app
from sipweb.config import load, public_settings
from sipweb.pbx.status import TrunkState
from sipweb.services import (
    account_secrets,
    accounts,
    authentication,
    generations,
    pbx_status,
    routes,
    trunks,
    users,
    warnings,
)
from sipweb.services.context import Actor
from sipweb.services.pending_sign_in import SecondFactorRequired
from sipweb.services.state import current_state
from tests.builders import AGENT_PASSWORD, add_totp, audit_entries

ACTOR = Actor(None, "test")
PASSWORD = "a long password"
TRUNK = trunks.TrunkInput("Provider", "sip.example.org", 5060, "udp", "", "", "", False, True)


@pytest.fixture
def run(app):
    """A function that runs a command and returns its exit code, standard output and standard error."""

    def invoke(*arguments, stdin=None):
        result = app.test_cli_runner().invoke(args=arguments, input=stdin)
        return result.exit_code, result.stdout, result.stderr

    return invoke


def account(number, **values):
    fields = {"user_id": None, "phone": "other", "active": True, "recording": False, "level": 10} | values
    return accounts.AccountInput(number=number, **fields)


NO_TRUNK = "! Emergency calls (112, 997, 998, 999) can't be placed: no trunk is configured.\n"


def test_plan_of_a_fresh_install_has_nothing_to_do(run):
    assert run("plan") == (0, f"{NO_TRUNK}No changes.\n", "")


def test_plan_warns_about_emergency_calls_also_when_that_is_acknowledged(run, ctx):
    (warning,) = warnings.emergency_warnings(ctx, current_state(ctx))
    warnings.acknowledge(ctx, ACTOR, warning.problem.fingerprint)
    assert run("plan")[1].startswith(NO_TRUNK)
    trunk_id = trunks.create_trunk(ctx, ACTOR, TRUNK)
    generations.generate(ctx, ACTOR)
    assert run("plan") == (0, "No changes.\n", "")
    pbx_status.write_status(ctx, {}, {trunk_id: TrunkState(reachable=False)})
    assert (
        "! Emergency calls (112, 997, 998, 999) can't be placed now: no trunk is reachable (Provider).\n"
        in (run("plan")[1])
    )


def test_plan_prints_a_line_for_each_account(run, ctx):
    accounts.create(ctx, ACTOR, account(300))
    accounts.update(ctx, ACTOR, 1, 1, account(200, phone="builtin", level=20))
    account_secrets.renew_secret(ctx, ACTOR, 2)
    accounts.delete(ctx, ACTOR, 3)
    lines = [
        "+ 300  Automat Automat", "~ 200  level: 10 → 20", "~ 201  secret", "- 202", NO_TRUNK.strip(),
        "Plan: 1 to add, 2 to change, 1 to delete.",
    ]  # fmt: skip
    output = "".join(f"{line}\n" for line in lines)
    assert run("plan") == (0, output, "")


def test_plan_prints_a_line_for_each_trunk_and_route(run, ctx):
    trunk_id = trunks.create_trunk(ctx, ACTOR, TRUNK)
    route = routes.RouteInput("R1", "22.*", 10, trunk_id, 0, "", False, True)
    route_id = routes.create_route(ACTOR, route)
    _code, added, _error = run("plan")
    trunk, rule, warning, counts = added.splitlines()
    assert re.fullmatch(r"\+ trunk Provider  .*host: sip\.example\.org.*", trunk)
    assert re.fullmatch(r"\+ rule R1  .*pattern: 22\.\*.*", rule)
    assert warning == "! Emergency calls (112, 997, 998, 999) can't be placed until the configuration is generated."
    assert counts == "Plan: 2 to add, 0 to change, 0 to delete."
    generations.generate(ctx, ACTOR)
    routes.delete_route(ACTOR, route_id)
    assert run("plan") == (0, "- rule R1\nPlan: 0 to add, 0 to change, 1 to delete.\n", "")


def test_generate_and_rollback_print_the_number_and_the_state(run, ctx):
    accounts.create(ctx, ACTOR, account(300))
    assert run("generate") == (0, "Configuration version 2: written.\n", "")
    assert run("generate") == (0, "No changes.\n", "")
    assert run("rollback", "1") == (0, "Configuration version 3: written.\n", "")
    plan = f"+ 300  Automat Automat\n{NO_TRUNK}Plan: 1 to add, 0 to change, 0 to delete.\n"
    assert run("plan") == (0, plan, "")
    assert run("rollback", "99") == (1, "", "Configuration version 99 does not exist.\n")


def test_removing_many_accounts_needs_yes(run, ctx):
    for account_id in range(1, 8):
        accounts.delete(ctx, Actor(None, "test"), account_id)
    sentence = "This removes 7 of 20 accounts from the PBX. Confirm with --yes.\n"
    assert run("generate") == (1, "", sentence)
    assert run("generate", "--yes") == (0, "Configuration version 2: written.\n", "")
    assert run("rollback", "1") == (0, "Configuration version 3: written.\n", "")  # it adds accounts
    assert run("rollback", "2") == (1, "", sentence)
    assert run("rollback", "2", "--yes") == (0, "Configuration version 4: written.\n", "")


def test_drift_exits_with_1_until_the_version_is_generated_again(run, ctx):
    assert run("drift") == (0, "No differences.\n", "")
    path = ctx.generation_files.path(1) / "extensions.conf"
    path.unlink()
    assert run("drift") == (1, "! extensions.conf  file: expected present, found missing\n", "")
    assert run("generate", "--again") == (0, "Configuration version 1: applied again.\n", "")
    assert path.is_file()
    path.write_text("mine")
    code, text, _error = run("generate", "--again")
    assert (code, text.startswith("Configuration version 1: applied again.\nChanged file kept: kept-")) == (0, True)
    assert run("drift")[0] == 0


def test_refused_generation_exits_with_1_and_its_reason(run, ctx):
    accounts.create(ctx, ACTOR, account(300))
    (ctx.generation_files.directory / ".draft-000002").write_text("a file in the position of the folder")
    code, output, error = run("generate")
    assert (code, output) == (1, "Configuration version 2: refused.\n")
    assert error.startswith("Couldn't write the files: ")


def test_settings_that_differ_from_the_servers_are_refused(run, app):
    settings = public_settings(app.config["SETTINGS"])
    path = app.config["SETTINGS"].instance / "run" / "server.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps({"pid": os.getpid(), "settings": settings}))
    assert run("plan")[0] == 0
    path.write_text(json.dumps({"pid": os.getpid(), "settings": settings | {"sip_realm": "other"}}))
    message = "SIPWEB_SIP_REALM differs from the running server's value. Restart the server or unset it.\n"
    for command in (["plan"], ["generate"], ["rollback", "1"]):
        assert run(*command) == (1, "", message)


def test_create_user_and_set_password_read_standard_input(run, app):
    arguments = ("create-user", "--login", "anna", "--name", "Anna Nowak", "--role", "agent", "--password-stdin")
    assert run(*arguments, stdin=f"{PASSWORD}\n") == (0, "Created user Anna Nowak (login: anna).\n", "")
    assert authentication.authenticate("anna", PASSWORD, "127.0.0.1")
    assert run("set-password", "anna", "--password-stdin", stdin=f"{PASSWORD} 2\n") == (
        0,
        "Password changed.\n",
        "",
    )
    assert authentication.authenticate("anna", f"{PASSWORD} 2", "127.0.0.1")


def test_reset_two_factor_lets_a_user_sign_in_with_the_password_alone(run, ctx, anna):
    add_totp(ctx, anna)
    with pytest.raises(SecondFactorRequired):
        authentication.authenticate("anna", AGENT_PASSWORD, "127.0.0.1")
    assert run("reset-two-factor", "anna") == (0, "Two-step sign-in is off for this user.\n", "")
    assert authentication.authenticate("anna", AGENT_PASSWORD, "127.0.0.1")
    [entry] = audit_entries("second_factor.reset")
    assert entry.by.endswith("(command line)")
    assert run("reset-two-factor", "anna") == (1, "", "Anna Nowak has no second factor.\n")
    assert run("reset-two-factor", "nobody") == (1, "", "No user has the login nobody.\n")


def test_create_user_asks_for_the_password_twice(run, app):
    code, output, _error = run(
        "create-user", "--login", "anna", "--name", "Anna", "--role", "agent", stdin=f"{PASSWORD}\n{PASSWORD}\n"
    )
    assert (code, output.splitlines()[-1]) == (0, "Created user Anna (login: anna).")
    assert "Repeat for confirmation" in output


def test_errors_of_users_exit_with_1_and_a_message(run, app):
    users.create_user(ACTOR, "anna", "Anna", PASSWORD, "agent")
    for arguments in (
        ("set-password", "nobody", "--password-stdin"),
        ("create-user", "--login", "anna", "--name", "Anna", "--role", "agent", "--password-stdin"),
    ):
        code, output, error = run(*arguments, stdin=f"{PASSWORD}\n")
        assert (code, output) == (1, "")
        assert re.fullmatch(r"[A-Z].*\.\n", error)


@pytest.mark.parametrize("command", [["plan"], ["generate"], ["rollback", "1"], ["monitor"]])
def test_commands_before_setup_name_the_missing_step(tmp_path, command):
    app = create_app(load({"SIPWEB_INSTANCE": str(tmp_path), "SIPWEB_PBX": "files"}))
    result = app.test_cli_runner().invoke(args=command)
    assert (result.exit_code, result.stdout, result.stderr) == (1, "", "Run 'flask setup' first.\n")


def test_setup_is_idempotent_and_prints_the_password_once(tmp_path, restored_umask):
    environ = {"SIPWEB_INSTANCE": str(tmp_path / "instance"), "SIPWEB_PBX": "files"}
    outputs = [create_app(load(environ)).test_cli_runner().invoke(args=["setup"]).stdout for _ in range(2)]
    assert re.fullmatch(
        r"Administrator account created\.\n  Login: admin\n"
        r"  One-time password: \S{12,} \(you'll be asked to change it\)\nCreated SIP accounts 200–219\.\n",
        outputs[0],
    )
    assert outputs[1] == "Setup complete; nothing to do.\n"


def test_setup_refuses_a_weak_password_and_can_be_repeated(tmp_path, restored_umask):
    environ = {"SIPWEB_INSTANCE": str(tmp_path / "instance"), "SIPWEB_PBX": "files"}
    results = [
        create_app(load(environ | {"SIPWEB_ADMIN_PASSWORD": password})).test_cli_runner().invoke(args=["setup"])
        for password in ("123456789012", PASSWORD)
    ]
    assert [result.exit_code for result in results] == [1, 0]
    sentence = "The password must not consist of repetitions or of sequences like 123456 or qwerty."
    assert results[0].stderr.splitlines()[-1] == f"SIPWEB_ADMIN_PASSWORD: {sentence}"
    assert (tmp_path / "instance").stat().st_mode & 0o007 == 0
    app = create_app(load(environ))
    with app.app_context():
        assert current_state(app.extensions["sipweb"]).generation == 1


def test_import_accounts_prints_the_preview_and_imports(run, ctx, tmp_path):
    file = tmp_path / "list.csv"
    file.write_text("number,level,recording,secret\n200,50,,\n300,5,yes,a long password\n201,,,\n")
    lines = (
        "~ 200  Permission level: 10 → 50\n"
        "+ 300  User: Automat Automat, Hardware phone: Thulium Softphone, Call recording: yes, Permission level: 5,"
        " Number of phones: 1, Pickup group: 0, Account active: yes, Password\n"
        "Import: 1 to add, 1 to change, 1 unchanged, 0 refused.\n"
    )
    assert run("import-accounts", str(file), "--dry-run") == (0, lines, "")
    assert run("plan") == (0, f"{NO_TRUNK}No changes.\n", "")
    assert run("import-accounts", str(file)) == (0, f"{lines}Imported: 1 added, 1 changed.\n", "")
    counts = "Import: 0 to add, 0 to change, 3 unchanged, 0 refused.\n"
    assert run("import-accounts", str(file)) == (0, f"{counts}Imported: 0 added, 0 changed.\n", "")


def test_import_accounts_names_added_emergency_numbers(run, tmp_path):
    file = tmp_path / "list.csv"
    file.write_text("number,level\n112,5\n300,5\n")
    output = run("import-accounts", str(file), "--dry-run")[1]
    assert "112 is an emergency number: calls to it always go to emergency services." in output
    assert "300 is" not in output


def test_import_accounts_exits_with_1_if_a_line_is_refused(run, ctx, tmp_path):
    file = tmp_path / "list.csv"
    file.write_text("number,level\n1001,50\n300,500\n301,\n")
    for options in ((), ("--dry-run",)):
        code, output, error = run("import-accounts", str(file), *options)
        assert (code, error) == (1, "Nothing was imported: line 2 and 1 more are refused.\n")
        assert output.splitlines()[:2] == [
            "! line 2  1001: Enter a three-digit number from 100 to 999.",
            "! line 3  300: Permission level: Enter a whole number from 0 to 100.",
        ]
    assert run("import-accounts", str(file), "--skip-refused")[1].endswith("Imported: 1 added, 0 changed.\n")


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"number\n\0\n", "Line 2 contains a NUL character. Save the list as CSV UTF-8.\n"),
        (b"{}", "Line 1: this is JSON, not CSV. Save the list as CSV UTF-8.\n"),
        (b"x" * (5 * 1024 * 1024 + 1), "The file is larger than 5 MB. Split it into smaller files.\n"),
        (b"\na,b\n1,2\n", "Choose the column of the header (line 2) that says which record each line is about.\n"),
    ],
)
def test_import_accounts_refuses_hostile_files(run, tmp_path, data, message):
    file = tmp_path / "list.csv"
    file.write_bytes(data)
    assert run("import-accounts", str(file)) == (1, "", message)
    assert run("import-accounts", str(tmp_path / "missing.csv"))[0] == 2


def test_exported_accounts_are_imported_unchanged(run, ctx, tmp_path):
    file = tmp_path / "list.csv"
    for options, start in (((), "Internal number,User,"), (("--language", "pl", "--bom"), "\ufeffNumer wewnętrzny;")):
        code, text, error = run("export-accounts", *options)
        assert (code, error, text.startswith(start)) == (0, "", True)
        file.write_text(text)
        assert run("import-accounts", str(file), "--dry-run")[1].endswith("20 unchanged, 0 refused.\n")
