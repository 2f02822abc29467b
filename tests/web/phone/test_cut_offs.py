"""A thousand cut-offs while acts are brought home: the phone's own code, its own storage, the real server."""

from __future__ import annotations

import hashlib
from collections import Counter

import pytest
from tests.web.phone.conftest import Scene

from quancheng.domains.hazards.models import Finding
from quancheng.kernel.files.models import FileLink

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

#: The line breaks before a request or before its answer; a part arrives torn; the program is killed at any of these
#: places, or before or after it writes to its storage. Then all begins anew with nothing but what lies on the device.
RUN = """async ([base, user, path, wanted, acts, seed]) => {
  const { Sync } = await import(`${base}sync.js`);
  const { Store, openDatabase } = await import(`${base}store.js`);
  const { kept, sha256 } = await import(`${base}secret.js`);
  const { Transport } = await import(`${base}transport.js`);
  let state = seed;
  const random = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
  let cuts = 0;
  let requests = 0;
  class End extends Error { isEnd = true; }
  const cut = () => {
    cuts += 1;
    throw random() < 0.5 ? new End("killed") : new TypeError("no line");
  };
  const before = () => cuts < wanted && random() < 0.5 && cut();
  const after = () => cuts < wanted && random() < 0.3 && cut();
  const crash = () => {
    if (cuts < wanted && random() < 0.14) { cuts += 1; throw new End("killed"); }
  };
  const real = new Transport();
  await real.session();
  const transport = {
    async begin(file) { before(); requests += 1; const answer = await real.begin(file); after(); return answer; },
    async part(id, offset, bytes) {
      before();
      requests += 1;
      if (cuts < wanted && random() < 0.15) {
        await real.part(id, offset, bytes.subarray(0, Math.floor(random() * bytes.length)));
        cut();
      }
      const answer = await real.part(id, offset, bytes);
      after();
      return answer;
    },
    async act(act, body) { before(); requests += 1; const answer = await real.act(act, body); after(); return answer; },
  };
  const database = await openDatabase();
  const { key } = await kept();
  const open = () => {
    const store = new Store(database, user, key);
    for (const name of ["note", "settle"]) {
      const write = store[name].bind(store);
      store[name] = async (...given) => { crash(); const told = await write(...given); crash(); return told; };
    }
    return store;
  };
  const plain = new Store(database, user, key);
  let made = 0;
  const add = async () => {
    const number = made;
    made += 1;
    const bytes = new TextEncoder().encode(`第${number}份记录。`.repeat(30));
    const file = { id: crypto.randomUUID(), name: `记录${number}.txt`, size: bytes.byteLength, sha256: await sha256(bytes), file_id: null, taken_at: null, latitude: null, longitude: null };
    const act = {
      id: crypto.randomUUID(), kind: "finding.report", path, body: { name: `隐患${number}`, photo_ids: [{ $file: file.id }], device: { made_at: "$made_at", sent_at: "$sent_at" } },
      files: [file], state: "waiting", tried: false, problem: null, made_at: new Date().toISOString(),
    };
    await plain.save(act, [{ id: file.id, bytes }]);
  };
  while (made < acts) await add();
  let runs = 0;
  for (; runs < 20000; runs += 1) {
    try {
      await new Sync({ store: open(), transport, partBytes: 256 }).run();
    } catch (failure) {
      if (!failure.isEnd) throw failure;
    }
    if (!(await plain.acts()).every((act) => act.state === "done")) continue;
    if (cuts >= wanted) break;
    await add();
  }
  const left = await plain.acts();
  return { made, cuts, requests, runs, states: left.map((act) => act.state), problems: left.filter((act) => act.problem).map((act) => act.problem), files: await plain.countFiles() };
}"""  # noqa: E501
ACTS = 60


@pytest.mark.slow
def test_a_thousand_cut_offs_lose_nothing_and_double_nothing(scene: Scene) -> None:
    with scene.phone(scene.worker) as (_context, page):
        # Away from the page's own attempts, where its key and storage still are.
        page.goto(f"{scene.url}/alive")
        path = f"/hazards/enterprises/{scene.file.pk}/findings"
        given = ["/static/phone/js/", str(scene.worker.user_id), path, 1000, ACTS, 20261130]
        found = page.evaluate(RUN, given)
    assert found["cuts"] >= 1000, found
    assert (found["problems"], found["files"]) == ([], 0)
    made = found["made"]
    assert Counter(found["states"]) == {"done": made}
    rows = list(Finding.objects.order_by("pk"))
    assert Counter(row.name for row in rows) == {f"隐患{number}": 1 for number in range(made)}
    links = FileLink.objects.filter(subject_type="hazards.finding").select_related("file")
    held = {link.subject_id: link.file.original_digest for link in links}
    assert len(held) == links.count() == made, "one file each"
    for row in rows:
        whole = f"第{row.name.removeprefix('隐患')}份记录。".encode() * 30
        assert held[row.pk] == f"sha256:{hashlib.sha256(whole).hexdigest()}"
