"""States of light and of qubits, and the probes that schemes start from."""
