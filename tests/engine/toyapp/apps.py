"""Registers the toy flow where settings name this app."""

from django.apps import AppConfig


class ToyConfig(AppConfig):
    name = "tests.engine.toyapp"
    label = "toyapp"

    def ready(self) -> None:
        from syncjobs.flows import FLOWS
        from tests.engine.toyapp.flow import TOY

        FLOWS[TOY.name] = TOY
