"""Two-step sign-in: the second step of a sign-in, and the page where users set it up for themselves."""

import ipaddress
from urllib.parse import urlsplit

from flask import Blueprint, Response, flash, g, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from ..core.errors import N_, Invalid, OperationRefused, Throttled
from ..services import passkeys, pending_sign_in, totp
from ..services import second_factor as service
from ..services.authentication import Authenticated, WrongPassword
from ..services.passkeys import Site
from ..services.pending_sign_in import PendingSignIn, SignInExpired, WrongSecondFactor
from .access import any_user, current_actor, current_context, public, recent_sign_in
from .auth import PENDING_SIGN_IN, complete_sign_in, keep_session, safe_redirect_target
from .compression import do_not_compress
from .formatting import browser_name
from .forms import CodeForm, PasskeyForm, RecoveryCodeForm
from .locale import translate
from .qr_code import qr_code

bp = Blueprint("second_factor", __name__)


@bp.route("/login/second-factor", methods=["GET", "POST"])
@public  # nobody is signed in before this step
def sign_in() -> ResponseReturnValue:
    """Ask for the second factor, or complete the sign-in with it."""
    target = safe_redirect_target(request.args.get("next", "/"))
    try:
        return _second_step(_pending_sign_in(), target)
    except (SignInExpired, WrongPassword) as error:
        if session.pop(PENDING_SIGN_IN, None) is None and g.actor:
            return redirect(target)  # somebody returned here after the sign-in
        flash(translate(error))
        return redirect(url_for("auth.login", next=target), 303)


@bp.post("/login/second-factor/options")
@public  # nobody is signed in before this step
def sign_in_options() -> ResponseReturnValue:
    """Return what the browser needs to sign in with a passkey."""
    return _json(pending_sign_in.passkey_options(_pending_sign_in(), _site()))


def _second_step(pending: PendingSignIn, target: str) -> ResponseReturnValue:
    address, site = request.remote_addr or "", None if _passkey_problem() else _site()
    form, recovery_form, credential = CodeForm(), RecoveryCodeForm(), request.form.get("credential", "")
    authenticated = Authenticated(pending.user_id, pending.session_epoch)
    status, headers, error_message = 200 if request.method == "GET" else 422, {}, ""
    asked = recovery_form if "recovery_code" in request.form else form
    try:
        if credential and site:
            pending_sign_in.complete_with_passkey(pending, site, credential, address)
            return complete_sign_in(authenticated, target)
        if asked.validate_on_submit():
            [code] = asked.data.values()
            factor = pending_sign_in.complete_with_code(current_context(), pending, code, address)
            response = complete_sign_in(authenticated, target)
            if factor == service.RECOVERY_CODE:
                flash(_codes_left(service.recovery_codes_left(pending.user_id)))
            return response
    except WrongSecondFactor as error:
        error_message = translate(error)
    except Throttled as error:
        error_message, status, headers = translate(error), 429, {"Retry-After": str(error.seconds)}
    if error_message and not credential:
        [field] = asked
        field.errors = [error_message]
    page = render_template(
        "second_factor/sign_in.html", form=form, recovery_form=recovery_form, next=target,
        choices=pending_sign_in.choices(pending, site), passkey_error=error_message if credential else "",
    )  # fmt: skip
    return page, status, headers


def _pending_sign_in() -> PendingSignIn:
    """Return the sign-in that this browser has begun. Raises SignInExpired if there is none."""
    try:
        return PendingSignIn(*session[PENDING_SIGN_IN])
    except (KeyError, TypeError):
        raise SignInExpired(N_("The sign-in took too long. Sign in again.")) from None


@bp.get("/account/second-factor")
@any_user  # everybody can have one
@recent_sign_in  # all of the page, as a script can't ask
def index() -> ResponseReturnValue:
    """Show the user's second factors."""
    return _page(PasskeyForm(name=browser_name(request.user_agent.string)))


@bp.post("/account/second-factor/totp/new")
@any_user  # the user's own
@recent_sign_in
def begin_totp() -> ResponseReturnValue:
    """Make a key for an authenticator app."""
    totp.begin_set_up(current_context(), current_actor())
    return redirect(url_for(".set_up_totp"), 303)


