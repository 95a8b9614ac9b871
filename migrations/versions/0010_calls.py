"""the call history"""

import sqlalchemy as sa
from alembic import op

revision = '0010'
down_revision = '0009'


def upgrade() -> None:
    op.create_table(
        'call',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('host', sa.String(length=80), nullable=False),
        sa.Column('unique_id', sa.String(length=80), nullable=False),
        sa.Column('linked_id', sa.String(length=80), nullable=False),
        sa.Column('started_at', sa.DateTime(), nullable=False),
        sa.Column('answered_at', sa.DateTime(), nullable=True),
        sa.Column('ended_at', sa.DateTime(), nullable=False),
        sa.Column('caller', sa.String(length=32), nullable=False),
        sa.Column('caller_id', sa.Integer(), nullable=True),
        sa.Column('caller_name', sa.String(length=80), nullable=False),
        sa.Column('number', sa.String(length=32), nullable=False),
        sa.Column('callee', sa.String(length=32), nullable=False),
        sa.Column('callee_id', sa.Integer(), nullable=True),
        sa.Column('callee_name', sa.String(length=80), nullable=False),
        sa.Column('transferred_by', sa.String(length=32), nullable=False),
        sa.Column('result', sa.String(length=20), nullable=False),
        sa.Column('cause', sa.Integer(), nullable=True),
        sa.Column('sip_status', sa.Integer(), nullable=True),
        sa.Column('trunk', sa.String(length=80), nullable=False),
        sa.Column('trunks', sa.Text(), nullable=False),
        sa.Column('recording', sa.String(length=60), nullable=False),
        sa.Column('loss', sa.Float(), nullable=True),
        sa.Column('jitter', sa.Float(), nullable=True),
        sa.Column('round_trip', sa.Float(), nullable=True),
        sa.Column('search', sa.String(length=330), nullable=False),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_call')),
        sqlite_autoincrement=True,
    )
    op.create_index('ix_call_started_at_id', 'call', ['started_at', 'id'])
    op.create_index('ix_call_caller_id_started_at_id', 'call', ['caller_id', 'started_at', 'id'])
    op.create_index('ix_call_callee_id_started_at_id', 'call', ['callee_id', 'started_at', 'id'])


def downgrade() -> None:
    op.drop_table('call')
