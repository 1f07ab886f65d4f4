"""`manage.py demo`: the product and a sandbox world on this machine; `--headless`: the whole story, measured."""

import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from ipaas.supervisor import NeverReady
from syncjobs.stories.demo import (
    demo_people,
    fresh,
    life_story,
    money_story,
    ports,
    stock_story,
    story,
    town_story,
    world,
)
from syncjobs.stories.demo.life_report import LifeReport
from syncjobs.stories.demo.money_report import MoneyReport
from syncjobs.stories.demo.report import Report
from syncjobs.stories.demo.stock_report import StockReport
from syncjobs.stories.demo.town_report import TownReport

TOWN_POLL_SECONDS = 4
GENEROUS = {
    "heartland": ("rate_limit=false",),
    "bigcommerce": ("quota=1000000", "allow_http_loopback=true"),
    "magento": (),
}
WITH_CARDS = {"magento": ('profile="commerce-2.4.8"',)}  # its free edition has none


STORES = {"bigcommerce": ("bigcommerce",), "magento": ("magento",), "both": ("bigcommerce", "magento")}


def stores_of(options: dict[str, Any]) -> tuple[str, ...]:
    """Names of the world's stores that a headless story connects."""
    return ("bigcommerce", "second_store") if options["stores"] > 1 else STORES[options["store"]]


