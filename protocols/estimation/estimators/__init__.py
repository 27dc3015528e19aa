"""The estimators, one a file, and what they are made of: the interface in ``estimator``; algorithms in ``unwrapping``,
``robust_exact``, ``bayesian`` (compiled loops in ``kernels``), ``likelihood`` and ``moments``. The registry names them."""
