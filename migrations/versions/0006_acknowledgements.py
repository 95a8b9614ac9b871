"""acknowledged warnings"""

import sqlalchemy as sa
from alembic import op

revision = '0006'
down_revision = '0005'


def upgrade() -> None:
    op.create_table(
        'acknowledgement',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('subject', sa.String(length=20), nullable=False),
        sa.Column('fingerprint', sa.String(length=64), nullable=False),
        sa.Column('actor_name', sa.String(length=80), nullable=False),
        sa.Column('created_at', sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_acknowledgement')),
        sa.UniqueConstraint('fingerprint', name=op.f('uq_acknowledgement_fingerprint')),
        sqlite_autoincrement=True,
    )


def downgrade() -> None:
    op.drop_table('acknowledgement')
