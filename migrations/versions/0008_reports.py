"""Make the tables of `portal.reports`.

One room, one migration: the first shape of its tables, their facility policies included.
"""

revision = "0008_reports"
down_revision = "0007_media"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing yet."""


def downgrade() -> None:
    """Nothing yet."""
