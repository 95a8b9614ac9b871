"""one-time passwords expire; those that exist a week after this migration"""

from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from alembic import op

revision = '0015'
down_revision = '0014'


def upgrade() -> None:
    op.add_column('user', sa.Column('password_expires_at', sa.DateTime(), nullable=True))
    user = sa.table('user', sa.column('must_change_password', sa.Boolean), sa.column('password_expires_at', sa.DateTime))
    expires_at = datetime.now(UTC).replace(tzinfo=None) + timedelta(days=7)
    op.execute(sa.update(user).where(user.c.must_change_password).values(password_expires_at=expires_at))


def downgrade() -> None:
    op.drop_column('user', 'password_expires_at')
