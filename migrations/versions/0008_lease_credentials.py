"""a credential of each lease"""

import sqlalchemy as sa
from alembic import op

revision = '0008'
down_revision = '0007'


def upgrade() -> None:
    op.add_column('lease', sa.Column('secret', sa.Text(), nullable=False, server_default=''))
    op.add_column('lease', sa.Column('issued', sa.String(length=64), nullable=False, server_default=''))


def downgrade() -> None:
    op.drop_column('lease', 'issued')
    op.drop_column('lease', 'secret')
