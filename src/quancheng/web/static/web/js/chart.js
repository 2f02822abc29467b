// Charts: <div data-chart="id"> beside <script type="application/json" id="id">. ECharts is fetched on first need;
// tooltips are drawn as rich text, since the content policy forbids markup with styles. A page that does more with a
// chart hears of it by qc:chart, with its chart and option.
let library;
const drawn = new Map();

function address() {
  return document.querySelector('meta[name="qc-echarts"]').content;
}

function ink(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

function dress(option) {
  const text = { color: ink("--qc-ink"), fontFamily: ink("--qc-font") };
  return {
    animation: false,
    aria: { enabled: true, decal: { show: true } },
    backgroundColor: "transparent",
    textStyle: text,
    grid: { left: 8, right: 16, top: 36, bottom: 8, containLabel: true },
    ...option,
    legend: { top: 0, left: 0, ...option.legend, textStyle: text },
    tooltip: { trigger: "axis", ...option.tooltip, renderMode: "richText", confine: true },
  };
}

async function draw(box) {
  const source = document.getElementById(box.dataset.chart);
  if (!source || box.dataset.drawn) return;
  box.dataset.drawn = "1";
  library ??= import(address());
  const echarts = await library;
  const option = JSON.parse(source.textContent);
  if (!box.isConnected) return;
  const chart = echarts.init(box, null, { renderer: "canvas" });
  const show = () => {
    chart.setOption(dress(option), true);
    box.dispatchEvent(new CustomEvent("qc:chart", { bubbles: true, detail: { chart, option } }));
  };
  const size = new ResizeObserver(() => chart.resize());
  size.observe(box);
  drawn.set(box, { chart, show, size });
  show();
}

// A chart whose place is gone would be kept for ever.
function clear() {
  for (const [box, { chart, size }] of drawn) {
    if (box.isConnected) continue;
    size.disconnect();
    chart.dispose();
    drawn.delete(box);
  }
}

export function start() {
  const all = () => {
    clear();
    document.querySelectorAll("[data-chart]").forEach(draw);
  };
  all();
  document.addEventListener("qc:theme", () => requestAnimationFrame(() => drawn.forEach((one) => one.show())));
  document.addEventListener("htmx:after:swap", all);
}
