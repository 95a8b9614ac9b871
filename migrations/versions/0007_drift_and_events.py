"""drift, its checks, and events of accounts and trunks"""

import sqlalchemy as sa
from alembic import op

revision = '0007'
down_revision = '0006'


def upgrade() -> None:
    op.create_table(
        'drift',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('host', sa.String(length=80), nullable=False),
        sa.Column('name', sa.String(length=255), nullable=False),
        sa.Column('field', sa.String(length=80), nullable=False),
        sa.Column('expected', sa.Text(), nullable=False),
        sa.Column('actual', sa.Text(), nullable=False),
        sa.Column('first_seen_at', sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_drift')),
        sqlite_autoincrement=True,
    )
    op.create_table(
        'drift_check',
        sa.Column('host', sa.String(length=80), nullable=False),
        sa.Column('generation', sa.Integer(), nullable=False),
        sa.Column('checked_at', sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint('host', name=op.f('pk_drift_check')),
    )
    op.create_table(
        'event',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('host', sa.String(length=80), nullable=False),
        sa.Column('created_at', sa.DateTime(), nullable=False),
        sa.Column('kind', sa.String(length=20), nullable=False),
        sa.Column('account_id', sa.Integer(), nullable=True),
        sa.Column('trunk_id', sa.Integer(), nullable=True),
        sa.Column('route_id', sa.Integer(), nullable=True),
        sa.Column('generation', sa.Integer(), nullable=True),
        sa.Column('number', sa.Integer(), nullable=True),
        sa.Column('address', sa.String(length=80), nullable=False),
        sa.Column('reason', sa.String(length=80), nullable=False),
        sa.Column('count', sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('registered', 'moved', 'unregistered', 'auth_failed', 'generated')", name=op.f('ck_event_kind')
        ),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_event')),
        sqlite_autoincrement=True,
    )
    for column in ('account_id', 'created_at', 'route_id', 'trunk_id'):
        op.create_index(op.f(f'ix_event_{column}'), 'event', [column])
    with op.batch_alter_table('generation') as batch_op:
        batch_op.add_column(sa.Column('files', sa.JSON(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table('generation') as batch_op:
        batch_op.drop_column('files')
    op.drop_table('event')
    op.drop_table('drift_check')
    op.drop_table('drift')
