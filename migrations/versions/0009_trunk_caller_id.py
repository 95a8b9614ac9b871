"""caller ID and DTMF of a trunk"""

import sqlalchemy as sa
from alembic import op

revision = '0009'
down_revision = '0008'


def upgrade() -> None:
    # columns are added in place: SQLite refuses to replace a table that others refer to
    op.add_column('trunk', sa.Column('from_user', sa.String(length=80), nullable=False, server_default=''))
    op.add_column('trunk', sa.Column('from_domain', sa.String(length=255), nullable=False, server_default=''))
    op.add_column('trunk', sa.Column('send_pai', sa.Boolean(), nullable=False, server_default=sa.false()))
    op.execute(
        "ALTER TABLE trunk ADD COLUMN dtmf_mode VARCHAR(9) DEFAULT 'auto' NOT NULL CONSTRAINT ck_trunk_dtmf_mode"
        " CHECK (dtmf_mode IN ('auto', 'rfc4733', 'info', 'auto_info', 'inband'))"
    )


def downgrade() -> None:
    for column in ('dtmf_mode', 'send_pai', 'from_domain', 'from_user'):
        op.drop_column('trunk', column)
