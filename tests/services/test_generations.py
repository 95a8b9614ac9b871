"""Generations without Asterisk: written, restored, rolled back and recovered."""

import shutil
from dataclasses import replace

import pytest

from sipweb.core.errors import NotFound, OperationRefused
from sipweb.core.snapshot import RENDERER_VERSION
from sipweb.db import db, transaction
from sipweb.models import Generation
from sipweb.services import accounts, audit, generation_history, generations, leases, users
from sipweb.services.apply_again import apply_again
from sipweb.services.context import Actor
from sipweb.services.generation_history import Outcome, Step, outcome_to_json
from sipweb.services.state import current_state, live_generation
from tests.builders import edit_account, make_account

WHO = Actor(None, "test")


def numbers(ctx):
    return [account.number for account in live_generation(ctx)[1].accounts]


def test_generating_without_changes_does_nothing(ctx):
    assert generations.generate(ctx, WHO) is None
    assert len(generation_history.recent_generations()) == 1


def test_generating_writes_the_files_and_records_steps_and_author(ctx):
    accounts.create(ctx, WHO, accounts.AccountInput(number=300))
    done = generations.generate(ctx, WHO)
    assert (done.number, done.state, done.base, done.by, done.is_live) == (2, "written", 1, "test", True)
    assert (done.message, done.values, done.rollback, done.differences) == ("", {}, "", [])
    assert [(step.name, step.count) for step in done.steps] == [("rendered", 21), ("written", 2)]
    assert "[300]" in ctx.generation_files.read(ctx.generation_files.current())["pjsip.conf"]
    assert audit.entries()[0].action == "generation.written"
    assert [account.number for account in generation_history.generation_plan(done).added] == [300]
    assert len(current_state(ctx).plan) == 0


def test_restoring_a_generation_makes_later_edits_pending(ctx):
    accounts.create(ctx, WHO, accounts.AccountInput(number=300))
    generations.generate(ctx, WHO)
    restored = generations.restore(ctx, WHO, 1)
    assert (restored.number, restored.base) == (3, 2)
    assert 300 not in numbers(ctx)
    assert [account.number for account in current_state(ctx).plan.added] == [300]


def test_restoring_an_unknown_generation_is_refused(ctx):
    with pytest.raises(NotFound):
        generations.restore(ctx, WHO, 9)


def test_an_error_while_writing_restores_the_previous_files(ctx, monkeypatch):
    accounts.create(ctx, WHO, accounts.AccountInput(number=300))
    files = type(ctx.generation_files)
    with monkeypatch.context() as patch:
        patch.setattr(files, "activate", _raise_disk_full)
        done = generations.generate(ctx, WHO)
    assert (done.state, done.message) == ("refused", "Couldn't write the files: %(why)s.")
    assert (done.values, done.rollback, done.is_live) == ({"why": "No space left on device"}, "back", False)
    assert [step.name for step in done.steps] == ["rendered", "written"]
    assert ctx.generation_files.current() == 1
    assert audit.entries()[0].action == "generation.refused"
    assert generations.generate(ctx, WHO).state == "written"


def _raise_disk_full(*_):
    raise OSError(28, "No space left on device")


def test_an_interrupted_generation_is_marked_and_the_live_files_return(ctx):
    accounts.create(ctx, WHO, accounts.AccountInput(number=300))
    run, _is_tried_here = generations._claim(ctx, WHO, generations._Target(None))
    ctx.generation_files.write(run.number, ctx.generation_files.read(1))
    ctx.generation_files.activate(run.number)
    assert generations.needs_reconciling(ctx)
    assert generations.reconcile(ctx)
    assert generation_history.get_generation(run.number).state == "interrupted"
    assert ctx.generation_files.current() == 1
    assert not generations.needs_reconciling(ctx)


def test_a_generation_of_a_newer_version_is_not_rendered_and_prevents_no_other_one(ctx):
    with transaction() as session:
        snapshot = replace(live_generation(ctx)[1], renderer_version=RENDERER_VERSION + 1)
        row = session.get_one(Generation, 1)
        row.snapshot, row.digest = snapshot.to_json(), snapshot.digest
    ctx.cache.live = None
    shutil.rmtree(ctx.generation_files.directory)
    with pytest.raises(OperationRefused, match="sipweb has another version on the PBX host"):
        apply_again(ctx, WHO)
    assert ctx.generation_files.current() == 0
    done = generations.generate(ctx, WHO)
    assert (done.number, done.state, ctx.generation_files.current()) == (2, "written", 2)


def test_a_generation_ends_the_lease_of_a_removed_account(ctx):
    anna = users.create_user(WHO, "anna", "Anna Nowak", "a long password", "agent")
    leases.acquire(ctx, anna, "205", "")
    accounts.set_flag(ctx, WHO, 6, 1, name="active", value=False)
    generations.generate(ctx, WHO)
    assert current_state(ctx).leases == {}
    assert [entry.action for entry in audit.entries()[:2]] == ["generation.written", "lease.end"]


def test_outcome_and_steps_survive_the_database(app):
    outcome = Outcome("refused", "%(why)s failed", {"why": "it"}, "differs")
    with transaction() as session:
        row = session.get_one(Generation, 1)
        row.outcome, row.steps = outcome_to_json(outcome), [{"name": "written", "ms": 3, "count": 2}]
    db.session.expire_all()
    view = generation_history.get_generation(1)
    assert (view.message, view.values, view.rollback) == ("%(why)s failed", {"why": "it"}, "differs")
    assert view.steps == (Step("written", 3, 2),)
    assert outcome_to_json(Outcome("verified")) is None


def test_a_restored_generation_names_its_origin_also_in_the_audit_log(ctx):
    make_account(ctx, 300)
    generations.generate(ctx, WHO)
    assert generations.restore(ctx, WHO, 1).restored == 1
    assert audit.entries()[0].changes == {"restored": [None, 1]}
    views = generation_history.recent_generations()
    assert [(view.number, view.restored) for view in views] == [(3, 1), (2, None), (1, None)]
    assert generation_history.equal_generations(views) == {3: 1}


def test_an_edit_that_is_undone_by_hand_gives_an_equal_generation(ctx):
    for level in (50, 10, 50):
        edit_account(ctx, 5, level=level)
        generations.generate(ctx, WHO)
    assert generation_history.equal_generations(generation_history.recent_generations()) == {3: 1, 4: 2}


def test_changes_of_each_generation_are_counted_once(ctx, monkeypatch):
    make_account(ctx, 300)
    edit_account(ctx, 5, level=50)
    generations.generate(ctx, WHO)
    views = generation_history.recent_generations()
    counts = generation_history.change_counts(ctx, views)
    assert (counts[2].added, counts[2].changed, counts[2].removed) == (1, 1, 0)
    assert (counts[1].added, counts[1].upgraded) == (20, False)
    monkeypatch.setattr(generation_history, "load_snapshot", None)
    assert generation_history.change_counts(ctx, views) == counts


def test_history_is_read_in_pages(ctx):
    for level in (20, 30, 40):
        edit_account(ctx, 5, level=level)
        generations.generate(ctx, WHO)
    assert [view.number for view in generation_history.recent_generations(before=3)] == [2, 1]
    assert [view.number for view in generation_history.recent_generations(limit=2)] == [4, 3]
    assert [generation_history.neighbours(number) for number in (1, 2, 4)] == [(None, 2), (1, 3), (3, None)]
