"""${message}

Say here why.
"""

import sqlalchemy as sa
from alembic import op

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Say what it does."""
    ${upgrades if upgrades else "raise RuntimeError('empty')"}


def downgrade() -> None:
    """Take it back."""
    ${downgrades if downgrades else "raise RuntimeError('empty')"}
