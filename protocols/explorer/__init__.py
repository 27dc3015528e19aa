"""The explorer: a page on this machine where a network is drawn, edited and understood, with the engine of the command line.

What edits and answers is here without a browser in ``edits`` and ``answers``: documents in, documents or plain values out. Only
``page``, ``actions`` and ``server`` know Dash, which no other room does.
"""
