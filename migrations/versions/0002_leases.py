"""leases"""

import sqlalchemy as sa
from alembic import op

revision = '0002'
down_revision = '0001'


def upgrade() -> None:
    op.create_table(
        'lease',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('account_id', sa.Integer(), nullable=False),
        sa.Column('user_id', sa.Integer(), nullable=False),
        sa.Column('number', sa.Integer(), nullable=False),
        sa.Column('token', sa.String(length=64), nullable=False),
        sa.Column('epoch', sa.Integer(), nullable=False),
        sa.Column('since', sa.DateTime(), nullable=False),
        sa.Column('seen', sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_lease_user_id_user')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_lease')),
        sa.UniqueConstraint('account_id', name=op.f('uq_lease_account_id')),
        sa.UniqueConstraint('token', name=op.f('uq_lease_token')),
        sa.UniqueConstraint('user_id', name=op.f('uq_lease_user_id')),
        sqlite_autoincrement=True,
    )


def downgrade() -> None:
    op.drop_table('lease')
