"""Pages of the desk: what people see and do in Heartland (§18)."""

from ipaas.sandbox.core.web import Router
from ipaas.sandbox.heartland.desk import fulfill, orders, people, records, till
from ipaas.sandbox.heartland.service import Heartland

routes: Router[Heartland] = Router()
for _topic in (records, people, orders, fulfill, till):
    routes.include(_topic.routes)
