"""the audit log knows which trunk or rule an entry is about"""

import sqlalchemy as sa
from alembic import op

revision = '0004'
down_revision = '0003'


def upgrade() -> None:
    op.add_column('audit', sa.Column('way_id', sa.Integer(), nullable=True))
    op.create_index(op.f('ix_audit_way_id'), 'audit', ['way_id'])


def downgrade() -> None:
    op.drop_index(op.f('ix_audit_way_id'), 'audit')
    op.drop_column('audit', 'way_id')
