"""Long sequences of what two administrators and somebody with a shell do, in any order.

After each step: the pending changes are exactly the difference between saved and live state, the files are those of the
live generation or drift says that they are not, and every answered edit is there.
"""

import shutil
from dataclasses import replace
from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from sipweb import create_app
from sipweb.config import load
from sipweb.core.asterisk import render
from sipweb.core.errors import SipwebError
from sipweb.core.plan import diff
from sipweb.db import db
from sipweb.pbx import control
from sipweb.services import accounts, apply_again, drift, generation_history, generations
from sipweb.services import discard as discarding
from sipweb.services.context import Actor
from sipweb.services.errors import StaleEdit
from sipweb.services.state import current_state
from sipweb.services.state_records import StateCache
from tests.servers import running_asterisk, wait_for

ADMINISTRATORS = st.sampled_from([Actor(1, "Ewa"), Actor(2, "Adam")])
IDS, NUMBERS = st.integers(1, 24), st.integers(198, 223)
FILES = st.sampled_from(["pjsip.conf", "extensions.conf"])
STEPS = 20  # at most; hypothesis ends some sequences earlier


class Sequence(RuleBasedStateMachine):
    """`saved` and `live` are what must be saved and live: id → number, level, recording (and active)."""

    system = None  # set by the test
    lengths = None  # steps of each sequence

    def __init__(self):
        super().__init__()
        self.steps = 0

    @initialize()
    def reset_to_seed(self):
        self.ctx = self.system.reset()
        self.saved = {
            view.id: (view.number, view.level, view.recording, view.active) for view in current_state(self.ctx).accounts
        }
        self.live = {1: self.live_part()}  # by generation
        self.number = 1
        self.damaged = False  # Asterisk runs something else
        self.opened = {}  # the version of the oldest form of each account that is out of date

    def live_part(self):
        return {key: values[:3] for key, values in self.saved.items() if values[3]}

    def view(self, account_id):
        return current_state(self.ctx).by_id.get(account_id)

    def save(self, administrator, account_id, **changes):
        """Save a form; whatever is answered is what must be there from now on."""
        view = self.view(account_id)
        if view is None:
            return
        values = {name: getattr(view, name) for name in accounts.COLUMNS} | changes
        try:
            accounts.update(self.ctx, administrator, account_id, view.version, accounts.AccountInput(**values))
        except accounts.NumberTaken:
            return
        saved = tuple(values[name] for name in ("number", "level", "recording", "active"))
        if self.saved[account_id] != saved:
            self.opened.setdefault(account_id, view.version)
        self.saved[account_id] = saved

    @rule(administrator=ADMINISTRATORS, account_id=IDS, level=st.integers(0, 100))
    def edit_level(self, administrator, account_id, level):
        self.save(administrator, account_id, level=level)

    @rule(administrator=ADMINISTRATORS, account_id=IDS, recording=st.booleans())
    def edit_recording(self, administrator, account_id, recording):
        self.save(administrator, account_id, recording=recording)

    @rule(administrator=ADMINISTRATORS, account_id=IDS, active=st.booleans())
    def switch(self, administrator, account_id, active):
        self.save(administrator, account_id, active=active)

    @rule(administrator=ADMINISTRATORS, account_id=IDS, number=NUMBERS)
    def renumber(self, administrator, account_id, number):
        self.save(administrator, account_id, number=number)

    @rule(administrator=ADMINISTRATORS, account_id=IDS)
    def edit_an_old_form(self, administrator, account_id):
        view, version = self.view(account_id), self.opened.get(account_id)
        if view is not None and version is not None:
            values = {name: getattr(view, name) for name in accounts.COLUMNS} | {"level": 99}
            with pytest.raises(StaleEdit):
                accounts.update(self.ctx, administrator, account_id, version, accounts.AccountInput(**values))

    @rule(administrator=ADMINISTRATORS, number=NUMBERS)
    def add(self, administrator, number):
        try:
            account_id = accounts.create(self.ctx, administrator, accounts.AccountInput(number=number))
        except accounts.NumberTaken:
            return
        self.saved[account_id] = (number, 10, False, True)

    @rule(administrator=ADMINISTRATORS, account_id=IDS)
    def delete(self, administrator, account_id):
        if account_id in self.saved:
            accounts.delete(self.ctx, administrator, account_id)
            del self.saved[account_id]

    @rule(administrator=ADMINISTRATORS, account_id=IDS)
    def undo_deletion(self, administrator, account_id):
        try:
            accounts.restore_deleted(self.ctx, administrator, account_id)
        except SipwebError:
            return
        self.saved[account_id] = (*self.live[self.number][account_id], True)

    def done(self, generation, live):
        """A generation succeeded, or there was nothing to do."""
        if generation is not None:
            assert generation.state in ("verified", "written"), generation
            self.number = generation.number
            self.live[self.number] = live
            self.damaged = False

    @rule(administrator=ADMINISTRATORS)
    def generate(self, administrator):
        self.done(generations.generate(self.ctx, administrator, generations.ANY_NUMBER), self.live_part())

    @rule(administrator=ADMINISTRATORS)
    def generate_and_fail(self, administrator):
        """A file stands where the new folder belongs."""
        number = generation_history.newest_generation()[0] + 1
        (self.ctx.generation_files.directory / f".draft-{number:06d}").write_text("in the way")
        generation = generations.generate(self.ctx, administrator, generations.ANY_NUMBER)
        if generation is not None:
            assert generation.state == "refused"
            assert generation.message
        (self.ctx.generation_files.directory / f".draft-{number:06d}").unlink()

    @rule(administrator=ADMINISTRATORS, data=st.data())
    def put_back(self, administrator, data):
        number = data.draw(st.sampled_from(sorted(self.live)))
        generation = generations.restore(self.ctx, administrator, number, generations.ANY_NUMBER)
        self.done(generation, self.live[number])

    @rule(administrator=ADMINISTRATORS)
    def discard_everything(self, administrator):
        found = discarding.discardable(self.ctx)
        try:
            discarding.discard(self.ctx, administrator, found.newest_entry)
        except SipwebError:
            return
        live = self.live[self.number]
        inactive = {key: values for key, values in self.saved.items() if not values[3] and key not in live}
        self.saved = inactive | {key: (*values, True) for key, values in live.items()}

    @rule(administrator=ADMINISTRATORS, account_id=IDS)
    def discard_one(self, administrator, account_id):
        found = discarding.discardable(self.ctx, ("account", account_id))
        try:
            count = discarding.discard(self.ctx, administrator, found.newest_entry, ("account", account_id))
        except SipwebError:
            return
        if not count:
            return
        self.saved.pop(account_id, None)
        if account_id in self.live[self.number]:
            self.saved[account_id] = (*self.live[self.number][account_id], True)

    def file(self, name):
        return self.ctx.generation_files.path(self.number) / name

    @rule(name=FILES)
    def change_a_file(self, name):
        if self.file(name).is_file():
            self.file(name).write_text(self.file(name).read_text() + "; changed\n")

    @rule(name=FILES)
    def remove_a_file(self, name):
        if self.file(name).is_file() or self.file(name).is_symlink():
            self.file(name).unlink()

    @rule(name=FILES)
    def replace_a_file_by_a_link(self, name):
        if self.file(name).is_file() and not self.file(name).is_symlink():
            self.file(name).rename(self.file(f"other-{name}"))
            self.file(name).symlink_to(f"other-{name}")

    @precondition(lambda self: self.system.has_asterisk)
    @rule()
    def change_what_asterisk_runs(self):
        path = self.file("extensions.conf")
        if path.is_file() and "sipweb-hangup]" in path.read_text():
            path.write_text(path.read_text().replace("[sipweb-hangup]", "[hangup]"))
            with self.ctx.pbx.open() as ami:
                control.reload(ami)
            self.damaged = True

    @rule(administrator=ADMINISTRATORS)
    def apply(self, administrator):
        assert apply_again.apply_again(self.ctx, administrator).differences == ()
        self.damaged = False

    @invariant()
    def no_answered_edit_is_lost(self):
        if not hasattr(self, "ctx"):
            return
        self.steps += 1
        views = current_state(self.ctx).by_id.values()
        assert {v.id: (v.number, v.level, v.recording, v.active) for v in views} == self.saved

    @invariant()
    def pending_is_exactly_the_difference(self):
        if not hasattr(self, "ctx"):
            return
        cached, fresh = current_state(self.ctx), current_state(replace(self.ctx, cache=StateCache()))
        assert cached.plan == fresh.plan == diff(fresh.live, fresh.saved)
        assert cached.generation == self.number
        live = {account.id: (account.number, account.level, account.recording) for account in fresh.live.accounts}
        assert live == self.live[self.number]

    @invariant()
    def files_are_the_live_ones_or_drift_says_so(self):
        if not hasattr(self, "ctx"):
            return
        expected = render(current_state(self.ctx).live, self.ctx.renderer)
        files = {name: self.file(name) for name in expected}
        equal = {name for name, path in files.items() if not path.is_symlink() and _text(path) == expected[name]}
        found = drift.find_drift(self.ctx, full=True)
        assert {one.name for one in found if one.field == "file"} == expected.keys() - equal
        assert any(one.field != "file" for one in found) == self.damaged

    def teardown(self):
        self.lengths.append(self.steps)


