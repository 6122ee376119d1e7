"""Make the tables of `portal.register`.

One room, one migration: the first shape of its tables, their facility policies included.
"""

revision = "0003_register"
down_revision = "0002_accounts"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing yet."""


def downgrade() -> None:
    """Nothing yet."""
