"""the uploaded file between the preview of an import and the import"""

import sqlalchemy as sa
from alembic import op

revision = '0024'
down_revision = '0023'


def upgrade() -> None:
    op.create_table(
        'import_upload',
        sa.Column('session_id', sa.Integer(), autoincrement=False, nullable=False),
        sa.Column('token_digest', sa.String(length=64), nullable=False),
        sa.Column('kind', sa.String(length=20), nullable=False),
        sa.Column('created_at', sa.DateTime(), nullable=False),
        sa.Column('content', sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ['session_id'], ['web_session.id'], name=op.f('fk_import_upload_session_id_web_session'), ondelete='CASCADE'
        ),
        sa.PrimaryKeyConstraint('session_id', name=op.f('pk_import_upload')),
    )


def downgrade() -> None:
    op.drop_table('import_upload')
