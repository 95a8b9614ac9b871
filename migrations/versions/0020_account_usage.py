"""use of the automatic accounts over time"""

import sqlalchemy as sa
from alembic import op

revision = '0020'
down_revision = '0019'


def upgrade() -> None:
    op.create_table(
        'account_usage',
        sa.Column('minute', sa.DateTime(), nullable=False),
        sa.Column('total', sa.Integer(), nullable=False),
        sa.Column('in_use', sa.Integer(), nullable=False),
        sa.Column('peak', sa.Integer(), nullable=False),
        sa.Column('needed', sa.Integer(), nullable=False),
        sa.Column('refused', sa.Integer(), nullable=False),
        sa.Column('audit_id', sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint('minute', name=op.f('pk_account_usage')),
    )


def downgrade() -> None:
    op.drop_table('account_usage')
