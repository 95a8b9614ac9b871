"""audit entries about many accounts or users"""

import sqlalchemy as sa
from alembic import op

revision = '0021'
down_revision = '0020'


def upgrade() -> None:
    op.create_table(
        'audit_subject',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('entry_id', sa.Integer(), nullable=False),
        sa.Column('account_id', sa.Integer(), nullable=True),
        sa.Column('user_id', sa.Integer(), nullable=True),
        sa.Column('subject', sa.String(length=80), nullable=False),
        sa.Column('changes', sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ['entry_id'], ['audit.id'], name=op.f('fk_audit_subject_entry_id_audit'), ondelete='CASCADE'
        ),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_audit_subject')),
    )
    for column in ('entry_id', 'account_id', 'user_id'):
        op.create_index(op.f(f'ix_audit_subject_{column}'), 'audit_subject', [column])


def downgrade() -> None:
    op.drop_table('audit_subject')
