"""Pages of the desk: what people see and do in Heartland."""

from ipaas.sandbox.core.web import Router
from ipaas.sandbox.heartland.service import Heartland

routes: Router[Heartland] = Router()
