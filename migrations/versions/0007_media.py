"""Make the tables of `portal.media`.

One room, one migration: the first shape of its tables, their facility policies included.
"""

revision = "0007_media"
down_revision = "0006_remissions"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing yet."""


def downgrade() -> None:
    """Nothing yet."""
