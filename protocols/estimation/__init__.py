"""From shots to an estimate of q: stages, estimators, their exact errors, and simulated experiments."""
