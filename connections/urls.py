"""Addresses about systems and their connection."""

from django.urls import path

from connections.connect.bigcommerce import framed_views, install_views
from connections.connect.magento import handshake_views, magento_views, manual_views
from connections.views import hand_hooks, heartland, integrations, join, merchant, setup, status, team, trail

urlpatterns = [
    path("settings/integrations/", integrations.integrations, name="integrations"),
    path("settings/merchant/<uuid:public_id>/", merchant.merchant, name="merchant"),
    path("settings/merchant/<uuid:public_id>/trail/", trail.trail, name="merchant_trail"),
    path("settings/merchant/<uuid:public_id>/support/<int:grant_id>/", trail.support_answer, name="support_answer"),
    path("support/", trail.support, name="support"),
    path("team/", team.team_home, name="team_home"),
    path("team/join/<str:token>/", join.join, name="team_join"),
    path("team/<uuid:public_id>/", team.team, name="team"),
    path("team/<uuid:public_id>/invited/<int:invitation_id>/resend/", team.invitation_resend, name="invitation_resend"),
    path(
        "team/<uuid:public_id>/invited/<int:invitation_id>/withdraw/",
        team.invitation_withdraw,
        name="invitation_withdraw",
    ),
    path("team/<uuid:public_id>/people/<int:member_id>/role/", team.member_role, name="member_role"),
    path("team/<uuid:public_id>/people/<int:member_id>/remove/", team.member_remove, name="member_remove"),
    path("team/<uuid:public_id>/people/<int:member_id>/sessions/", team.member_sessions, name="member_sessions"),
    path("settings/merchant/<uuid:public_id>/factor/", merchant.second_factor, name="merchant_second_factor"),
    path("settings/integrations/bigcommerce/", install_views.websites, name="integrations_bigcommerce"),
    path("settings/integrations/bigcommerce/install/", install_views.install, name="bigcommerce_install"),
    path("settings/integrations/bigcommerce/claim/<str:token>/", install_views.claim, name="bigcommerce_claim"),
    path("settings/integrations/stores/<uuid:public_id>/pair/", setup.pair, name="store_pair"),
    path("settings/integrations/magento/", magento_views.websites, name="integrations_magento"),
    path("settings/integrations/magento/reconnect/", magento_views.reconnect, name="magento_reconnect"),
    path("settings/integrations/magento/add/<uuid:merchant_id>/", magento_views.add, name="magento_add"),
    path("settings/integrations/magento/add/<uuid:merchant_id>/activate/", handshake_views.begin, name="magento_begin"),
    path(
        "settings/integrations/magento/add/<uuid:merchant_id>/<slug:way>/", manual_views.manual, name="magento_manual"
    ),
    path(
        "settings/integrations/magento/activation/<uuid:public_id>/",
        handshake_views.activation,
        name="magento_activation",
    ),
    path("settings/integrations/magento/<uuid:public_id>/website/", magento_views.website, name="magento_website"),
    path("settings/integrations/heartland/", integrations.heartland, name="integrations_heartland"),
    path("settings/integrations/heartland/authorize/", heartland.authorize, name="heartland_authorize"),
    path("settings/integrations/heartland/token/<uuid:merchant_id>/", heartland.token, name="heartland_token"),
    path("settings/integrations/heartland/<uuid:public_id>/", integrations.heartland_account, name="heartland_account"),
    path("connect/heartland/callback/", heartland.callback, name="heartland_callback"),
    path("connect/bigcommerce/auth/", install_views.auth, name="bigcommerce_auth"),
    path("connect/bigcommerce/load/", framed_views.load, name="bigcommerce_load"),
    path("connect/bigcommerce/uninstall/", framed_views.uninstall, name="bigcommerce_uninstall"),
    path("connect/bigcommerce/remove-user/", framed_views.remove_user, name="bigcommerce_remove_user"),
    path("connect/magento/callback/<uuid:public_id>/<str:secret>/", handshake_views.callback, name="magento_callback"),
    path("connect/magento/identity/<uuid:public_id>/", handshake_views.identity, name="magento_identity"),
    path("stores/<uuid:public_id>/connection/", status.connection, name="connection"),
    path("stores/<uuid:public_id>/connection/test/", status.test, name="connection_test"),
    path("stores/<uuid:public_id>/connection/pause/", status.pause, name="connection_pause"),
    path("stores/<uuid:public_id>/connection/disconnect/", status.disconnect, name="connection_disconnect"),
    path("stores/<uuid:public_id>/connection/hooks/arm/", status.hooks_arm, name="hooks_arm"),
    path("stores/<uuid:public_id>/connection/hooks/remove/", status.hooks_remove, name="hooks_remove"),
    path("stores/<uuid:public_id>/connection/told/<slug:way>/", hand_hooks.shown, name="hand_hook"),
    path("stores/<uuid:public_id>/connection/told/<slug:way>/renew/", hand_hooks.renew, name="hand_hook_renew"),
    path("stores/<uuid:public_id>/connection/told/<slug:way>/end/", hand_hooks.end, name="hand_hook_end"),
    path("stores/<uuid:public_id>/setup/", setup.assistant, name="setup"),
    path("stores/<uuid:public_id>/setup/mastery/", setup.mastery, name="mastery"),
    path("stores/<uuid:public_id>/preflight/", setup.findings, name="preflight"),
    path("stores/<uuid:public_id>/preflight/look/", setup.look, name="preflight_look"),
]
