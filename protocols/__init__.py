"""Which plan measures q best, how good any plan can be, and how good each is: bounds, protocols, checks and designs.

Names load their module when first used, so that ``import protocols`` costs nothing; ``dir(protocols)`` lists them all.
"""

import lazy_loader

# The names and their modules are listed once, in __init__.pyi beside this file.
__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
