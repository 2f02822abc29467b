// A trend: dragging over the chart zooms to what was dragged over, what is told now is drawn at its end, and the part is
// asked for anew now and then, so that it holds no more than a page that was just loaded.
const SHORTEST_MS = 10000;
const PUT_MS = 1000;
let now; // the chart that stands: its option, its part, and how far the district's clock is from UTC
let due = 0;
let fresh = 0;

function text(value) {
  return typeof value === "number" ? String(Number(value.toPrecision(7))) : "—";
}

function moment(ms) {
  const at = new Date(ms);
  const two = (one) => String(one).padStart(2, "0");
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  return `${day} ${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
}

// Addresses are told by the district's clock, whatever the desk's is set to.
function address(begin, end) {
  const told = (ms) => new Date(Math.round(ms) + now.offset).toISOString().slice(0, 19);
  const given = new URLSearchParams(location.search);
  for (const name of ["range", "add", "without", "from", "to"]) given.delete(name);
  given.set("from", told(begin));
  given.set("to", told(end));
  return `${location.pathname}?${given}`;
}

function tip(all) {
  const lines = [moment(all[0].axisValue)];
  const { series } = now.option;
  for (const one of all) {
    const mine = series[one.seriesIndex];
    if (mine.mon?.line !== "mean") continue;
    const low = series.findIndex((other) => other.mon.tag === mine.mon.tag && other.mon.line === "low");
    const [floor, height] = [low, low + 1].map((at) => all.find((other) => other.seriesIndex === at)?.value[1]);
    const band = low >= 0 && typeof floor === "number" ? `  (${text(floor)} – ${text(floor + height)})` : "";
    lines.push(`${mine.name}: ${text(one.value[1])}${band}`);
  }
  return lines.join("\n");
}

function dress({ target, detail: { chart, option } }) {
  const part = target.closest("[data-trend]");
  if (!part) return;
  const offset = Date.parse(`${part.dataset.begin}Z`) - Math.floor(option.xAxis.min / 1000) * 1000;
  now = { chart, option, part, offset };
  chart.setOption({ tooltip: { formatter: tip } });
  chart.dispatchAction({ type: "takeGlobalCursor", key: "dataZoomSelect", dataZoomSelectActive: true });
  chart.off("datazoom");
  chart.on("datazoom", (event) => {
    const { startValue: begin, endValue: end } = event.batch?.[0] ?? event;
    if (typeof begin !== "number" || end - begin < SHORTEST_MS) return;
    const url = address(begin, end);
    window.htmx.ajax("GET", url, { target: "#mon-trend", swap: "outerHTML", push: url });
  });
}

// What is told now goes to the end of its line; the range moves along.
function hear({ detail: told }) {
  if (!now?.part.isConnected || now.part.dataset.raw === undefined) return;
  const { option } = now;
  let isNew = false;
  for (const line of option.series) {
    const [at, value, quality] = told[line.mon.tag] ?? [];
    const last = line.data.at(-1)?.[0] ?? 0;
    if (at === undefined || at <= last || (quality & 0xc0) < 0x40) continue;
    if (last && at - last > line.mon.gap) line.data.push([last + 1, null]);
    line.data.push([at, value]);
    option.xAxis.min += Math.max(0, at - option.xAxis.max);
    option.xAxis.max = Math.max(option.xAxis.max, at);
    isNew = true;
  }
  if (!isNew) return;
  due ||= setTimeout(() => {
    due = 0;
    if (!now.part.isConnected) return;
    for (const line of option.series) line.data = line.data.filter(([at]) => at >= option.xAxis.min);
    const series = option.series.map(({ data }) => ({ data }));
    now.chart.setOption({ xAxis: { min: option.xAxis.min, max: option.xAxis.max }, series });
  }, PUT_MS);
}

function refresh() {
  const part = document.querySelector("#mon-trend[data-again]");
  if (!part || document.hidden) return;
  fresh += 1;
  if (fresh * 10 < Number(part.dataset.again)) return;
  fresh = 0;
  if (part.querySelector("details[open]")) return;
  const url = location.pathname + location.search;
  window.htmx.ajax("GET", url, { target: "#mon-trend", swap: "outerHTML", headers: { "HX-Live": "1" } });
}

document.addEventListener("qc:chart", dress);
document.addEventListener("qc:watch:values", hear);
setInterval(refresh, 10000);
