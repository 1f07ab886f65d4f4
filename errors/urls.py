"""Addresses of the Errors tab. Retrying posts to a syncjobs address."""

from django.urls import path

from errors import views

urlpatterns = [path("stores/<uuid:public_id>/errors/", views.errors, name="errors")]
