"""Log-loss, the value of the game and the divergences, in NumPy alone."""
