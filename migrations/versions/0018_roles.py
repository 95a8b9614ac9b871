"""roles of users who read only, or edit and don't generate"""

import sqlalchemy as sa
from alembic import op

revision = '0018'
down_revision = '0017'
OLD = "role IN ('administrator', 'agent')"
NEW = "role IN ('agent', 'auditor', 'editor', 'administrator')"


def upgrade() -> None:
    _replace_constraint(OLD, NEW)


def downgrade() -> None:
    # version and revision: open forms and caches must not keep the old role
    op.execute(
        "UPDATE \"user\" SET role = 'agent', version = version + 1, revision = (SELECT value FROM revision) "
        "WHERE role IN ('auditor', 'editor')"
    )
    _replace_constraint(NEW, OLD)


def _replace_constraint(old: str, new: str) -> None:
    if op.get_bind().dialect.name != 'sqlite':
        op.drop_constraint(op.f('ck_user_role'), 'user', type_='check')
        op.create_check_constraint(op.f('ck_user_role'), 'user', new)
        return
    # SQLite refuses to replace a table that others refer to. It documents this way for a CHECK, which changes no row.
    connection = op.get_bind()
    version = connection.exec_driver_sql('PRAGMA schema_version').scalar_one()
    connection.exec_driver_sql('PRAGMA writable_schema = ON')
    changed = connection.execute(
        sa.text("UPDATE sqlite_master SET sql = replace(sql, :old, :new) "
                "WHERE type = 'table' AND name = 'user' AND instr(sql, :old)"),
        {'old': old, 'new': new},
    )  # fmt: skip
    connection.exec_driver_sql(f'PRAGMA schema_version = {version + 1}')
    connection.exec_driver_sql('PRAGMA writable_schema = OFF')
    assert changed.rowcount == 1, 'the table of users has another constraint than its migrations made'
