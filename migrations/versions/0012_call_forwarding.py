"""forwarding of an account, and who forwarded a call"""

from alembic import op

revision = '0012'
down_revision = '0011'
FIELDS = ('forward_always', 'forward_busy', 'forward_no_answer')


def upgrade() -> None:
    # columns are added in place: SQLite refuses to replace a table that others refer to
    for field in FIELDS:
        op.execute(f"ALTER TABLE account ADD COLUMN {field} VARCHAR(32) DEFAULT '' NOT NULL")
    op.execute("ALTER TABLE call ADD COLUMN forwarded_by VARCHAR(32) DEFAULT '' NOT NULL")
    op.execute("ALTER TABLE call ADD COLUMN forwarded_by_id INTEGER")
    op.create_index('ix_call_forwarded_by_id_started_at_id', 'call', ['forwarded_by_id', 'started_at', 'id'])


def downgrade() -> None:
    op.drop_index('ix_call_forwarded_by_id_started_at_id', 'call')
    for column in ('forwarded_by_id', 'forwarded_by'):
        op.drop_column('call', column)
    for field in FIELDS:
        op.drop_column('account', field)
