"""phones of an account, and its pickup group"""

from alembic import op

revision = '0011'
down_revision = '0010'


def upgrade() -> None:
    # columns are added in place: SQLite refuses to replace a table that others refer to
    op.execute(
        "ALTER TABLE account ADD COLUMN max_contacts INTEGER DEFAULT 1 NOT NULL CONSTRAINT ck_account_max_contacts"
        " CHECK (max_contacts BETWEEN 1 AND 10)"
    )
    op.execute(
        "ALTER TABLE account ADD COLUMN pickup_group INTEGER DEFAULT 0 NOT NULL CONSTRAINT ck_account_pickup_group"
        " CHECK (pickup_group BETWEEN 0 AND 63)"
    )


def downgrade() -> None:
    for column in ('pickup_group', 'max_contacts'):
        op.drop_column('account', column)
