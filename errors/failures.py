"""The exception tree: who can fix a failure decides what happens to the record. No Django here."""

from dataclasses import dataclass, replace
from enum import StrEnum

from ipaas.masking import masked


class Owner(StrEnum):
    """Who has to act before the record can go on."""

    NOBODY = "nobody"  # heals by itself: retried
    MERCHANT = "merchant"  # held until a setting, link or map is fixed
    OPERATOR = "operator"  # dead letter


@dataclass(frozen=True, kw_only=True)
class Violation:
    """One reason why a record cannot go on: field, value, and the step that mends it."""

    code: str  # machine name, such as "item_not_linked": records with the same code and value share an issue
    sentence: str  # plain words for the merchant, without personal data
    field: str = ""
    value: str = ""  # the offending value; never personal data or secrets
    fix: str = ""  # what to do, in words
    fix_page: str = ""  # name of the page that mends it: connections.fixes.PAGES, heartland, store, order/<id>


class SyncFailure(Exception):
    """One record could not be synced. `summary` is for the merchant, `detail` for who may retry.

    Names and texts in it may be an outside system's: both pass the redactor (ipaas.masking), as do the violations.
    """

    owner = Owner.OPERATOR
    code = "internal_error"
    counts_as_attempt = True
    fix = ""  # what to do, where the class alone tells

    def __init__(
        self,
        summary: str,
        *,
        detail: str = "",
        retry_after: float | None = None,
        violations: tuple[Violation, ...] = (),
    ) -> None:
        self.summary = masked(summary)
        super().__init__(self.summary)
        self.detail = masked(detail)
        self.request = ""  # the call that failed, without secrets and people; its answer is `detail`
        self.retry_after = retry_after  # seconds, when the other side said so
        self.violations = tuple(replace(one, sentence=masked(one.sentence), fix=masked(one.fix)) for one in violations)

    @property
    def in_full(self) -> str:
        """The summary with whatever else the other system said."""
        return self.summary


class TransientFailure(SyncFailure):
    """Heals by itself: the ledger retries with back-off."""

    owner = Owner.NOBODY
    code = "transient"


class Unreachable(TransientFailure):
    """No complete answer came: the call may or may not have had its effect."""

    code = "unreachable"


class ServerTrouble(TransientFailure):
    """The other system answered 5xx or with something that is not its API."""

    code = "server_trouble"


class Throttled(TransientFailure):
    """A rate limit is used up; `retry_after` tells when it refills. Not an attempt."""

    code = "throttled"
    counts_as_attempt = False


class CircuitOpen(TransientFailure):
    """The other system is known to be down; work waits without burning attempts."""

    code = "circuit_open"
    counts_as_attempt = False


class NotItsApi(ServerTrouble):
    """Something answered that is not the system we asked for: a proxy's page, or a wrong address."""

    code = "not_its_api"


class NotYetReadable(TransientFailure):
    """The record named by a message cannot be read yet, or no longer."""

    code = "not_yet_readable"


class ContractBroken(SyncFailure):
    """An answer lacks what the API promises; the summary names record and field."""

    code = "contract_broken"


class Rejected(SyncFailure):
    """The other system refused our request as invalid (400, 409, 413, 422). `fields` says what and why."""

    code = "rejected"

    def __init__(self, summary: str, *, status: int, fields: dict[str, str] | None = None, detail: str = "") -> None:
        super().__init__(summary, detail=detail)
        self.status = status
        self.fields = fields or {}

    @property
    def in_full(self) -> str:
        """The summary with what the other system says of each field: never for records of people."""
        said = "; ".join(f"{name}: {text}" for name, text in self.fields.items())
        return f"{self.summary} ({said})" if said else self.summary


class NotFound(SyncFailure):
    """The record does not exist at the other system (404)."""

    code = "not_found"


class ConfigurationFailure(SyncFailure):
    """The merchant must act; the record is held until then. `violations` lists every reason at once."""

    owner = Owner.MERCHANT
    code = "held"


class CredentialsRejected(ConfigurationFailure):
    """401: the token is gone or replaced. The connection pauses; work is kept."""

    code = "credentials_rejected"
    counts_as_attempt = False


class PermissionMissing(ConfigurationFailure):
    """403: the token may not do this; the summary names what is missing."""

    code = "permission_missing"
    fix = "Allow it there, in the rights of our access: what waits goes on by itself."


class NotOffered(ConfigurationFailure):
    """This kind of store cannot do what is asked of it, or nobody has taught us how."""

    code = "not_offered"


def held(*violations: Violation) -> ConfigurationFailure:
    """A record that waits for the merchant, for all the given reasons; the first one names the kind."""
    failure = ConfigurationFailure(" ".join(v.sentence for v in violations), violations=violations)
    failure.code = violations[0].code
    return failure
