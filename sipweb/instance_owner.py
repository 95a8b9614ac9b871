"""Commands run as the owner of the instance, so that no file appears that the service can't write."""

import os
import pwd
import shlex
import sys
from contextlib import suppress
from pathlib import Path

from .crypto import KEYS_FILE

ROOT_ADVICE = "Advice: sipweb runs as root. For real use give it a user of its own (README, Running it for real)."


def other_user_problem(instance: Path) -> str | None:
    """Return what to run instead if the instance belongs to another user."""
    owner = _owner(instance)
    if owner is None or owner == os.geteuid():
        return None
    name = _user_name(owner)
    return f"{instance} belongs to the user {name}. Run: {_command_as(owner)}"


def _owner(instance: Path) -> int | None:
    """Return the user id of the instance's owner; None if there is no instance yet."""
    for path in (instance / KEYS_FILE, instance):
        with suppress(OSError):
            return path.stat().st_uid
    return None


def _user_name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"#{uid}"


def _command_as(owner: int) -> str:
    """Return the command of this process, run by the owner; sudo drops the environment."""
    program = [sys.argv[0]] if Path(sys.argv[0]).name == "flask" else [sys.executable, "-m", "flask"]
    instance = os.environ.get("SIPWEB_INSTANCE")
    environment = ["env", f"SIPWEB_INSTANCE={Path(instance).absolute()}"] if instance else []
    app = ["--app", "wsgi"] if "--app" not in sys.argv and "-A" not in sys.argv else []
    words = ["URL" if "://" in word else word for word in sys.argv[1:]]  # that of a database may have a password
    return shlex.join(["sudo", "-u", _user_name(owner), *environment, *program, *app, *words])
