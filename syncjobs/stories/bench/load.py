"""`python -m syncjobs.stories.bench.load URL FILE THREADS`: POST each line of a file once over kept connections.

A line is {"headers": {...}, "body": "..."}. Prints requests per second; a process of its own, so that generating load
does not share an interpreter with what is measured.
"""

import http.client
import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit


def send(url: str, lines: list[str]) -> int:
    """Send the lines one after another; answers how many were not accepted."""
    target = urlsplit(url)
    connection = http.client.HTTPConnection(target.hostname or "", target.port)
    refused = 0
    for line in lines:
        wish = json.loads(line)
        connection.request("POST", target.path, wish["body"], wish["headers"])
        answer = connection.getresponse()
        answer.read()
        refused += answer.status != 200
    connection.close()
    return refused


def main(url: str, file: str, threads: int) -> None:
    lines = Path(file).read_text().splitlines()
    began = time.perf_counter()
    with ThreadPoolExecutor(threads) as pool:
        refused = sum(pool.map(lambda part: send(url, lines[part::threads]), range(threads)))
    seconds = time.perf_counter() - began
    sys.stdout.write(json.dumps({"per_second": len(lines) / seconds, "refused": refused}))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
