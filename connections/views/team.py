"""A merchant's people, for its owners: invitations, roles, sessions, and how everybody logs in."""

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from connections.models import Invitation, Membership, Merchant, Role
from connections.permissions import Action, may, refusal, role_of
from connections.services import invitations, people
from connections.services.invitations import IsMember
from connections.services.people import LastOwner
from connections.signin.try_limits import invitation_limits, take
from connections.strict import takes
from connections.team_forms import InviteForm, RoleForm
from connections.team_lists import members, roles
from connections.views.base import OUTDATED, PersonRequest, member, merchant_for, page, proven_lately


@require_GET
@member
def team_home(request: PersonRequest) -> HttpResponse:
    """The team of the person's one merchant; of several, a choice."""
    mine = list(Merchant.objects.for_user(request.user).order_by("name", "pk"))
    owned = [one for one in mine if may(role_of(request.user, one), Action.PEOPLE)]
    if mine and not owned:
        raise PermissionDenied(refusal(role_of(request.user, mine[0]), Action.PEOPLE))
    if len(owned) == 1:
        return redirect("team", public_id=owned[0].public_id)
    return page(request, "team/teams.html", {"merchants": owned})


@takes(InviteForm)
@require_http_methods(["GET", "POST"])
@never_cache
@member
def team(request: PersonRequest, public_id: UUID) -> HttpResponseBase:
    """Everybody of the merchant and everybody invited; its form invites."""
    if request.method == "POST":
        return invite(request, public_id)
    return team_page(request, merchant_for(request, str(public_id), Action.PEOPLE), InviteForm())


@proven_lately
def invite(request: PersonRequest, public_id: UUID) -> HttpResponse:
    """Send an invitation. The answer is the same whether somebody here has the address or nobody."""
    merchant = merchant_for(request, str(public_id), Action.PEOPLE)
    form = InviteForm(request.POST)
    if not form.is_valid():
        return team_page(request, merchant, form)
    if _send(request, merchant, form.cleaned_data["email"], Role(form.cleaned_data["role"])):
        return redirect("team", public_id=public_id)
    return team_page(request, merchant, form)


def team_page(request: PersonRequest, merchant: Merchant, form: InviteForm) -> HttpResponse:
    grants = merchant.support_grants.open(timezone.now()).select_related("staff", "given_by")
    context = {
        "merchant": merchant,
        "form": form,
        "members": members(merchant),
        "invitations": merchant.invitations.select_related("invited_by").order_by("email"),
        "choices": Role.choices,
        "roles": roles(),
        "grants": grants.order_by("pk"),
        "hours": range(1, settings.SUPPORT_HOURS + 1),
    }
    return page(request, "team/team.html", context, merchant=merchant)


def _send(request: PersonRequest, merchant: Merchant, email: str, role: Role) -> bool:
    """Invite, and say what came of it; answers whether an invitation stands."""
    if take(invitation_limits(merchant.pk, email)) is None:
        messages.error(request, "That were many invitations for one hour. Nothing was sent; try again later.")
        return False
    try:
        row = invitations.invitation_send(
            merchant=merchant, email=email, role=role, actor=request.user, now=timezone.now()
        )
    except IsMember as failure:
        messages.error(request, failure.summary)
        return False
    if row.mailed_at:
        messages.success(request, f"An invitation is on its way to {row.email}. It works once, for a week.")
    else:
        messages.error(request, f"The mail to {row.email} could not be sent. Send it again in some minutes.")
    return True


def _invitation(request: PersonRequest, public_id: UUID, invitation_id: int) -> Invitation:
    merchant = merchant_for(request, str(public_id), Action.PEOPLE)
    return get_object_or_404(Invitation.objects.select_related("merchant"), merchant=merchant, pk=invitation_id)


def _member(request: PersonRequest, public_id: UUID, member_id: int) -> Membership:
    merchant = merchant_for(request, str(public_id), Action.PEOPLE)
    return get_object_or_404(Membership.objects.select_related("merchant", "user"), merchant=merchant, pk=member_id)


@require_POST
@member
@proven_lately
def invitation_resend(request: PersonRequest, public_id: UUID, invitation_id: int) -> HttpResponse:
    """Mail a new link; the one before is void."""
    row = _invitation(request, public_id, invitation_id)
    _send(request, row.merchant, row.email, Role(row.role))
    return redirect("team", public_id=public_id)


@require_POST
@member
@proven_lately
def invitation_withdraw(request: PersonRequest, public_id: UUID, invitation_id: int) -> HttpResponse:
    """Make an invitation void."""
    row = _invitation(request, public_id, invitation_id)
    if invitations.invitation_withdraw(invitation=row, actor=request.user):
        messages.success(request, f"The invitation of {row.email} no longer works.")
    return redirect("team", public_id=public_id)


@takes(RoleForm)
@require_POST
@member
@proven_lately
def member_role(request: PersonRequest, public_id: UUID, member_id: int) -> HttpResponse:
    """Give somebody another role."""
    row, form = _member(request, public_id, member_id), RoleForm(request.POST)
    if not form.is_valid() or form.cleaned_data["shown"] != row.role:
        messages.error(request, OUTDATED)
        return redirect("team", public_id=public_id)
    role = Role(form.cleaned_data["role"])
    try:
        people.membership_set(merchant=row.merchant, person=row.user, role=role, actor=request.user)
    except LastOwner as failure:
        messages.error(request, f"Nothing was changed. {failure.summary}")
    else:
        messages.success(request, f"{row.user.email} is {role.label.lower()} now.")
    return _on_from(request, row)


def _on_from(request: PersonRequest, row: Membership) -> HttpResponse:
    """Back to the page; whoever changed their own place may not see it any more."""
    is_still_there = may(role_of(request.user, row.merchant), Action.PEOPLE)
    return redirect("team", public_id=row.merchant.public_id) if is_still_there else redirect("dashboard")


@require_POST
@member
@proven_lately
def member_remove(request: PersonRequest, public_id: UUID, member_id: int) -> HttpResponse:
    """Take somebody's way in away, from their next click on."""
    row = _member(request, public_id, member_id)
    try:
        people.membership_remove(membership=row, actor=request.user)
    except LastOwner as failure:
        messages.error(request, f"Nothing was changed. {failure.summary}")
    else:
        messages.success(request, f"{row.user.email} no longer belongs to {row.merchant}.")
    return _on_from(request, row)


@require_POST
@member
@proven_lately
def member_sessions(request: PersonRequest, public_id: UUID, member_id: int) -> HttpResponse:
    """End somebody's sessions everywhere; their own ones people end on their account's page."""
    row = _member(request, public_id, member_id)
    if row.user == request.user:
        return redirect("account")
    count = people.member_sessions_end(membership=row, actor=request.user)
    messages.success(request, f"{row.user.email} is logged out everywhere ({count} session{'s'[: count != 1]}).")
    return redirect("team", public_id=public_id)
