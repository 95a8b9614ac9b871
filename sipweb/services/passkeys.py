"""Passkeys (WebAuthn) as a second factor: after the password, so that the device need not ask for a PIN.

The library is imported where it is used: it takes 0.17 s and 7 MB, and most processes never need it.
"""

import json
import logging
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, TypeVar

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from ..core.errors import N_, Invalid
from ..core.text import clean_display_name
from ..db import db, transaction
from ..logs import acting_user, security_event
from ..models import Passkey, PasskeyChallenge, User
from .context import Actor, utc_now
from .second_factor import PASSKEY, record_addition

if TYPE_CHECKING:
    from webauthn.helpers.structs import PublicKeyCredentialDescriptor

T = TypeVar("T")
logger = logging.getLogger(__name__)
CHALLENGE_LIFETIME = timedelta(minutes=5)
MAX_CREDENTIAL_ID = 1023  # bytes, as WebAuthn says
MAX_RESPONSE = 20_000  # characters of a browser's answer; usual ones have less than 2,000


@dataclass(frozen=True, slots=True)
class Site:
    """Where a passkey is used. `rp_id` is the host name, `origin` the beginning of the page's address."""

    rp_id: str
    origin: str


def add_options(actor: Actor, site: Site) -> str:
    """Return what a browser needs to make a passkey, as JSON."""
    import webauthn
    from webauthn.helpers.structs import (
        AuthenticatorSelectionCriteria,
        ResidentKeyRequirement,
        UserVerificationRequirement,
    )

    user = db.session.get_one(User, actor.id)
    options = webauthn.generate_registration_options(
        rp_id=site.rp_id, rp_name="sipweb", user_name=user.login, user_display_name=user.name,
        exclude_credentials=_descriptors(user.id, site),
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.PREFERRED, user_verification=UserVerificationRequirement.PREFERRED
        ),
        challenge=_new_challenge(user.id),
    )  # fmt: skip
    return webauthn.options_to_json(options)


def sign_in_options(user_id: int, site: Site) -> str:
    """Return what a browser needs to sign in with one of the user's passkeys, as JSON."""
    import webauthn

    return webauthn.options_to_json(
        webauthn.generate_authentication_options(
            rp_id=site.rp_id, allow_credentials=_descriptors(user_id, site), challenge=_new_challenge(user_id)
        )
    )


def add(actor: Actor, site: Site, name: str, response: str) -> list[str]:
    """Save the passkey that a browser has made; return the recovery codes if the user has got them now.

    Raises:
        Invalid: the name is not allowed, or the answer does not fit the challenge.
    """
    import webauthn
    from webauthn.helpers import bytes_to_base64url

    name, refusal = clean_display_name(name), Invalid(N_("The passkey could not be added. Try again."), "name")
    with transaction(bump_revision=False) as session:
        challenge = _take_challenge(session, actor.id, response)
    verified = challenge and _accepted(
        lambda: webauthn.verify_registration_response(
            credential=response, expected_challenge=challenge, expected_rp_id=site.rp_id, expected_origin=site.origin
        )
    )
    if not verified or len(verified.credential_id) > MAX_CREDENTIAL_ID:
        raise refusal
    credential_id = bytes_to_base64url(verified.credential_id)
    with transaction() as session:
        if session.scalar(select(Passkey.id).where(Passkey.credential_id == credential_id)):
            raise refusal
        session.add(
            Passkey(
                user_id=actor.id, name=name, rp_id=site.rp_id, credential_id=credential_id,
                public_key=bytes_to_base64url(verified.credential_public_key), sign_count=verified.sign_count,
                created_at=utc_now(),
            )
        )  # fmt: skip
        session.flush()
        login, recovery_codes = record_addition(session, actor, PASSKEY, name)
    security_event("user_updated", acting_user(), login, PASSKEY)
    return recovery_codes


def use(session: Session, user_id: int, site: Site, response: str) -> bool:
    """Return whether a browser's answer is signed by a passkey of the user, within the caller's transaction.

    The challenge is used up, whatever the answer is.
    """
    import webauthn
    from webauthn.helpers import base64url_to_bytes, bytes_to_base64url, parse_authentication_credential_json

    challenge = _take_challenge(session, user_id, response)
    credential = challenge and _accepted(lambda: parse_authentication_credential_json(response))
    if challenge is None or not credential:
        return False
    credential_id = bytes_to_base64url(credential.raw_id)
    row = session.scalar(select(Passkey).where(Passkey.user_id == user_id, Passkey.credential_id == credential_id))
    verified = row and _accepted(
        lambda: webauthn.verify_authentication_response(
            credential=credential, expected_challenge=challenge, expected_rp_id=row.rp_id, expected_origin=site.origin,
            credential_public_key=base64url_to_bytes(row.public_key), credential_current_sign_count=row.sign_count,
        )
    )  # fmt: skip
    if not (row and verified):
        return False
    row.sign_count, row.last_used_at = verified.new_sign_count, utc_now()
    return True


def _descriptors(user_id: int, site: Site) -> "list[PublicKeyCredentialDescriptor]":
    """Return the user's passkeys for this site, as the library takes them."""
    from webauthn.helpers import base64url_to_bytes
    from webauthn.helpers.structs import PublicKeyCredentialDescriptor

    query = select(Passkey.credential_id).where(Passkey.user_id == user_id, Passkey.rp_id == site.rp_id)
    return [PublicKeyCredentialDescriptor(id=base64url_to_bytes(one)) for one in db.session.scalars(query)]


def _new_challenge(user_id: int) -> bytes:
    from webauthn.helpers import bytes_to_base64url

    challenge, expires_at = secrets.token_bytes(32), utc_now() + CHALLENGE_LIFETIME
    with transaction(bump_revision=False) as session:
        session.add(PasskeyChallenge(challenge=bytes_to_base64url(challenge), user_id=user_id, expires_at=expires_at))
    return challenge


def _take_challenge(session: Session, user_id: int | None, response: str) -> bytes | None:
    """Delete the challenge that an answer is for, and return it; None if the user was not given it, or has used it."""
    from webauthn.helpers import bytes_to_base64url

    challenge = _accepted(lambda: _challenge_of(response)) if len(response) <= MAX_RESPONSE else None
    if challenge is None:
        return None
    is_this = (PasskeyChallenge.challenge == bytes_to_base64url(challenge), PasskeyChallenge.user_id == user_id)
    expires_at = session.scalar(delete(PasskeyChallenge).where(*is_this).returning(PasskeyChallenge.expires_at))
    return challenge if expires_at and utc_now() <= expires_at else None


def _challenge_of(response: str) -> bytes:
    """Return the challenge in a browser's answer, which is not verified yet. Raises exceptions of many kinds."""
    from webauthn.helpers import base64url_to_bytes, parse_client_data_json

    client_data = json.loads(response)["response"]["clientDataJSON"]
    return parse_client_data_json(base64url_to_bytes(client_data)).challenge


def _accepted(check: Callable[[], T]) -> T | None:
    """Return what the library makes of a browser's answer; None if it refuses it."""
    try:
        return check()
    except Exception as error:  # for answers that somebody made up, it raises Python's own ones, too
        logger.info("a passkey was refused: %s", type(error).__name__)
        return None
