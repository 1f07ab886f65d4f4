"""Reading and adding comments of documents over REST."""

from __future__ import annotations

from ipaas.sandbox.magento.call import Call
from ipaas.sandbox.magento.errors import bad
from ipaas.sandbox.magento.sales.cents import Row
from ipaas.sandbox.magento.sales.comments import comment_given
from ipaas.sandbox.magento.sales.document_shapes import comments_of


def comment_list(call: Call, kind: str, document: Row) -> Row:
    """The list envelope of a document's comments, without searchCriteria."""
    rows = comments_of(call.state, kind, document["entity_id"])
    return {"items": rows, "search_criteria": {"filter_groups": []}, "total_count": len(rows)}


def commented(call: Call, kind: str, document: Row) -> Row:
    """Keep the comment of the body. Raises `Refused` for one without words."""
    stored = comment_given(call.state, kind, document["entity_id"], call.body["entity"])
    if stored is None:
        raise bad("Comment is a required field")
    return stored
