"""What loss leaves of phase and displacement sensing, and the probes that are best under it."""
