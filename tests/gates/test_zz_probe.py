import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from tests.gates.visits import officers
pytestmark = pytest.mark.django_db(transaction=True)
def test_probe(world):
    clients = {}
    with open("/tmp/ct/screens.txt", "w") as out:
      for visit in officers(world):
        if not visit.route.startswith("counters:") or visit.press: continue
        if visit.who not in clients:
            clients[visit.who] = Client(); clients[visit.who].cookies.load(world.session_of(visit.who))
        c = clients[visit.who]
        c.get(visit.path)
        with CaptureQueriesContext(connection) as q:
            a = c.get(visit.path)
        out.write(f"{len(q)} {a.status_code} {visit}\n"); out.flush()
        if len(q) > 20:
            with open("/tmp/ct/big_"+visit.route.split(":")[1]+visit.query.replace("?","_").replace("=","_")+".sql","w") as f:
                for i,x in enumerate(q.captured_queries): f.write(f"{i+1} {x['sql'][:900]}\n")
