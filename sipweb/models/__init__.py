"""The tables and their constraints. Rules are in core and services.

All are imported here, so that who imports one table has all of them in SQLAlchemy's metadata.
"""

from .account_usage import AccountUsage
from .accounts import Account
from .acknowledgements import Acknowledgement
from .audit import AuditEntry, AuditSubject
from .blocking import AddressBlock
from .calls import Call
from .drift import Drift, DriftCheck
from .events import Event
from .generations import DELETED_SNAPSHOT, Generation, HostReport
from .hosts import Host
from .imports import ImportUpload
from .leases import Lease
from .provisioning import ProvisionedPhone
from .revision import Revision
from .routing import OutboundRoute, Trunk
from .second_factor import Passkey, PasskeyChallenge, RecoveryCode, Totp
from .sessions import WebSession
from .throttling import LoginThrottle
from .users import User
from .utc_datetime import UTCDateTime

__all__ = [
    "DELETED_SNAPSHOT",
    "Account",
    "AccountUsage",
    "Acknowledgement",
    "AddressBlock",
    "AuditEntry",
    "AuditSubject",
    "Call",
    "Drift",
    "DriftCheck",
    "Event",
    "Generation",
    "Host",
    "HostReport",
    "ImportUpload",
    "Lease",
    "LoginThrottle",
    "OutboundRoute",
    "Passkey",
    "PasskeyChallenge",
    "ProvisionedPhone",
    "RecoveryCode",
    "Revision",
    "Totp",
    "Trunk",
    "UTCDateTime",
    "User",
    "WebSession",
]
