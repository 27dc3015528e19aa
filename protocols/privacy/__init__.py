"""What a network reveals while it measures: exact caps and regions of information along directions, and reports on networks."""
