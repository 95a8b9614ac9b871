"""standard names for tables, columns, audit actions and stored fields

Tables that get another name are copied, because SQLite cannot rename constraints.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = '0005'
down_revision = '0004'

# table → old name of a column → new name
COLUMNS = {
    'user': {'epoch': 'session_epoch', 'must_change': 'must_change_password'},
    'generation': {
        'by': 'created_by',
        'started': 'started_at',
        'finished': 'finished_at',
        'base': 'previous_number',
        'message': 'outcome',
    },
    'audit': {'at': 'created_at', 'by': 'actor_name', 'address': 'ip_address'},
    'lease': {'since': 'acquired_at', 'seen': 'last_seen_at', 'token': 'token_digest', 'epoch': 'session_epoch'},
    'trunk': {'user': 'username', 'caller': 'caller_id'},
}
ACTIONS = {
    'rule.add': 'route.add',
    'rule.edit': 'route.edit',
    'rule.delete': 'route.delete',
    'rule.move': 'route.move',
    'agent.login': 'lease.acquire',
    'agent.logout': 'lease.release',
    'agent.release': 'lease.revoke',
    'agent.refused': 'lease.refused',
    'agent.expired': 'lease.expire',
    'agent.ended': 'lease.end',
    'account.undo': 'account.restore',
}
# keys in audit.changes, by what the action is about, and in generation.differences
TRUNK_FIELDS = {'user': 'username', 'caller': 'caller_id'}
ROUTE_FIELDS = {'strip': 'strip_digits', 'prepend': 'prepend_digits'}
DIFFERENCE_FIELDS = {'wanted': 'expected', 'found': 'actual'}


def upgrade() -> None:
    # data first: SQLite begins a transaction at the first change of data, and then all of this is one
    _rename_fields('trunk', TRUNK_FIELDS)
    _rename_fields('rule', ROUTE_FIELDS)
    _rename_differences(DIFFERENCE_FIELDS)
    _rename_actions(ACTIONS)
    op.add_column('audit', sa.Column('trunk_id', sa.Integer(), nullable=True))
    op.add_column('audit', sa.Column('route_id', sa.Integer(), nullable=True))
    op.execute("UPDATE audit SET trunk_id = way_id WHERE action LIKE 'trunk.%'")
    op.execute("UPDATE audit SET route_id = way_id WHERE action LIKE 'route.%'")
    op.drop_index(op.f('ix_audit_way_id'), 'audit')
    op.drop_column('audit', 'way_id')
    op.drop_index(op.f('ix_audit_at'), 'audit')
    for table, names in COLUMNS.items():
        for old, new in names.items():
            op.alter_column(table, old, new_column_name=new)
    op.create_index(op.f('ix_audit_created_at'), 'audit', ['created_at'])
    op.create_index(op.f('ix_audit_trunk_id'), 'audit', ['trunk_id'])
    op.create_index(op.f('ix_audit_route_id'), 'audit', ['route_id'])
    _rename_unique('lease', 'uq_lease_token', 'uq_lease_token_digest', 'token_digest')
    _create_routes('outbound_route', strip='strip_digits', prepend='prepend_digits')
    _move('rule', 'outbound_route', ROUTE_FIELDS)
    _create_route_indexes('outbound_route')
    _create_throttle('login_throttle', key='key')
    _move('throttle', 'login_throttle', {'login': 'key'})


def downgrade() -> None:
    _rename_fields('trunk', _reverse(TRUNK_FIELDS))
    _rename_fields('route', _reverse(ROUTE_FIELDS))
    _rename_differences(_reverse(DIFFERENCE_FIELDS))
    _rename_actions(_reverse(ACTIONS))
    op.add_column('audit', sa.Column('way_id', sa.Integer(), nullable=True))
    op.execute('UPDATE audit SET way_id = coalesce(trunk_id, route_id)')
    for name in ('trunk_id', 'route_id'):
        op.drop_index(op.f(f'ix_audit_{name}'), 'audit')
        op.drop_column('audit', name)
    op.drop_index(op.f('ix_audit_created_at'), 'audit')
    for table, names in COLUMNS.items():
        for old, new in names.items():
            op.alter_column(table, new, new_column_name=old)
    op.create_index(op.f('ix_audit_at'), 'audit', ['at'])
    op.create_index(op.f('ix_audit_way_id'), 'audit', ['way_id'])
    _rename_unique('lease', 'uq_lease_token_digest', 'uq_lease_token', 'token')
    _create_routes('rule', strip='strip', prepend='prepend')
    _move('outbound_route', 'rule', _reverse(ROUTE_FIELDS))
    _create_route_indexes('rule')
    _create_throttle('throttle', key='login')
    _move('login_throttle', 'throttle', {'key': 'login'})


def _reverse(names: dict[str, str]) -> dict[str, str]:
    return {new: old for old, new in names.items()}


def _rename_actions(names: dict[str, str]) -> None:
    for old, new in names.items():
        audit = sa.table('audit', sa.column('action'))
        op.execute(audit.update().where(audit.c.action == old).values(action=new))


def _rename_fields(kind: str, names: dict[str, str]) -> None:
    """Rename keys of audit.changes in the entries about trunks or about routes."""
    audit = sa.table('audit', sa.column('id'), sa.column('action'), sa.column('changes', sa.JSON()))
    query = sa.select(audit.c.id, audit.c.changes).where(audit.c.action.like(f'{kind}.%'))
    for key, changes in op.get_bind().execute(query).all():
        if names.keys() & changes.keys():
            op.execute(audit.update().where(audit.c.id == key).values(changes=_renamed(changes, names)))


def _rename_differences(names: dict[str, str]) -> None:
    generation = sa.table('generation', sa.column('number'), sa.column('differences', sa.JSON()))
    query = sa.select(generation.c.number, generation.c.differences)
    for number, differences in op.get_bind().execute(query).all():
        if differences:
            renamed = [_renamed(difference, names) for difference in differences]
            op.execute(generation.update().where(generation.c.number == number).values(differences=renamed))


def _renamed(record: dict[str, Any], names: dict[str, str]) -> dict[str, Any]:
    return {names.get(key, key): value for key, value in record.items()}


def _create_routes(table: str, strip: str, prepend: str) -> None:
    op.create_table(
        table,
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('position', sa.Integer(), nullable=False),
        sa.Column('name', sa.String(length=80), nullable=False),
        sa.Column('pattern', sa.String(length=200), nullable=False),
        sa.Column('level', sa.Integer(), nullable=False),
        sa.Column('trunk_id', sa.Integer(), nullable=False),
        sa.Column(strip, sa.Integer(), nullable=False),
        sa.Column(prepend, sa.String(length=32), nullable=False),
        sa.Column('emergency', sa.Boolean(), nullable=False),
        sa.Column('active', sa.Boolean(), nullable=False),
        sa.Column('version', sa.Integer(), nullable=False),
        sa.Column('revision', sa.Integer(), nullable=False),
        sa.CheckConstraint('level BETWEEN 0 AND 100', name=op.f(f'ck_{table}_level')),
        sa.CheckConstraint(f'{strip} BETWEEN 0 AND 32', name=op.f(f'ck_{table}_{strip}')),
        sa.ForeignKeyConstraint(['trunk_id'], ['trunk.id'], name=op.f(f'fk_{table}_trunk_id_trunk')),
        sa.PrimaryKeyConstraint('id', name=op.f(f'pk_{table}')),
        sqlite_autoincrement=True,
    )


def _create_route_indexes(table: str) -> None:
    op.create_index(op.f(f'ix_{table}_revision'), table, ['revision'])
    op.create_index(op.f(f'ix_{table}_trunk_id'), table, ['trunk_id'])


def _create_throttle(table: str, key: str) -> None:
    op.create_table(
        table,
        sa.Column(key, sa.String(length=80), nullable=False),
        sa.Column('failures', sa.Integer(), nullable=False),
        sa.Column('locked_until', sa.DateTime(), nullable=True),
        sa.PrimaryKeyConstraint(key, name=op.f(f'pk_{table}')),
    )


def _move(old: str, new: str, names: dict[str, str]) -> None:
    """Move all rows to the new table, with the sequence of ids, and drop the old one."""
    columns = [column['name'] for column in sa.inspect(op.get_bind()).get_columns(old)]
    rows = sa.select(*(sa.column(name) for name in columns)).select_from(sa.table(old))
    renamed = [names.get(name, name) for name in columns]
    op.execute(sa.table(new, *map(sa.column, renamed)).insert().from_select(renamed, rows))
    if 'id' in columns:
        _set_sequence(new, _sequence(old))
    op.drop_table(old)


def _rename_unique(table: str, old: str, new: str, column: str) -> None:
    sequence = _sequence(table)
    # SQLite copies the table, and the copy would begin with the highest id that is left
    with op.batch_alter_table(table, table_kwargs={'sqlite_autoincrement': True}) as batch:
        batch.drop_constraint(old, type_='unique')
        batch.create_unique_constraint(op.f(new), [column])
    _set_sequence(table, sequence)


def _sequence(table: str) -> int | None:
    """Return the highest id that was ever used, None for none."""
    if op.get_bind().dialect.name == 'sqlite':
        query = sa.text('SELECT seq FROM sqlite_sequence WHERE name = :table').bindparams(table=table)
    else:
        query = sa.text(f'SELECT last_value FROM {table}_id_seq WHERE is_called')
    return op.get_bind().scalar(query)


def _set_sequence(table: str, value: int | None) -> None:
    if value is None:
        return
    if op.get_bind().dialect.name == 'sqlite':
        op.execute(sa.text('DELETE FROM sqlite_sequence WHERE name = :table').bindparams(table=table))
        op.execute(sa.text('INSERT INTO sqlite_sequence VALUES (:table, :value)').bindparams(table=table, value=value))
    else:
        op.execute(sa.text('SELECT setval(:sequence, :value)').bindparams(sequence=f'{table}_id_seq', value=value))
