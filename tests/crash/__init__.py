"""Every named point of the program, and a death at each of them."""
