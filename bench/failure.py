class Failure(Exception):
    """What went wrong, to what, and what to do; shown without a traceback."""
