"""The random id of this machine, by which two machines with one name are told apart."""

import fcntl
import os
import secrets

from ..pbx.generation_files import fsync_directory
from .context import ServiceContext

MACHINE_ID = "machine-id"  # file in the folder `run`


def machine_id(ctx: ServiceContext) -> str:
    """Return this machine's id; "" before it has one. An empty file, as after a crash, is none."""
    path = ctx.runtime_dir / MACHINE_ID
    return path.read_text().strip() if path.is_file() else ""


def make_machine_id(ctx: ServiceContext) -> str:
    """Return this machine's id; the first process that asks makes it."""
    path = ctx.runtime_dir / MACHINE_ID
    path.parent.mkdir(parents=True, exist_ok=True)
    with (path.parent / f"{MACHINE_ID}.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if found := machine_id(ctx):
            return found
        made, draft = secrets.token_hex(16), path.with_name(f".{MACHINE_ID}")
        with draft.open("w") as file:
            file.write(made)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
        fsync_directory(path.parent)
        return made
