"""What the demo district lacks, for the fixture of the upgrade test; see README.md beside it."""

from datetime import timedelta

from django.utils import timezone

from quancheng.kernel.journal.services import make_root
from quancheng.kernel.pages.services import save_view
from quancheng.kernel.people import accounts, passwords, second_factor, security, totp
from quancheng.kernel.people.actors import actor_for
from quancheng.kernel.people.models import Membership, User
from quancheng.kernel.people.services import delegate
from quancheng.kernel.tokens.services import create_token
from quancheng.kernel.work.models import WorkItem
from quancheng.kernel.work.services import take_item, urge

now = timezone.now()
today = timezone.localdate()


def act_as(username):
    return actor_for(Membership.objects.current().get(user__username=username), now=now)


def user(username):
    return User.objects.get(username=username)


emb, office, officer = act_as("emb"), act_as("office"), act_as("officer")
accounts.set_phone(actor=emb, user_id=emb.user_id, phone="13800000001", now=now)
accounts.set_phone(actor=officer, user_id=officer.user_id, phone="13800000002", now=now)
accounts.change_password(actor=emb, old="Qinglan-2026", new="Chuanglan-2026", now=now, sign_in_id=None)
secret = totp.new_secret()
second_factor.enrol(actor=office, secret=secret, code=totp.code_at(secret, totp.step_of(now)), now=now)
rules = passwords.policy()
numbers = {name: getattr(rules, name) for name in security.LIMITS}
security.set_policy(actor=act_as("secadmin"), numbers=numbers, second_factor="administrators", now=now)
delegate(actor=emb, to_user=user("emb2"), first_day=today, last_day=today + timedelta(days=3), reason="出差", now=now)
create_token(actor=officer, name="数据核对", duties=sorted(officer.duties)[:2], can_write=False, days=30, now=now)
save_view(actor=office, page="duty:tasks", name="逾期任务", query="light=red", now=now)
free = WorkItem.objects.filter(done_at=None, person=None, owner_org=emb.organisation_id)
item = next(item for item in free if emb.has(item.duty))
take_item(actor=emb, item=item, now=now)
urge(actor=office, item=item, note="请尽快办理", now=now)
make_root(now=now)
print("filled")
