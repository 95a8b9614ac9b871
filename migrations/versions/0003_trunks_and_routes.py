"""trunks and routing rules"""

import sqlalchemy as sa
from alembic import op

revision = '0003'
down_revision = '0002'


def upgrade() -> None:
    op.create_table(
        'trunk',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('name', sa.String(length=80), nullable=False),
        sa.Column('host', sa.String(length=255), nullable=False),
        sa.Column('port', sa.Integer(), nullable=False),
        sa.Column('transport', sa.String(length=3), nullable=False),
        sa.Column('user', sa.String(length=80), nullable=False),
        sa.Column('caller', sa.String(length=32), nullable=False),
        sa.Column('realm', sa.String(length=80), nullable=False),
        sa.Column('register', sa.Boolean(), nullable=False),
        sa.Column('active', sa.Boolean(), nullable=False),
        sa.Column('secret', sa.Text(), nullable=False),
        sa.Column('fingerprint', sa.String(length=64), nullable=False),
        sa.Column('version', sa.Integer(), nullable=False),
        sa.Column('revision', sa.Integer(), nullable=False),
        sa.CheckConstraint('port BETWEEN 1 AND 65535', name=op.f('ck_trunk_port')),
        sa.CheckConstraint("transport IN ('udp', 'tcp', 'tls')", name=op.f('ck_trunk_transport')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_trunk')),
        sa.UniqueConstraint('name', name=op.f('uq_trunk_name')),
        sqlite_autoincrement=True,
    )
    op.create_table(
        'rule',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('position', sa.Integer(), nullable=False),
        sa.Column('name', sa.String(length=80), nullable=False),
        sa.Column('pattern', sa.String(length=200), nullable=False),
        sa.Column('level', sa.Integer(), nullable=False),
        sa.Column('trunk_id', sa.Integer(), nullable=False),
        sa.Column('strip', sa.Integer(), nullable=False),
        sa.Column('prepend', sa.String(length=32), nullable=False),
        sa.Column('emergency', sa.Boolean(), nullable=False),
        sa.Column('active', sa.Boolean(), nullable=False),
        sa.Column('version', sa.Integer(), nullable=False),
        sa.Column('revision', sa.Integer(), nullable=False),
        sa.CheckConstraint('level BETWEEN 0 AND 100', name=op.f('ck_rule_level')),
        sa.CheckConstraint('strip BETWEEN 0 AND 32', name=op.f('ck_rule_strip')),
        sa.ForeignKeyConstraint(['trunk_id'], ['trunk.id'], name=op.f('fk_rule_trunk_id_trunk')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_rule')),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f('ix_trunk_revision'), 'trunk', ['revision'])
    op.create_index(op.f('ix_rule_revision'), 'rule', ['revision'])
    op.create_index(op.f('ix_rule_trunk_id'), 'rule', ['trunk_id'])


def downgrade() -> None:
    op.drop_table('rule')
    op.drop_table('trunk')
