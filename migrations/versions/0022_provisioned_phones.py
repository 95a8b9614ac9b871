"""phones that fetch their settings"""

import sqlalchemy as sa
from alembic import op

revision = '0022'
down_revision = '0021'


def upgrade() -> None:
    op.create_table(
        'provisioned_phone',
        sa.Column('account_id', sa.Integer(), autoincrement=False, nullable=False),
        sa.Column('vendor', sa.String(length=20), nullable=False),
        sa.Column('mac', sa.String(length=12), nullable=True),
        sa.Column('token_digest', sa.String(length=64), nullable=False),
        sa.Column('created_at', sa.DateTime(), nullable=False),
        sa.Column('allowed_address', sa.String(length=64), nullable=False),
        sa.Column('first_fetched_at', sa.DateTime(), nullable=True),
        sa.Column('last_fetched_at', sa.DateTime(), nullable=True),
        sa.Column('user_agent', sa.String(length=200), nullable=False),
        sa.Column('refused_address', sa.String(length=64), nullable=False),
        sa.Column('refused_at', sa.DateTime(), nullable=True),
        sa.CheckConstraint(
            "vendor IN ('yealink', 'grandstream', 'snom', 'fanvil', 'linphone')",
            name=op.f('ck_provisioned_phone_vendor'),
        ),
        sa.PrimaryKeyConstraint('account_id', name=op.f('pk_provisioned_phone')),
        sa.UniqueConstraint('mac', name=op.f('uq_provisioned_phone_mac')),
        sa.UniqueConstraint('token_digest', name=op.f('uq_provisioned_phone_token_digest')),
    )


def downgrade() -> None:
    op.drop_table('provisioned_phone')
