"""The pages of accounts: signing in, one's own account, other people, the demo's door."""
