"""Addresses of the Items Information tab."""

from django.urls import path

from mappings import views

urlpatterns = [
    path("stores/<uuid:public_id>/items/", views.items, name="items"),
    path("stores/<uuid:public_id>/items/check/", views.check, name="items_check"),
]
