"""What fields, choices, actions and states are called on the screen."""

from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from ..core.provisioning import VENDORS
from .settings import current_settings

FIELDS = {
    "number": _l("Internal number"), "secret": _l("Password"), "user": _l("User"), "phone": _l("Hardware phone"),
    "active": _l("Account active"), "recording": _l("Call recording"), "level": _l("Permission level"),
    "max_contacts": _l("Number of phones"), "pickup_group": _l("Pickup group"),
    "forward_always": _l("Forward always"), "forward_busy": _l("Forward when busy"),
    "forward_no_answer": _l("Forward when no answer"),
    "realm": _l("SIP realm"), "reason": _l("Reason"), "emergency_numbers": _l("Emergency numbers"),
    "ring_seconds": _l("Ring time (seconds)"), "codecs": _l("Codecs"), "srtp": _l("SRTP"),
    "echo_test": _l("Echo test"), "pickup": _l("Call pickup"), "withhold_prefix": _l("Withhold the number"),
    "caller_name_outside": _l("Caller name on outgoing calls"),
    "fallback_caller_id": _l("Caller ID of trunks without one"), "phone_networks": _l("Phone networks"),
    "from_user": _l("From user"),
    "from_domain": _l("From domain"), "send_pai": _l("Send P-Asserted-Identity"), "dtmf_mode": _l("DTMF"),
    "role": _l("Role"), "name": _l("Name"), "login": _l("Login"), "work_mode": _l("Work mode"),
    "external_phone": _l("External phone"), "host": _l("Host"), "port": _l("Port"), "transport": _l("Transport"),
    "username": _l("User"), "caller_id": _l("Caller ID"), "register": _l("Register with the provider"),
    "pattern": _l("Dial pattern"),
    "trunk_id": _l("Trunk"), "strip_digits": _l("Strip digits"), "prepend_digits": _l("Prepend"),
    "position": _l("Order"), "file": _l("File"), "count": _l("Count"),
    "restored": _l("Restored version"), "kept": _l("Files kept"),
    "problem": _l("Problem"),
    "emergency_calls": _l("Emergency calls"), "second_factor": _l("Second factor"),
    "added": _l("Added"), "changed": _l("Changed"), "accounts": _l("SIP accounts"),
    "hosts": _l("PBX hosts"),
    "vendor": _l("Vendor"), "mac": _l("MAC address"), "ip_address": _l("IP address"),
}  # fmt: skip
LABEL_OVERRIDES = {  # labels of fields that differ from an account's
    ("user", "name"): _l("Full name"), ("user", "active"): _l("Active"),
    ("trunk", "active"): _l("Active"), ("trunk", "realm"): _l("Realm"),
    ("route", "active"): _l("Rule active"), ("route", "level"): _l("Minimum level"),
    ("route", "emergency"): _l("Use for emergency calls"),
}  # fmt: skip
ACTIONS = {
    "login": _l("Signed in"), "login.failed": _l("Sign-in failed"),
    "login.locked.login": _l("Too many failed sign-ins: login locked for a while"),
    "login.locked.address": _l("Too many failed sign-ins: address locked for a while"),
    "login.failed.second_factor": _l("Sign-in failed: wrong second factor"),
    "login.locked.second_factor": _l("Too many wrong second factors: user locked for a while"),
    "login.locked.password": _l("Too many wrong passwords: user locked for a while"),
    "second_factor.add": _l("Second factor added"), "second_factor.remove": _l("Second factor removed"),
    "second_factor.reset": _l("Second factor removed by an administrator"),
    "second_factor.recovery_codes": _l("New recovery codes generated"),
    "logout": _l("Signed out"),
    "session.confirm": _l("Password confirmed"), "session.confirm_failed": _l("Password confirmation failed"),
    "session.end": _l("Session ended"), "session.end_all": _l("Signed out everywhere"),
    "account.add": _l("SIP account added"), "account.edit": _l("SIP account changed"),
    "account.delete": _l("SIP account deleted"),
    "account.restore": _l("Deletion undone"), "account.reveal": _l("SIP password viewed"),
    "account.cards": _l("Phone cards with SIP passwords made"),
    "account.secret": _l("New SIP password generated"), "account.call": _l("Phone called by the PBX"),
    "account.bulk_add": _l("SIP accounts added"), "account.bulk_add_undo": _l("Addition of SIP accounts undone"),
    "account.import": _l("SIP accounts imported"), "user.import": _l("Users imported"),
    "account.bulk_edit": _l("SIP accounts changed"), "account.bulk_secret": _l("New SIP passwords generated"),
    "account.bulk_delete": _l("SIP accounts deleted"), "account.bulk_restore": _l("Deletion of SIP accounts undone"),
    "account.discard": _l("SIP account edit discarded"),
    "provisioning.set_up": _l("Address for automatic set-up created"),
    "provisioning.remove": _l("Automatic set-up ended"),
    "provisioning.allow": _l("Phone allowed at another IP address"),
    "provisioning.first_fetch": _l("Phone fetched its settings for the first time"),
    "provisioning.refused": _l("Phone was refused its settings"),
    "trunk.discard": _l("Trunk edit discarded"), "route.discard": _l("Rule edit discarded"),
    "user.add": _l("User added"), "user.edit": _l("User changed"), "user.password": _l("Password changed"),
    "user.password_failed": _l("Password change failed: wrong current password"),
    "generation.verified": _l("Configuration generated"),
    "generation.written": _l("Configuration files written (not verified)"),
    "generation.refused": _l("Configuration rejected"),
    "generation.interrupted": _l("Configuration generation interrupted"),
    "generation.not_started": _l("Configuration generation not started"),
    "generation.apply": _l("Configuration applied again"),
    "trunk.add": _l("Trunk added"), "trunk.edit": _l("Trunk changed"), "trunk.delete": _l("Trunk deleted"),
    "route.add": _l("Rule added"), "route.edit": _l("Rule changed"), "route.delete": _l("Rule deleted"),
    "route.move": _l("Rule moved"),
    "lease.acquire": _l("Agent started work"), "lease.release": _l("Agent stopped work"),
    "lease.refused": _l("Number request rejected"), "lease.revoke": _l("Number released by administrator"),
    "lease.expire": _l("Agent session timed out"), "lease.end": _l("Agent session ended by configuration change"),
    "warning.acknowledge": _l("Warning acknowledged"), "warning.expire": _l("Acknowledged warning ended"),
    "first_steps.dismiss": _l("First steps hidden"),
    "recording.listen": _l("Recording played"), "recording.download": _l("Recording downloaded"),
    "recording.expired": _l("Expired recordings deleted"),
    "host.remove": _l("PBX host removed"),
    "backup.make": _l("Backup made"), "backup.restore": _l("Restored from a backup"),
    "database.copy": _l("Database copied"),
    "keys.rotate": _l("Encryption keys renewed"), "address.unblock": _l("Address unblocked"),
}  # fmt: skip
STATES = {
    "running": _l("in progress"), "working": _l("in progress"),  # the second one is a host's
    "written": _l("written, not verified"), "verified": _l("verified"),
    "refused": _l("failed"), "interrupted": _l("interrupted"),
}  # fmt: skip
HOST_STATES = {  # services.host_views.HostState; the others have a time or a reason
    "running": _l("runs it"), "catching_up": _l("catching up"), "asterisk_down": _l("Asterisk doesn't respond"),
}  # fmt: skip
REGISTRATIONS = {
    "Registered": _l("registered"), "Unregistered": _l("not registered"), "Rejected": _l("registration refused"),
    "Stopped": _l("not registered"),
}  # fmt: skip
STEPS = {
    "rendered": _l("Prepared"),
    "written": _l("Files written"),
    "reloaded": _l("Asterisk reloaded"),
    "verified": _l("Verified"),
}
REFUSAL_REASONS = {
    "unknown": _l("no account has this number"), "not_active": _l("the account is inactive"),
    "not_generated": _l("the account isn't live yet"), "foreign": _l("assigned to another user"),
    "busy": _l("in use by another agent"), "own_busy": _l("all accounts assigned to the user are in use"),
    "pool_empty": _l("no automatic accounts exist"), "pool_busy": _l("all automatic accounts are in use"),
    "manual": _l("no number entered, and this user isn't eligible for an automatic account"),
    "other_number": _l("the agent is already using another number"),
    "must_change": _l("the agent must change their password first"),
    "role": _l("this role doesn't work with a number"),
    "other_address": _l("another IP address"), "other_mac": _l("another MAC address"),
}  # fmt: skip
EMERGENCY_REASONS = {
    "no_trunk": _l("no trunk is configured"), "no_active_trunk": _l("no trunk is active"),
    "not_generated": _l("not possible until the configuration is generated"),
    "unreachable": _l("no trunk is reachable"),
    "after_generation": _l("no longer possible after the configuration is generated"),
}  # fmt: skip
ATTEMPT_SOURCES = {"phones": _l("Phones"), "web": _l("Browsers and agent programs")}
HISTORY_KINDS = {
    "edits": _l("Edits"), "generations": _l("Versions"), "use": _l("Use by agents"), "calls": _l("Calls"),
    "registrations": _l("Registrations"), "failures": _l("Failed sign-ins"),
}  # fmt: skip
EVENTS = {
    "registered": _l("Registered"), "moved": _l("Address changed"), "unregistered": _l("Registration ended"),
    "reachable": _l("Reachable"), "unreachable": _l("Unreachable"),  # reasons of the first and the last
    "auth_failed": _l("Failed sign-in"), "generated": _l("Configuration version"),
}  # fmt: skip
EVENT_REASONS = {
    "wrong_password": _l("wrong password"), "unknown_number": _l("unknown number"),
    "address_not_allowed": _l("address not allowed"),
    "not_websocket": _l("not over WebSocket: only the softphone can use this account"),
    "added": _l("added"), "changed": _l("changed"), "removed": _l("removed"),
    **REGISTRATIONS,
}  # fmt: skip
SPARED_REASONS = {  # services.state_records.Attack
    "trusted": _l("Not blocked, because it is in TRUSTED_NETWORKS."),
    "phone": _l("Not blocked, because a phone with the right password uses this address."),
    "host": _l("Not blocked, because it is the address of a PBX host."),
    "trunk": _l("Not blocked, because it is the address of a trunk."),
    "full": _l("Not blocked, because too many addresses are blocked already."),
}  # fmt: skip
BLOCKING_PROBLEMS = {  # services.state_records.PbxStatus
    "file": _l("Addresses can't be blocked, because sipweb can't write the file sipweb/blocked/pjsip.conf."),
    "not_denied": _l("Asterisk still accepts requests from blocked addresses. It needs the module res_pjsip_acl, and "
                     "in pjsip.conf the line for sipweb/blocked/pjsip.conf that the README shows."),
}  # fmt: skip
CALL_RESULTS = {  # services.calls.RESULTS
    "answered": _l("answered"), "busy": _l("busy"), "no_answer": _l("no answer"), "declined": _l("declined"),
    "cancelled": _l("cancelled by the caller"), "not_registered": _l("phone not registered"),
    "unknown": _l("unknown number"), "invalid": _l("invalid number"), "not_allowed": _l("not allowed"),
    "trunks_failed": _l("all trunks failed"), "failed": _l("failed"),
}  # fmt: skip
CALL_PROBLEMS = {  # services.calls.collection_problems
    "no_pbx": _l("There is no call history, because sipweb is not connected to an Asterisk."),
    "cdr_off": _l("Asterisk writes no call records. Set enable=yes in cdr.conf."),
    "no_func_cdr": _l("Asterisk lacks the module func_cdr. Without it no calls are shown here."),
    "no_cdr_manager": _l("Asterisk lacks the module cdr_manager. Without it no calls are shown here."),
    "no_records": _l("A call has ended, but Asterisk reported none. Set read=system,security,cdr,reporting for sipweb "
                     "in manager.conf, and enabled=yes in cdr_manager.conf."),
    "no_quality": _l("Asterisk does not report the quality of calls. Add reporting to read= in manager.conf."),
}  # fmt: skip
DIFFERENCE_FIELDS = {  # of pbx.verification.Difference, besides an account's own fields and Asterisk's options
    "endpoint": _l("Endpoint"), "auth": _l("Sign-in data (auth)"), "aor": _l("AOR"),
    "registration": _l("Registration"), "context": _l("Context"), "include": _l("Included contexts"),
    "file": _l("File"), "level": _l("Permission level"), "recording": _l("Call recording"), "secret": _l("Password"),
}  # fmt: skip
DIFFERENCE_VALUES = {  # the same; other values are shown as Asterisk writes them
    "present": _l("present"), "absent": _l("absent"), "missing": _l("missing"),
    "changed": _l("changed by hand"), "link": _l("replaced by a link"), "not a file": _l("not a file"),
}  # fmt: skip
ASSIGNMENT_REASONS = {
    "own": _l("lowest-numbered free account assigned to the user"),
    "pool": _l("lowest-numbered free automatic account"),
    "asked_own": _l("requested account, assigned to the user"), "asked_pool": _l("requested automatic account"),
}  # fmt: skip
DTMF_MODES = {
    "auto": _l("auto (RFC 4733 or in-band)"), "rfc4733": "RFC 4733", "info": "SIP INFO",
    "auto_info": _l("auto (RFC 4733 or SIP INFO)"), "inband": _l("in-band"),
}  # fmt: skip
CHOICES = {  # the fields of which a value has a name, and these names
    "role": {
        "agent": _l("Agent"),
        "auditor": _l("Auditor (read-only)"),
        "editor": _l("Editor (can't generate)"),
        "administrator": _l("Administrator"),
    },
    "work_mode": {"automatic": _l("automatic"), "manual": _l("manual")},
    "reason": REFUSAL_REASONS,
    "emergency_calls": EMERGENCY_REASONS,
    "dtmf_mode": DTMF_MODES,
    "second_factor": {
        "totp": _l("authenticator app"), "passkey": _l("passkey"), "recovery_code": _l("recovery code"),
    },
    "vendor": {vendor: found.name for vendor, found in VENDORS.items()},
}  # fmt: skip


def phone_name(phone: str) -> str:
    """Return a phone's name; that of the built-in one is a setting."""
    return current_settings().softphone_name if phone == "builtin" else gettext("Other softphone")


def label(field: str, kind: str = "") -> str:
    """Return the label of a field.

    `kind` is user, trunk or route; without it the field is an account's or a setting.
    """
    return str(LABEL_OVERRIDES.get((kind, field)) or FIELDS.get(field, field))
