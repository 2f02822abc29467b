// Before going out: what this browser can do, said in time.
import { build, fill, on } from "./dom.js";
import { checks } from "./ready.js";

export async function show(app) {
  const node = build("ready");
  const draw = async () => {
    const worker = navigator.serviceWorker?.controller ?? (await navigator.serviceWorker?.getRegistration?.().catch(() => null))?.active;
    const found = await checks({ stays: app.stays, behindMs: app.behindMs, packAt: app.packAt, hasWorker: Boolean(worker) });
    fill(node, {
      checks: found.map(({ isGood, label, told }) => {
        const line = fill(build("check"), { label, told });
        line.dataset.good = isGood === null ? "none" : isGood ? "yes" : "no";
        return line;
      }),
    });
  };
  on(node, "refresh", async () => {
    if (app.base) await app.sync({ isAsked: true });
    await draw();
  });
  app.addEventListener("moved", draw);
  await draw();
  return { node, leave: () => app.removeEventListener("moved", draw) };
}
