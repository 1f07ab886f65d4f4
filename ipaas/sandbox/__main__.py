"""`python -m ipaas.sandbox heartland|bigcommerce|magento --port N --data DIR`: start one sandbox service."""

import argparse
import importlib
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from ipaas.sandbox.bigcommerce.stores import Stores
from ipaas.sandbox.core.app import App
from ipaas.sandbox.core.jsonio import loads
from ipaas.sandbox.core.serve import Served, serve

SYSTEMS = ("heartland", "bigcommerce", "magento")


def parser_for(system: str) -> argparse.ArgumentParser:
    """The command line of one system: what all have, and what its `app.add_arguments` adds."""
    parser = argparse.ArgumentParser(prog=f"python -m ipaas.sandbox {system}")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--data", type=Path, help="folder of the state file; without it nothing is kept")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--scale", type=int, default=0, help="catalogue of this many computed SKUs")
    parser.add_argument("--switch", action="append", default=[], metavar="NAME=JSON", help="see /_sim/switches")
    importlib.import_module(f"ipaas.sandbox.{system}.app").add_arguments(parser)
    return parser


def make(system: str, options: argparse.Namespace) -> App[Any]:
    """The service's app, its switches as the command line wants them."""
    app: App[Any] = importlib.import_module(f"ipaas.sandbox.{system}.app").create(options)
    pairs = (text.partition("=") for text in options.switch)
    app.service.wanted_switches = {name: loads(f"[{value}]")[0] for name, _, value in pairs}
    return app


def together(system: str, options: argparse.Namespace) -> Served:
    """The one service, or BigCommerce's stores on their one host."""
    first = make(system, options)
    if system != "bigcommerce" or not options.also:
        return first
    others = {
        port: make(system, argparse.Namespace(**vars(options) | {"store_hash": name, "data": _beside(options, name)}))
        for name, port in options.also
    }
    return Stores(first, others)


def _beside(options: argparse.Namespace, name: str) -> Path | None:
    return options.data / name if options.data else None


def main(argv: Sequence[str] | None = None) -> None:
    """Read the command line and serve until SIGTERM."""
    first = argparse.ArgumentParser(prog="python -m ipaas.sandbox", description=__doc__)
    first.add_argument("system", choices=SYSTEMS)
    chosen, rest = first.parse_known_args(argv)
    options = parser_for(chosen.system).parse_args(rest)
    ports = [options.port, *(port for _, port in getattr(options, "also", ()))]
    serve(partial(together, chosen.system, options), host=options.host, ports=ports, name=chosen.system)


if __name__ == "__main__":
    main()
