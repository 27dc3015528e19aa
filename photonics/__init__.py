"""What light does: states, circuits, the engines that run them, and the Fisher information they carry.

Conventions (units, signs, orders) are in ``photonics.conventions``. Names load their module when first used, so that
``import photonics`` costs nothing; ``dir(photonics)`` lists them all.
"""

import lazy_loader

# The names and their modules are listed once, in __init__.pyi beside this file.
__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
