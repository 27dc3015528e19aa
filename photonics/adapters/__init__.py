"""Packages of others and devices of others: each adapter converts at its edge, and nothing else imports what it wraps."""
