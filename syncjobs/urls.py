"""Addresses of pages about records: dashboard, orders, Order Fulfillment tab, retry."""

from django.urls import path

from syncjobs.api import reference
from syncjobs.pages.alerts import alert_views
from syncjobs.pages.books import books_views
from syncjobs.pages.cards import cards_views
from syncjobs.pages.closed import closed_views
from syncjobs.pages.comments import comment_views
from syncjobs.pages.customer_questions import question_views
from syncjobs.pages.customer_settings import customer_settings_views as customers
from syncjobs.pages.dashboard import dashboard_views
from syncjobs.pages.desk_orders import desk_order_views
from syncjobs.pages.distribution import distribution_views
from syncjobs.pages.errors import error_news, error_views, fix_views, record_views, triage_views
from syncjobs.pages.first_run import first_run_views
from syncjobs.pages.fulfilment import fulfilment_views
from syncjobs.pages.inventory import inventory_views, location_views
from syncjobs.pages.items import item_views, link_views, sku_list
from syncjobs.pages.loyalty import loyalty_views
from syncjobs.pages.merchants import merchants_views
from syncjobs.pages.operations import metrics_views
from syncjobs.pages.orders import (
    edit_views,
    invoice_views,
    order_list_views,
    order_news,
    order_views,
    refund_views,
    return_views,
)
from syncjobs.pages.payouts import payouts_views
from syncjobs.pages.person import person_views
from syncjobs.pages.personal import personal_views
from syncjobs.pages.proof import proof_views
from syncjobs.pages.retry import retry_views
from syncjobs.pages.runs import run_list, run_views
from syncjobs.pages.search import search_views
from syncjobs.pages.trail import trail_views

