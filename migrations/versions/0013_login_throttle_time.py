"""when a failed sign-in was last counted"""

import sqlalchemy as sa
from alembic import op

revision = '0013'
down_revision = '0012'


def upgrade() -> None:
    op.add_column('login_throttle', sa.Column('last_attempt_at', sa.DateTime()))


def downgrade() -> None:
    op.drop_column('login_throttle', 'last_attempt_at')
