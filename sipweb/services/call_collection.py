"""Whether Asterisk sends what the call history is made of; if not, the page of calls says what is missing."""

import json

from ..core.errors import OperationRefused
from ..pbx import status
from ..pbx.ami import AmiClient, AmiError
from ..pbx.event_listener import EventListener
from .calls import collection_problem
from .context import ServiceContext

CHECK_EVERY = 20  # polls between two looks at Asterisk's settings, while no call record has been seen
LONG_CALL = 15.0  # seconds; Asterisk reports the quality of a call every 5 seconds


class CollectionCheck:
    """Finds out what is missing. Once a call record has come, it asks Asterisk no more."""

    def __init__(self, ctx: ServiceContext, listener: EventListener) -> None:
        self._ctx, self._listener = ctx, listener
        self.problem = collection_problem(ctx)  # for other processes in calls.json
        self._polls = 0
        self._calls: frozenset[str] = frozenset()  # in progress at the last poll
        self._ended: frozenset[str] = frozenset()  # of which no record had come then

    def run(self, ami: AmiClient, longest_talk: float) -> None:
        """Store what is missing, if that changed. `longest_talk` is that of the calls that were just written."""
        problem = self._find(ami, longest_talk)
        if problem != self.problem:
            self.problem = problem
            draft = self._ctx.runtime_dir / ".calls.json"
            draft.write_text(json.dumps({"problem": problem}))
            draft.replace(self._ctx.runtime_dir / "calls.json")

    def _find(self, ami: AmiClient, longest_talk: float) -> str:
        if self._listener.heard_calls:
            if self._listener.heard_quality:
                return ""
            return "no_quality" if longest_talk >= LONG_CALL or self.problem == "no_quality" else ""
        problem = self.problem
        if self._polls % CHECK_EVERY == 0:
            problem = _missing(ami) or (problem if problem == "no_records" else "")
        self._polls += 1
        calls = status.account_call_ids(ami)
        if self._ended:
            problem = problem or "no_records"
        self._calls, self._ended = calls, self._calls - calls
        return problem


def _missing(ami: AmiClient) -> str:
    """Return which part of Asterisk is off; "" if all are on, or if the AMI user may not ask."""
    try:
        if ami.action("CoreSettings").get("CoreCDRenabled", "Yes") != "Yes":
            return "cdr_off"
        ami.action("ModuleCheck", Module="func_cdr")
    except AmiError as error:
        return "no_func_cdr" if error.values.get("action") == "ModuleCheck" else ""
    except OperationRefused:
        return ""
    try:
        ami.action("ModuleCheck", Module="cdr_manager")
    except AmiError:
        return "no_cdr_manager"
    return ""
