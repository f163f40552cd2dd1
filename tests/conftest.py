"""Every test, and every kernel and command that a test starts, computes on one thread.

Two cores shared by several processes with two threads each are ten times slower than with
one: the threads wait for each other.
"""

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")
