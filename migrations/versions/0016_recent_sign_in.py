"""when the password was last entered in a session; in those that exist, at the sign-in"""

import sqlalchemy as sa
from alembic import op

revision = '0016'
down_revision = '0015'


def upgrade() -> None:
    op.add_column('web_session', sa.Column('confirmed_at', sa.DateTime(), nullable=True))
    session = sa.table('web_session', sa.column('started_at', sa.DateTime), sa.column('confirmed_at', sa.DateTime))
    op.execute(sa.update(session).values(confirmed_at=session.c.started_at))
    with op.batch_alter_table('web_session') as batch:
        batch.alter_column('confirmed_at', existing_type=sa.DateTime(), nullable=False)


def downgrade() -> None:
    op.drop_column('web_session', 'confirmed_at')
