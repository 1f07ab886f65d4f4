"""Registers the toy flow where settings name this app."""

import os
from dataclasses import replace

from django.apps import AppConfig


class ToyConfig(AppConfig):
    name = "tests.engine.toyapp"
    label = "toyapp"

    def ready(self) -> None:
        from syncjobs.flows import FLOWS
        from tests.engine.toyapp.flow import TOY

        FLOWS[TOY.name] = TOY
        if "TOY_ASKS" in os.environ:
            FLOWS["orders"] = replace(TOY, name="orders")  # what callbacks ask for