class Command(BaseCommand):
    help = "Run the product with a sandbox of Heartland and web stores. With --headless: prove the order flow and exit."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--headless", action="store_true", help="no browser: connect, order, wait, judge, exit")
        parser.add_argument("--orders", type=int, default=50, help="orders that shoppers place (headless)")
        parser.add_argument("--seed", type=int, default=7, help="of the shoppers' wishes (headless)")
        parser.add_argument("--json", action="store_true", help="print one JSON object (headless)")
        parser.add_argument("--webhook-copies", type=int, default=1, help="how often each webhook is delivered")
        parser.add_argument("--webhook-drop", type=float, default=0.0, help="share of webhooks that never arrive")
        parser.add_argument("--webhooks-reversed", action="store_true", help="newest webhook first")
        parser.add_argument("--seconds", type=float, default=300.0, help="longest wait for all dispositions (headless)")
        parser.add_argument("--stock", action="store_true", help="the stock story instead of the orders' (headless)")
        parser.add_argument("--life", action="store_true", help="the orders' whole life (headless)")
        parser.add_argument("--money", action="store_true", help="what is taken and given back (headless)")
        parser.add_argument("--stores", type=int, choices=(1, 2), default=1, help="2: two on one account (headless)")
        parser.add_argument("--store", choices=STORES, default="bigcommerce", help="both: on one account (headless)")
        parser.add_argument("--token", action="store_true", help="connect by a token alone instead of signed calls")
        parser.add_argument("--skus", type=int, default=10_000, help="SKUs of the stock story")
        parser.add_argument("--moves", type=int, default=500, help="moves of stock in the shops (stock)")
        parser.add_argument("--web-orders", type=int, default=200, help="orders that shoppers place meanwhile (stock)")
        parser.add_argument("--kills", type=int, default=0, help="kill -9 of all stock workers meanwhile (stock)")
        parser.add_argument("--scale", type=int, default=0, help="SKUs in the sandbox's catalogues, up to a million")
        parser.add_argument("--data", type=Path, help="run here instead of a fresh temporary directory (headless)")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["headless"] and not options["data"]:
            sys.exit(fresh.run_again("demo"))
        try:
            is_told = {
                self._stock: options["stock"],
                self._life: options["life"],
                self._money: options["money"],
                self._town: len(stores_of(options)) > 1,
            }
            play = next((story for story, is_wanted in is_told.items() if is_wanted), self._headless)
            (play if options["headless"] else self._interactive)(options)
        except (NeverReady, world.DataInUse) as exc:
            raise CommandError(str(exc)) from exc

    def _world(self, options: dict[str, Any], *, usual: bool) -> world.World:
        data = Path(settings.DATA_DIR)
        return world.World(
            data=data,
            former_ports=ports.former(data),
            ports=ports.choose(data, usual=usual),
            switches=GENEROUS,
            scale=options["scale"],
            poll_seconds=60 if usual else 15,
            stores=tuple(world.KINDS) if usual else stores_of(options),
            uses_token=options["token"],
        )

    def _headless(self, options: dict[str, Any]) -> None:
        here = self._world(options, usual=False)
        deliveries = story.Deliveries(
            copies=options["webhook_copies"],
            drop=options["webhook_drop"],
            order="lifo" if options["webhooks_reversed"] else "fifo",
            batch_seconds=0.5 if options["webhooks_reversed"] else 0.0,
        )
        told = (lambda line: None) if options["json"] else self._tell
        with world.started(here, told=told):
            story.connect(here)
            store = story.sides_of(here)[0]
            placed = story.shop(store, store.wishes(options["orders"], options["seed"]), deliveries)
            story.wait_for_all(list(placed), seconds=options["seconds"], told=told)
            report = story.verdict(here, placed)
        self._print(report)

    def _stock(self, options: dict[str, Any]) -> None:
        here = self._world(options | {"scale": options["skus"]}, usual=False)
        told = (lambda line: None) if options["json"] else self._tell
        storm = stock_story.Storm(
            moves=options["moves"], orders=options["web_orders"], kills=options["kills"], seed=options["seed"]
        )
        with world.started(here, told=told) as supervisor:
            story.connect(here)
            stage = stock_story.StockStory(world=here, supervisor=supervisor, told=told, seconds=options["seconds"])
            report = stage.play(storm)
        self._print(report)

    def _life(self, options: dict[str, Any]) -> None:
        here = self._world(options, usual=False)
        told = (lambda line: None) if options["json"] else self._tell
        with world.started(here, told=told):
            story.connect(here)
            life = life_story.LifeStory(world=here, told=told, seconds=options["seconds"], seed=options["seed"])
            report = life.play(options["orders"])
        self._print(report)

    def _money(self, options: dict[str, Any]) -> None:
        here = self._world(options, usual=False)
        here = replace(here, switches=GENEROUS | WITH_CARDS)
        told = (lambda line: None) if options["json"] else self._tell
        with world.started(here, told=told):
            story.connect(here)
            stories = [
                money_story.MoneyStory(world=here, told=told, seconds=options["seconds"], seed=options["seed"], at=at)
                for at in range(len(here.stores))
            ]
            report = money_story.played(stories, options["orders"])
        self._print(report)

    def _town(self, options: dict[str, Any]) -> None:
        often = {name: str(TOWN_POLL_SECONDS) for name in ("STOCK_POLL_SECONDS", "ITEM_POLL_SECONDS")}
        often["SETTLE_SECONDS"] = str(town_story.SETTLE_SECONDS)
        here = self._world(options, usual=False)
        here = replace(here, poll_seconds=TOWN_POLL_SECONDS, more_settings=often)
        told = (lambda line: None) if options["json"] else self._tell
        with world.started(here, told=told):
            story.connect(here)
            town = town_story.TownStory(world=here, told=told, seconds=options["seconds"], seed=options["seed"])
            report = town.play(options["orders"])
        self._print(report)

    def _print(self, report: Report | StockReport | LifeReport | MoneyReport | TownReport) -> None:
        self.stdout.write(json.dumps(report.as_json(), indent=2, default=vars))
        if not report.is_clean:
            sys.exit(1)

    def _interactive(self, options: dict[str, Any]) -> None:
        here = self._world(options, usual=True)
        self._tell("Starting Tillbridge and its sandbox ...")
        with world.started(here, told=lambda line: self._tell(f"  {line}")) as supervisor:
            self._tell(self._welcome(here))
            supervisor.wait()
        self._tell("All stopped.")

    def _tell(self, line: str) -> None:
        """Say it now: where the output is a pipe or a file, Python would keep it until the end."""
        self.stdout.write(line)
        self.stdout.flush()

    def _welcome(self, here: world.World) -> str:
        controls = ", ".join(f"{here.url(name)}/_sim/" for name in ("heartland", *world.KINDS))
        logins = "\n".join(f"    {login.email:<32} {login.role}" for login in demo_people.LOGINS)
        return f"""
Tillbridge is running. Log in and open Integrations:

  Tillbridge              {here.url("web")}/
    password of all: {demo_people.PASSWORD}
{logins}
  Heartland's desk        {here.url("heartland")}/desk/
  The web shop            {here.url("bigcommerce")}/shop/
  BigCommerce's panel     {here.url("bigcommerce")}/manage/
  A second web shop       {here.url("second_store")}/shop/
  Its panel, to install   {here.url("second_store")}/manage/apps
  Magento's Admin         {here.url("magento")}/admin/
  Its web shop            {here.url("magento")}/
  Sandbox controls        {controls}
  Django admin            {here.url("web")}/admin/
    second factor: the key {demo_people.APP_SECRET} in an authenticator app,
    or one of these codes, each once: {", ".join(demo_people.recovery_codes()[:5])}
  Logs                    {here.data / "logs"}

Ctrl-C stops all of it; what you did is there again next time.
"""
