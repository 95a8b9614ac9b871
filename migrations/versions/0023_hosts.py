"""several PBX hosts; each host has its own files of a generation"""

import sqlalchemy as sa
from alembic import op

revision = '0023'
down_revision = '0022'


def upgrade() -> None:
    op.create_table(
        'host',
        sa.Column('name', sa.String(length=80), nullable=False),
        sa.Column('machine_id', sa.String(length=32), nullable=False),
        sa.Column('sip_host', sa.String(length=253), nullable=False),
        sa.Column('sip_port', sa.Integer(), nullable=False),
        sa.Column('sip_transport', sa.String(length=3), nullable=False),
        sa.Column('websocket', sa.String(length=300), nullable=False),
        sa.Column('web_address', sa.String(length=300), nullable=False),
        sa.Column('version', sa.String(length=20), nullable=False),
        sa.Column('renderer_version', sa.Integer(), nullable=False),
        sa.Column('settings', sa.JSON(), nullable=False),
        sa.Column('seen_at', sa.DateTime(), nullable=False),
        sa.Column('present_since', sa.DateTime(), nullable=False),
        sa.Column('started_at', sa.DateTime(), nullable=False),
        sa.Column('generation', sa.Integer(), nullable=False),
        sa.Column('digest', sa.String(length=16), nullable=False),
        sa.Column('problem', sa.JSON(), nullable=True),
        sa.Column('stamp', sa.BigInteger(), nullable=False),
        sa.Column('status', sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint('name', name=op.f('pk_host')),
    )
    op.create_table(
        'host_report',
        sa.Column('number', sa.Integer(), nullable=False),
        sa.Column('host', sa.String(length=80), nullable=False),
        sa.Column('state', sa.String(length=20), nullable=False),
        sa.Column('reported_at', sa.DateTime(), nullable=False),
        sa.Column('outcome', sa.JSON(), nullable=True),
        sa.Column('files', sa.JSON(), nullable=True),
        sa.CheckConstraint(
            "state IN ('working', 'written', 'verified', 'refused', 'interrupted')", name=op.f('ck_host_report_state')
        ),
        sa.ForeignKeyConstraint(
            ['number'], ['generation.number'], name=op.f('fk_host_report_number_generation'), ondelete='CASCADE'
        ),
        sa.PrimaryKeyConstraint('number', 'host', name=op.f('pk_host_report')),
    )
    # as the process that made it has ended
    op.execute("UPDATE generation SET state = 'interrupted', finished_at = started_at WHERE state = 'running'")
    op.execute(
        "INSERT INTO host_report (number, host, state, reported_at, outcome, files) "
        "SELECT number, 'pbx', state, COALESCE(finished_at, started_at), outcome, files "
        "FROM generation"
    )
    op.drop_column('generation', 'files')
    op.add_column('generation', sa.Column('ip_address', sa.String(length=64), server_default='', nullable=False))
    # the oldest schema whose code works with this database: a migration that breaks earlier code raises it to its own
    op.add_column('alembic_version', sa.Column('oldest_schema', sa.String(length=32), nullable=True))
    op.execute("UPDATE alembic_version SET oldest_schema = '0023'")


def downgrade() -> None:
    op.drop_column('alembic_version', 'oldest_schema')
    op.drop_column('generation', 'ip_address')
    op.add_column('generation', sa.Column('files', sa.JSON(), nullable=True))
    op.execute(
        "UPDATE generation SET files = (SELECT host_report.files FROM host_report "
        "WHERE host_report.number = generation.number AND host_report.host = 'pbx')"
    )
    op.drop_table('host_report')
    op.drop_table('host')