urlpatterns = [
    path("", dashboard_views.dashboard, name="dashboard"),
    path("metrics", metrics_views.metrics, name="metrics"),
    path("developers/", reference.developers, name="developers"),
    path("first/", first_run_views.first_run, name="first_run"),
    path("stores/<uuid:public_id>/first/places/", first_run_views.places, name="first_places"),
    path("stores/<uuid:public_id>/first/ships/", first_run_views.ships, name="first_ships"),
    path("stores/<uuid:public_id>/first/bring/", first_run_views.bring, name="first_bring"),
    path("sales/", dashboard_views.sales, name="sales"),
    path("alerts/", alert_views.alerts_home, name="alerts_home"),
    path("alerts/<uuid:public_id>/", alert_views.alerts, name="alerts"),
    path("alerts/<uuid:public_id>/seen/", alert_views.seen, name="alerts_seen"),
    path("alerts/<uuid:public_id>/mine/", alert_views.mine, name="alerts_mine"),
    path("alerts/<uuid:public_id>/rules/<slug:kind>/", alert_views.rule, name="alert_rule"),
    path("alerts/<uuid:public_id>/channels/", alert_views.channel_add, name="channel_add"),
    path("alerts/<uuid:public_id>/channels/<int:channel_id>/test/", alert_views.channel_test, name="channel_test"),
    path(
        "alerts/<uuid:public_id>/channels/<int:channel_id>/switch/", alert_views.channel_switch, name="channel_switch"
    ),
    path(
        "alerts/<uuid:public_id>/channels/<int:channel_id>/remove/", alert_views.channel_remove, name="channel_remove"
    ),
    path("alerts/<uuid:public_id>/messages/<int:message_id>/again/", alert_views.again, name="alert_again"),
    path("settings/merchant/<uuid:public_id>/trail.csv", trail_views.trail_csv, name="trail_csv"),
    path("merchants/", merchants_views.merchants, name="merchants"),
    path("search/", search_views.search, name="search"),
    path("search/suggest/", search_views.suggest, name="search_suggest"),
    path("settings/merchant/<uuid:public_id>/personal/", personal_views.personal, name="personal"),
    path("orders/", order_list_views.orders, name="orders"),
    path("orders/retry/", order_list_views.retry, name="orders_retry"),
    path("orders/news/", order_news.news, name="orders_news"),
    path("orders/columns/", order_list_views.columns, name="orders_columns"),
    path("orders/views/", order_list_views.views, name="orders_views"),
    path("orders/export/", order_list_views.export, name="orders_export"),
    path("stores/<uuid:public_id>/distribute/", distribution_views.distribution, name="distribution"),
    path(
        "stores/<uuid:public_id>/distribute/<int:run_id>/back/", distribution_views.take_back, name="distribution_back"
    ),
    path("stores/<uuid:public_id>/distribute/<int:run_id>/stop/", distribution_views.stop, name="distribution_stop"),
    path("stores/<uuid:public_id>/orders/<str:external_id>/", order_views.order, name="order"),
    path("stores/<uuid:public_id>/orders/<str:external_id>/seen/", order_views.order_seen, name="order_seen"),
    path("stores/<uuid:public_id>/orders/<str:external_id>/replay/", order_views.replay, name="order_replay"),
    path(
        "stores/<uuid:public_id>/orders/<str:external_id>/distribute/", order_views.distribute, name="order_distribute"
    ),
    path("stores/<uuid:public_id>/orders/<str:external_id>/departed/", order_views.departed, name="order_departed"),
    path("stores/<uuid:public_id>/orders/<str:external_id>/choose/", order_views.choose, name="order_choose"),
    path("stores/<uuid:public_id>/orders/<str:external_id>/correct/", order_views.correct, name="order_correct"),
    path("stores/<uuid:public_id>/orders/<str:external_id>/edit/", edit_views.edit, name="order_edit"),
    path("stores/<uuid:public_id>/orders/<str:external_id>/unchoose/", order_views.unchoose, name="order_unchoose"),
    path("stores/<uuid:public_id>/records/<str:flow>/<path:external_id>/", order_views.record, name="record"),
    path("stores/<uuid:public_id>/comments/", comment_views.comment, name="comment"),
    path(
        "stores/<uuid:public_id>/customers/settings/",
        customers.customer_settings,
        name="customer_settings",
    ),
    path(
        "stores/<uuid:public_id>/customers/settings/groups/",
        customers.groups_read,
        name="customer_groups_read",
    ),
    path("stores/<uuid:public_id>/customers/settings/save/", customers.save, name="customer_settings_save"),
    path("stores/<uuid:public_id>/items/", item_views.items, name="items"),
    path("stores/<uuid:public_id>/items/mode/", item_views.mode, name="items_mode"),
    path("stores/<uuid:public_id>/items/settings/", item_views.settings_save, name="items_settings"),
    path("stores/<uuid:public_id>/items/barcodes/", item_views.barcodes, name="items_barcodes"),
    path("stores/<uuid:public_id>/items/fitting/", item_views.fitting, name="items_fitting"),
    path("stores/<uuid:public_id>/items/runs/", item_views.start, name="items_start"),
    path("stores/<uuid:public_id>/items/runs/<int:run_id>/", item_views.run, name="items_run"),
    path("stores/<uuid:public_id>/items/runs/<int:run_id>/apply/", item_views.apply, name="items_apply"),
    path("stores/<uuid:public_id>/items/sync/", item_views.sync_one, name="items_sync"),
    path("stores/<uuid:public_id>/items/links.csv", sku_list.export, name="items_export"),
    path("stores/<uuid:public_id>/items/columns/", sku_list.columns, name="items_columns"),
    path("stores/<uuid:public_id>/items/views/", sku_list.views, name="items_views"),
    path("stores/<uuid:public_id>/items/list/", link_views.read_list, name="items_list"),
    path("stores/<uuid:public_id>/items/many/", link_views.many, name="items_many"),
    path("stores/<uuid:public_id>/items/make/", link_views.make, name="item_make"),
    path("stores/<uuid:public_id>/items/match/", link_views.match, name="item_match"),
    path("stores/<uuid:public_id>/items/link/", link_views.link, name="item_link"),
    path("stores/<uuid:public_id>/items/unlink/", link_views.unlink, name="item_unlink"),
    path("stores/<uuid:public_id>/inventory/", inventory_views.inventory, name="inventory"),
    path("stores/<uuid:public_id>/inventory/all/", location_views.all_locations, name="inventory_all"),
    path("stores/<uuid:public_id>/inventory/add/", location_views.add, name="inventory_add"),
    path("stores/<uuid:public_id>/inventory/remove/", location_views.remove, name="inventory_remove"),
    path("stores/<uuid:public_id>/inventory/feeds/", location_views.feeds, name="inventory_feeds"),
    path("stores/<uuid:public_id>/inventory/lists/", location_views.lists, name="inventory_lists"),
    path("stores/<uuid:public_id>/inventory/rule/", inventory_views.rule, name="inventory_rule"),
    path("stores/<uuid:public_id>/inventory/rules/", inventory_views.item_rule, name="inventory_rules"),
    path("stores/<uuid:public_id>/inventory/rules/remove/", inventory_views.rule_remove, name="inventory_rule_remove"),
    path("stores/<uuid:public_id>/inventory/send/", inventory_views.send, name="inventory_send"),
    path("stores/<uuid:public_id>/inventory/track/", inventory_views.track, name="inventory_track"),
    path("stores/<uuid:public_id>/inventory/why/", inventory_views.why, name="inventory_why"),
    path("stores/<uuid:public_id>/inventory/runs/", inventory_views.start, name="inventory_start"),
    path("stores/<uuid:public_id>/inventory/affects/", inventory_views.affects, name="inventory_affects"),
    path("stores/<uuid:public_id>/inventory/runs/<int:run_id>/", inventory_views.run, name="inventory_run"),
    path("stores/<uuid:public_id>/runs/", run_list.runs, name="runs"),
    path("stores/<uuid:public_id>/runs/columns/", run_list.columns, name="runs_columns"),
    path("stores/<uuid:public_id>/runs/views/", run_list.views, name="runs_views"),
    path("stores/<uuid:public_id>/runs/all.csv", run_list.export, name="runs_export"),
    path("stores/<uuid:public_id>/runs/<int:run_id>/csv/", run_views.differences, name="run_csv"),
    path("stores/<uuid:public_id>/runs/<int:run_id>/undo/", run_views.undo, name="run_undo"),
    path("stores/<uuid:public_id>/runs/<int:run_id>/move/", run_views.move, name="run_move"),
    path("stores/<uuid:public_id>/fulfillment/", fulfilment_views.fulfilment, name="fulfilment"),
    path("stores/<uuid:public_id>/fulfillment/counts/", fulfilment_views.counts, name="fulfilment_counts"),
    path("stores/<uuid:public_id>/fulfillment/lists/", fulfilment_views.lists, name="fulfilment_lists"),
    path("stores/<uuid:public_id>/fulfillment/maps/<str:kind>/", fulfilment_views.value_map, name="fulfilment_map"),
    path("stores/<uuid:public_id>/fulfillment/fields/", fulfilment_views.field_defaults, name="fulfilment_fields"),
    path("stores/<uuid:public_id>/fulfillment/backfill/", fulfilment_views.backfill, name="fulfilment_backfill"),
    path("stores/<uuid:public_id>/invoices/<str:external_id>/choose/", invoice_views.choose, name="invoice_choose"),
    path(
        "stores/<uuid:public_id>/invoices/<str:external_id>/unchoose/", invoice_views.unchoose, name="invoice_unchoose"
    ),
    path("stores/<uuid:public_id>/returns/<str:external_id>/choose/", return_views.choose, name="return_choose"),
    path("stores/<uuid:public_id>/returns/<str:external_id>/unchoose/", return_views.unchoose, name="return_unchoose"),
    path("stores/<uuid:public_id>/refunds/<str:external_id>/choose/", refund_views.choose, name="refund_choose"),
    path("stores/<uuid:public_id>/payouts/", payouts_views.payouts, name="payouts"),
    path("stores/<uuid:public_id>/payouts.csv", payouts_views.payouts_csv, name="payouts_csv"),
    path("stores/<uuid:public_id>/payouts/read/", payouts_views.read, name="payouts_read"),
    path("stores/<uuid:public_id>/payouts/layout/", payouts_views.layout, name="payouts_layout"),
    path("stores/<uuid:public_id>/payouts/rows/<int:entry_id>/", payouts_views.settle, name="payouts_settle"),
    path("stores/<uuid:public_id>/payouts/rows/<int:entry_id>/undo/", payouts_views.unsettle, name="payouts_unsettle"),
    path(
        "stores/<uuid:public_id>/payouts/rows/<int:entry_id>/give-back/",
        payouts_views.give_back,
        name="payouts_give_back",
    ),
    path(
        "stores/<uuid:public_id>/payouts/words/<int:word_id>/undo/", payouts_views.unexplain, name="payouts_unexplain"
    ),
    path("stores/<uuid:public_id>/payouts/one/", payouts_views.payout, name="payout"),
    path("stores/<uuid:public_id>/payouts/explain/", payouts_views.explain, name="payouts_explain"),
    path("stores/<uuid:public_id>/desk-orders/", desk_order_views.desk_orders, name="desk_orders"),
    path("stores/<uuid:public_id>/desk-orders/record/", desk_order_views.choose, name="desk_order_choose"),
    path("stores/<uuid:public_id>/cards/", cards_views.cards, name="cards"),
    path("stores/<uuid:public_id>/cards/find/", cards_views.find, name="cards_find"),
    path("stores/<uuid:public_id>/cards/settings/", cards_views.settings_save, name="cards_settings"),
    path("stores/<uuid:public_id>/cards/list/", cards_views.take_over, name="cards_take_over"),
    path("stores/<uuid:public_id>/cards/<int:card_id>/", cards_views.card, name="card"),
    path("stores/<uuid:public_id>/cards/<int:card_id>/act/", cards_views.act, name="card_act"),
    path("stores/<uuid:public_id>/books/", books_views.books, name="books"),
    path("stores/<uuid:public_id>/books/day/", books_views.books_day, name="books_day"),
    path("stores/<uuid:public_id>/books/close/", books_views.books_close, name="books_close"),
    path("stores/<uuid:public_id>/books/export/", books_views.books_export, name="books_export"),
    path("stores/<uuid:public_id>/books/accounts/", books_views.books_accounts, name="books_accounts"),
    path("stores/<uuid:public_id>/books/accounts/keep/", books_views.books_accounts_keep, name="books_accounts_keep"),
    path("stores/<uuid:public_id>/customers/questions/", question_views.customer_questions, name="customer_questions"),
    path(
        "stores/<uuid:public_id>/customers/questions/many/",
        question_views.customer_answer_many,
        name="customer_answer_many",
    ),
    path(
        "stores/<uuid:public_id>/customers/questions/<int:question_id>/",
        question_views.customer_answer,
        name="customer_answer",
    ),
    path("stores/<uuid:public_id>/shoppers/<str:term>/", person_views.person, name="person"),
    path("stores/<uuid:public_id>/shoppers/<str:term>/join/", person_views.person_join, name="person_join"),
    path("stores/<uuid:public_id>/shoppers/<str:term>/tills/", person_views.tills, name="person_tills"),
    path("stores/<uuid:public_id>/loyalty/", loyalty_views.loyalty, name="loyalty"),
    path("stores/<uuid:public_id>/loyalty/lists/", loyalty_views.lists, name="loyalty_lists"),
    path("stores/<uuid:public_id>/loyalty/<str:account>/", loyalty_views.points, name="points"),
    path("stores/<uuid:public_id>/loyalty/<str:account>/say/", loyalty_views.points_say, name="points_say"),
    path("stores/<uuid:public_id>/proof/", proof_views.proofs, name="proofs"),
    path("stores/<uuid:public_id>/proof/make/", proof_views.make, name="proof_make"),
    path("stores/<uuid:public_id>/proof/<int:proof_id>/", proof_views.proof, name="proof"),
    path("stores/<uuid:public_id>/proof/<int:proof_id>/csv/", proof_views.proof_csv, name="proof_csv"),
    path("stores/<uuid:public_id>/connection/resume/", retry_views.resume, name="connection_resume"),
    path("stores/<uuid:public_id>/errors/", error_views.errors, name="errors"),
    path("stores/<uuid:public_id>/errors.csv", error_views.errors_csv, name="errors_csv"),
    path("stores/<uuid:public_id>/errors/views/", error_views.views, name="errors_views"),
    path("stores/<uuid:public_id>/errors/assign/", triage_views.assign_many, name="errors_assign"),
    path("stores/<uuid:public_id>/errors/ignore/", triage_views.ignore_many, name="errors_ignore"),
    path("stores/<uuid:public_id>/errors/<int:error_id>/", record_views.error, name="error"),
    path("stores/<uuid:public_id>/errors/<int:error_id>/bundle.json", record_views.bundle, name="error_bundle"),
    path("stores/<uuid:public_id>/issues/<int:issue_id>/", triage_views.issue, name="issue"),
    path("stores/<uuid:public_id>/errors/news/", error_news.news, name="errors_news"),
    path("stores/<uuid:public_id>/errors/items/", fix_views.items, name="errors_items"),
    path("stores/<uuid:public_id>/issues/<int:issue_id>/fix/", fix_views.fix, name="issue_fix"),
    path("stores/<uuid:public_id>/issues/<int:issue_id>/say/", triage_views.say, name="issue_say"),
    path("stores/<uuid:public_id>/closed/", closed_views.closed, name="closed"),
    path("stores/<uuid:public_id>/close/", closed_views.close_many, name="close_many"),
    path("stores/<uuid:public_id>/close/<str:flow>/<path:external_id>/", closed_views.close_one, name="close_one"),
    path("stores/<uuid:public_id>/reopen/<str:flow>/<path:external_id>/", closed_views.reopen, name="reopen"),
    path("stores/<uuid:public_id>/retry/", retry_views.many, name="retry_many"),
    path("stores/<uuid:public_id>/retry/stop/", retry_views.stop, name="retry_stop"),
    path("stores/<uuid:public_id>/retry/<str:flow>/<path:external_id>/", retry_views.one, name="retry_one"),
    path("stores/<uuid:public_id>/release/<int:issue_id>/", retry_views.release, name="release"),
]
