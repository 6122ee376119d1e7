"""SUMANTAB, the visitors' survey.

Visitors rate the service on an unattended tablet, also when the network is down. Each finished
sheet arrives exactly once. The sheets of a period become the satisfaction index (IKM).
"""