def _text(path):
    return path.read_text() if path.is_file() else None


@pytest.fixture(scope="module")
def make_system(instance_template, tmp_path_factory):
    """Return a function that yields a system which returns to its seed, with an Asterisk or without."""

    def make(environ, has_asterisk):
        app = create_app(load(environ))
        instance = app.config["SETTINGS"].instance
        first = tmp_path_factory.mktemp("first") / "i"

        def copy():
            db.session.remove()
            db.engine.dispose()
            shutil.copytree(instance, first, symlinks=True, ignore=shutil.ignore_patterns("asterisk-state", "run"))

        def reset():
            db.session.remove()
            db.engine.dispose()
            for name in ("sipweb.db", "sipweb.db-wal", "sipweb.db-shm"):
                (instance / name).unlink(missing_ok=True)
            shutil.rmtree(instance / "asterisk" / "sipweb")
            shutil.copytree(first / "asterisk" / "sipweb", instance / "asterisk" / "sipweb", symlinks=True)
            shutil.copy(first / "sipweb.db", instance / "sipweb.db")
            ctx = replace(app.extensions["sipweb"], cache=StateCache())
            if has_asterisk:
                with ctx.pbx.open() as ami:
                    control.reload(ami)
            return ctx

        return SimpleNamespace(app=app, copy=copy, reset=reset, has_asterisk=has_asterisk)

    return make


