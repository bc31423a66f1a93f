"""The protocol of bench/kernels -serve for a peer in Python: tasks come as lines of JSON on standard input, answers go out
as lines. An answer holds the microseconds of each of seven runs under the name of every way to do the task."""
import json
import sys
import time

RUNS, RUN_FOR = 7, 0.010  # a run repeats the operation for at least so many seconds, as ours does


def measure(op):
    begin = time.perf_counter()
    op()
    op()
    inner = max(1, int(2 * RUN_FOR / max(time.perf_counter() - begin, 1e-6)))
    each = []
    for _ in range(RUNS):
        begin = time.perf_counter()
        for _ in range(inner):
            op()
        each.append((time.perf_counter() - begin) * 1e6 / inner)
    return each


def serve(ways):
    """ways(task) yields pairs of a name and an operation without arguments; one that cannot be had raises an error."""
    for line in sys.stdin:
        runs, errors = {}, {}
        task = json.loads(line)
        for name, make in ways(task):
            try:
                op = make()
                op()
                runs[name] = measure(op)
            except Exception as e:  # a peer that lacks an operation is a gap in the table, not the end of it
                errors[name] = str(e).split('\n')[0][:200]
        print(json.dumps({'runs': runs, 'errors': errors}), flush=True)
