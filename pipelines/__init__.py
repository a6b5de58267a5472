"""What newswire's processes run: the graph, and the commands.

Garbage is looked for once in 10,000 new objects, not in 700: with Beam imported 150,000 of them live from the start,
and to look through them all again and again took a quarter of the time of a run over 10,000 feeds.
"""

import gc

gc.set_threshold(10_000, 10, 10)
