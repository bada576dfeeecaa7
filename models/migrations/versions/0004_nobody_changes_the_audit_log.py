"""Let nobody change the audit log, not even us.

Revision ID: 0004
Revises: 0003
"""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

SQLITE = [
    f"CREATE TRIGGER staff_audit_no_{what} BEFORE {what.upper()} ON staff_audit "
    "BEGIN SELECT RAISE(ABORT, 'staff_audit is append-only'); END"
    for what in ("update", "delete")
]
POSTGRESQL = [
    """CREATE OR REPLACE FUNCTION staff_audit_append_only() RETURNS trigger LANGUAGE plpgsql
        AS $$ BEGIN RAISE EXCEPTION 'staff_audit is append-only'; END $$""",
    """CREATE TRIGGER staff_audit_append_only BEFORE UPDATE OR DELETE ON staff_audit
        FOR EACH ROW EXECUTE FUNCTION staff_audit_append_only()""",
]


def upgrade() -> None:
    on_sqlite = op.get_bind().dialect.name == "sqlite"
    for statement in SQLITE if on_sqlite else POSTGRESQL:
        op.execute(statement)


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for what in ("update", "delete"):
            op.execute(f"DROP TRIGGER staff_audit_no_{what}")
    else:
        op.execute("DROP TRIGGER staff_audit_append_only ON staff_audit")
        op.execute("DROP FUNCTION staff_audit_append_only")
