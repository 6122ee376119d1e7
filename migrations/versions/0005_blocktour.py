"""Make the tables of `portal.blocktour`.

One room, one migration: the first shape of its tables, their facility policies included.
"""

revision = "0005_blocktour"
down_revision = "0004_survey"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing yet."""


def downgrade() -> None:
    """Nothing yet."""
