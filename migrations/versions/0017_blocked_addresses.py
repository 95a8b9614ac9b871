"""blocked addresses"""

import sqlalchemy as sa
from alembic import op

revision = '0017'
down_revision = '0016'


def upgrade() -> None:
    op.create_table(
        'address_block',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('address', sa.String(length=64), nullable=False),
        sa.Column('begun_at', sa.DateTime(), nullable=False),
        sa.Column('ends_at', sa.DateTime(), nullable=False),
        sa.Column('attempts', sa.Integer(), nullable=False),
        sa.Column('unblocked_by', sa.String(length=80), nullable=False),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_address_block')),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f('ix_address_block_address'), 'address_block', ['address'])
    op.create_index(op.f('ix_address_block_ends_at'), 'address_block', ['ends_at'])
    op.create_index('ix_event_kind_id', 'event', ['kind', 'id'])


def downgrade() -> None:
    op.drop_index('ix_event_kind_id', 'event')
    op.drop_table('address_block')
