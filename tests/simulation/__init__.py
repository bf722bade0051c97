"""The whole program in one thread, with a made-up world, time and chance: replayed by a seed."""
