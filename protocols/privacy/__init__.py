"""What a network reveals while it measures: exact caps on information along directions, and reports on networks."""