@pytest.fixture
def files_system(make_system, instance):
    system = make_system({"SIPWEB_INSTANCE": str(instance), "SIPWEB_PBX": "files"}, has_asterisk=False)
    with system.app.app_context():
        ctx = system.app.extensions["sipweb"]
        apply_again.apply_again(ctx, Actor(None, "test"))  # records the digests of the first files
        system.copy()
        yield system
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def asterisk_system(make_system, instance):
    with running_asterisk(instance) as (environ, _process):
        system = make_system(environ, has_asterisk=True)
        with system.app.app_context():
            ctx = system.app.extensions["sipweb"]
            wait_for(lambda: generations.reconcile(ctx), "the first generation is verified")
            apply_again.apply_again(ctx, Actor(None, "test"))
            system.copy()
            yield system
            db.session.remove()
            db.engine.dispose()


def run(system, part, count):
    """Run so many sequences, each from the seed; every part has other ones, the same in each run."""
    lengths = []

    @seed(part)
    class Bound(Sequence):
        pass

    Bound.system, Bound.lengths = system, lengths
    run_state_machine_as_test(Bound, settings=settings(
        max_examples=count + count // 2 + 1, stateful_step_count=STEPS, phases=[Phase.generate], database=None,
        deadline=None, suppress_health_check=list(HealthCheck), print_blob=False,
    ))  # fmt: skip
    assert sum(length > 15 for length in lengths) >= count  # 15 steps after the first look


def parts(number, count, long_parts):
    """So many parts of so many sequences; for `make test-long`, parts of ten times as many."""
    long = [pytest.param(100 + part, count * 10, marks=pytest.mark.long) for part in range(long_parts)]
    return pytest.mark.parametrize(("part", "count"), [*((part, count) for part in range(number)), *long])


@parts(8, 10, long_parts=7)
def test_sequences_with_files_keep_the_invariants(files_system, part, count):
    run(files_system, part, count)


@parts(4, 5, long_parts=6)
def test_sequences_with_asterisk_keep_the_invariants(asterisk_system, part, count):
    run(asterisk_system, part, count)
