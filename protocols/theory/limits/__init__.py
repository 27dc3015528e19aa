"""The best squeezed light under the limits of a laboratory: numbers and matrices in, numbers out. No states are made here."""
