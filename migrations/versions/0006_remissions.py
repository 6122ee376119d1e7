"""Make the tables of `portal.remissions`.

One room, one migration: the first shape of its tables, their facility policies included.
"""

revision = "0006_remissions"
down_revision = "0005_blocktour"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing yet."""


def downgrade() -> None:
    """Nothing yet."""
