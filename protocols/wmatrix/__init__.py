"""Integer solutions of W r = N M alpha/||alpha||_P (BEGG Sec. IV): which protocols exist, how many, with how few modes.

Pure integer mathematics; nothing of light is imported here.
"""
