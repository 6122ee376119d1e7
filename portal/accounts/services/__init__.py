"""What can be done with accounts: signing in, factors, sessions, people."""
