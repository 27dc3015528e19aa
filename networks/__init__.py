"""What is sensed, and which function of it: networks of modes, linear functions, and their files.

Nothing of light is in here. Names load their module when first used, so that ``import networks`` costs nothing;
``dir(networks)`` lists them all.
"""

import lazy_loader

# The names and their modules are listed once, in __init__.pyi beside this file.
__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
