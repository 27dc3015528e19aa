"""Devices of Xanadu's kind: what they can sense, programs for them, jobs on them, and an emulator of their cloud."""
