"""Performance of phase and displacement sensing with loss, and the probes that are best under it."""
