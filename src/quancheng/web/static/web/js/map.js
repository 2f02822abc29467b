// Maps without a base map: <div data-map="id"> beside JSON of layers, each GeoJSON with its colour system:
// {"layers": [{"id", "label", "kind": "area"|"point"|"line", "data": FeatureCollection}], "bounds": [w, s, e, n]}.
// Features carry `colour` (red, orange, yellow, blue, green) and `url`; a click opens the page. MapLibre comes on need.
import { word } from "./words.js";

const HUES = { red: "#d63939", orange: "#f76707", yellow: "#f5b800", blue: "#206bc4", green: "#2fb344" };
let library;

function meta(name) {
  return document.querySelector(`meta[name="${name}"]`).content;
}

/** The library, with its sheet and its worker. */
export async function load() {
  const sheet = document.createElement("link");
  sheet.rel = "stylesheet";
  sheet.href = meta("qc-maplibre-css");
  document.head.append(sheet);
  const maplibre = await import(meta("qc-maplibre"));
  maplibre.setWorkerUrl(meta("qc-maplibre-worker"));
  return maplibre;
}

function paints(kind) {
  const colour = ["match", ["get", "colour"], ...Object.entries(HUES).flat(), "#8a959b"];
  if (kind === "point") {
    return [["circle", { "circle-color": colour, "circle-radius": 6, "circle-stroke-color": "#1a2124", "circle-stroke-width": 1.5 }]];
  }
  if (kind === "line") return [["line", { "line-color": colour, "line-width": 2 }]];
  return [["fill", { "fill-color": colour, "fill-opacity": 0.35 }], ["line", { "line-color": "#566168", "line-width": 1 }]];
}

async function draw(box) {
  const source = document.getElementById(box.dataset.map);
  if (!source || box.dataset.drawn) return;
  box.dataset.drawn = "1";
  const { layers = [], bounds } = JSON.parse(source.textContent);
  try {
    library ??= load();
    const maplibre = await library;
    const map = new maplibre.Map({
      container: box, style: { version: 8, sources: {}, layers: [] }, bounds, attributionControl: false,
      pixelRatio: Math.min(2, window.devicePixelRatio),
    });
    map.addControl(new maplibre.NavigationControl({ showCompass: false }));
    map.on("load", () => {
      for (const layer of layers) {
        map.addSource(layer.id, { type: "geojson", data: layer.data });
        paints(layer.kind).forEach(([type, paint], place) => {
          map.addLayer({ id: `${layer.id}-${place}`, type, source: layer.id, paint });
        });
        map.on("click", `${layer.id}-0`, (event) => {
          const url = event.features?.[0]?.properties?.url;
          if (url?.startsWith("/")) location.assign(url);
        });
      }
    });
  } catch {
    box.textContent = word("noWebgl");
  }
}

export function start() {
  const all = () => document.querySelectorAll("[data-map]").forEach(draw);
  all();
  document.addEventListener("htmx:after:swap", all);
}
