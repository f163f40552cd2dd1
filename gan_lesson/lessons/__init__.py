"""The lessons: one room each, the kit and the mathematics that all of them stand on."""