@bp.route("/account/second-factor/totp", methods=["GET", "POST"])
@any_user  # the user's own
@recent_sign_in
@do_not_compress
def set_up_totp() -> ResponseReturnValue:
    """Show the key for the app, or turn it on with a code."""
    form, actor = CodeForm(), current_actor()
    set_up = totp.get_set_up(current_context(), actor, _host_name())
    if set_up is None:
        return redirect(url_for(".index"), 303)
    if form.validate_on_submit():
        try:
            return _added(totp.confirm(current_context(), actor, form.code.data))
        except Invalid as error:
            form.code.errors = [translate(error)]
    page = render_template("second_factor/totp.html", form=form, key=set_up.key, qr=qr_code(set_up.uri))
    return page, 200 if request.method == "GET" else 422


@bp.post("/account/second-factor/totp/remove")
@any_user  # the user's own
@recent_sign_in
def remove_totp() -> ResponseReturnValue:
    """Remove the authenticator app."""
    service.remove_totp(current_actor())
    return _removed(gettext("The authenticator app has been removed."))


@bp.post("/account/second-factor/passkeys/options")
@any_user  # the user's own
@recent_sign_in
def passkey_options() -> ResponseReturnValue:
    """Return what the browser needs to make a passkey."""
    return _json(passkeys.add_options(current_actor(), _site()))


@bp.post("/account/second-factor/passkeys")
@any_user  # the user's own
@recent_sign_in
@do_not_compress
def add_passkey() -> ResponseReturnValue:
    """Save a passkey that the browser has made."""
    form = PasskeyForm()
    try:
        return _added(passkeys.add(current_actor(), _site(), form.name.data or "", form.credential.data or ""))
    except Invalid as error:
        form.name.errors = [translate(error)]
    return _page(form), 422


@bp.post("/account/second-factor/passkeys/<int:passkey_id>/remove")
@any_user  # the user's own
@recent_sign_in
def remove_passkey(passkey_id: int) -> ResponseReturnValue:
    """Remove a passkey."""
    service.remove_passkey(current_actor(), passkey_id)
    return _removed(gettext("The passkey has been removed."))


@bp.post("/account/second-factor/recovery-codes")
@any_user  # the user's own
@recent_sign_in
@do_not_compress
def recovery_codes() -> ResponseReturnValue:
    """Replace the recovery codes, and show the new ones once."""
    codes = service.replace_recovery_codes(current_actor())
    return render_template("second_factor/recovery_codes.html", codes=codes)


def _page(form: PasskeyForm) -> str:
    factors, problem = service.of_user(current_actor().id or 0), _passkey_problem()
    return render_template("second_factor/index.html", factors=factors, form=form, problem=problem and gettext(problem))


def _added(codes: list[str]) -> ResponseReturnValue:
    """Keep this session, show the recovery codes that came with the first second factor, or return to the page."""
    keep_session(is_confirmed=False)
    if codes:
        return render_template("second_factor/recovery_codes.html", codes=codes)
    flash(gettext("Added. All your other sessions have been ended."))
    return redirect(url_for(".index"), 303)


def _removed(message: str) -> ResponseReturnValue:
    keep_session(is_confirmed=False)
    flash(" ".join([message, gettext("All your other sessions have been ended.")]))
    return redirect(url_for(".index"), 303)


def _codes_left(count: int) -> str:
    return ngettext("You have %(num)s recovery code left.", "You have %(num)s recovery codes left.", count)


def _passkey_problem() -> str:
    """Return why browsers offer no passkeys for this address; "" if they do."""
    host = _host_name()
    if not host or _is_ip_address(host):
        return N_("Passkeys are tied to a name. Open sipweb by its host name, not by an IP address, to use them.")
    if request.is_secure or host == "localhost" or host.endswith(".localhost"):
        return ""
    return N_("Browsers offer passkeys over HTTPS only. Open sipweb with https:// to use them.")


def _site() -> Site:
    """Return where the user is. Raises OperationRefused where browsers offer no passkeys."""
    if problem := _passkey_problem():
        raise OperationRefused(problem)
    return Site(_host_name(), f"{request.scheme}://{request.host}")


def _host_name() -> str:
    try:
        return urlsplit(f"//{request.host}").hostname or ""
    except ValueError:
        return ""


def _is_ip_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _json(text: str) -> Response:
    return Response(text, mimetype="application/json")
