"""Make the tables of `portal.survey`.

One room, one migration: the first shape of its tables, their facility policies included.
"""

revision = "0004_survey"
down_revision = "0003_register"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing yet."""


def downgrade() -> None:
    """Nothing yet."""
