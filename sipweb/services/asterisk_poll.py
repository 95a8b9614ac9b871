"""What each poll of the monitor reads from Asterisk and stores, and what it has Asterisk do.

Phones, trunks, calls and failed sign-ins are stored. Leases are copied to Asterisk, addresses that guess passwords are
blocked, and registrations and recordings that are not allowed are ended.
"""

import time
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from ..core.accounts import BUILTIN
from ..pbx import asterisk_logs, control, status
from ..pbx.ami import AmiClient
from ..pbx.event_listener import EventListener, SignInFailure
from ..pbx.status import Contact
from . import blocking, call_writer, events, lease_sync, pbx_status, recording_cleanup
from .call_collection import CollectionCheck
from .context import ServiceContext
from .state import live_generation


class AsteriskPoll:
    """Polls an Asterisk that answers.

    `clock` returns seconds, `listener` has what Asterisk reported by itself since the last poll.
    """

    def __init__(self, ctx: ServiceContext, clock: Callable[[], float], listener: EventListener) -> None:
        self._ctx = ctx
        self._listener = listener
        self._events = events.EventWriter(ctx)
        self._calls = call_writer.CallWriter(ctx)
        self._blocker = blocking.Blocker(ctx, clock)
        self._collection = CollectionCheck(ctx, listener)
        self._reads_leases: bool | None = None  # asked again whenever Asterisk was unreachable

    def restart(self) -> None:
        """Take note that Asterisk was unreachable: it may read other files now."""
        self._reads_leases = None

    def run(self, ami: AmiClient, empty_recordings: Mapping[Path, str]) -> None:
        """Poll once. `empty_recordings` are files that are deleted unless their calls are still in progress."""
        live = live_generation(self._ctx)[1]
        trunks = status.trunk_states(ami) if live.trunks else {}
        phones, failures = status.registered_phones(ami), {}
        builtin = {account.number for account in live.accounts if account.phone == BUILTIN}
        if not_allowed := {number for number in builtin & phones.keys() if not phones[number].websocket}:
            control.remove_contacts(ami, not_allowed)  # an Asterisk whose transports lack the domain let them register
            failures = {_not_websocket(number, phones.pop(number)): 1 for number in not_allowed}
        if moved := pbx_status.moved_away(self._ctx, phones):
            control.remove_contacts(ami, moved)
            phones = {number: contact for number, contact in phones.items() if number not in moved}
        if self._reads_leases is None:
            self._reads_leases = lease_sync.check_credentials(self._ctx, ami)
        attacks = self._blocker.run(
            self._listener.take_sign_ins(), partial(status.contact_hosts, ami), partial(control.reload_accounts, ami)
        )
        calls, on_call = status.calls_in_progress(ami)
        before, after = pbx_status.write_status(
            self._ctx, phones, trunks, reads_leases=self._reads_leases, calls=calls, on_call=on_call, attacks=attacks,
            blocking_problem=self._blocker.problem, call_problem=self._collection.problem,
            passwords=self._listener.take_passwords(), accounts={account.number for account in live.accounts},
        )  # fmt: skip
        failures |= self._listener.take_failures()
        self._events.write(before, after, failures)
        ended_calls = self._listener.take_calls()
        self._calls.write(ended_calls)
        self._collection.run(ami, call_writer.longest_talk(ended_calls))
        control.qualify(ami, pbx_status.returned_phones(before, after))
        lease_sync.sync_all_leases(self._ctx, ami)
        numbers = [account.number for account in live.accounts]
        recording_cleanup.stop_outside_recordings(ami, lease_sync.leased_numbers(), numbers)
        if empty_recordings:
            recording_cleanup.delete_empty_recordings(empty_recordings, status.active_call_ids(ami))
        if self._ctx.asterisk_logs:
            asterisk_logs.rotate(ami, self._ctx.asterisk_logs)


def _not_websocket(number: int, contact: Contact) -> SignInFailure:
    """Return the failure of a phone that registered with an account of the built-in phone."""
    host = contact.address.rpartition(":")[0]
    return SignInFailure(str(number), host, "not_websocket", int(time.time() // 60))
