"""Make the tables of `portal.accounts`.

One room, one migration: the first shape of its tables, their facility policies included.
"""

revision = "0002_accounts"
down_revision = "0001_start"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing yet."""


def downgrade() -> None:
    """Nothing yet."""
