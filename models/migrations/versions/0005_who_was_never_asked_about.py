"""Tell friends of whom LINE was never asked from those whom it was told of before they followed.

Revision ID: 0005
Revises: 0004
"""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Whoever was tried in vain may have been told: LINE is asked of them once more.
    op.execute(
        "UPDATE menu_assignment SET epoch = -1"
        " WHERE epoch = 0 AND shown IS NULL AND sure_at IS NULL AND attempts = 0"
    )


def downgrade() -> None:
    op.execute("UPDATE menu_assignment SET epoch = 0 WHERE epoch = -1")
