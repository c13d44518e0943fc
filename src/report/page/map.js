// Zones where they are. What lies close together is one mark that says how many it is; a mark is touched or
// reached by the keyboard for more. A degree of longitude is as long as it is at its latitude.
import { data } from "./data.js";
import { chart, draw, legend, make, picture, soft } from "./dom.js";
import { fill, short, w, zoneName } from "./words.js";

const WIDTH = 1100,
  HEIGHT = 420,
  EDGE = 50,
  NEAR = 36;

function points() {
  const all = data.zones.flatMap((zone) => {
    const at = data.points?.[zone.id];
    if (!at?.length) return [];
    const middle = (n) => at.reduce((sum, point) => sum + point[n], 0) / at.length;
    return [{ zone, lon: middle(0), lat: middle(1) }];
  });
  return all.toSorted((a, b) =>
    a.zone.status === b.zone.status ? 0 : a.zone.status === "high" ? -1 : 1,
  );
}

// Points in pixels, those close together joined.
function groups(all, x, y) {
  const joined = [];
  for (const point of all) {
    const [px, py] = [x(point.lon), y(point.lat)];
    const close = joined.find((of) => Math.hypot(of.x - px, of.y - py) < NEAR);
    if (close) close.zones.push(point.zone);
    else joined.push({ x: px, y: py, zones: [point.zone] });
  }
  return joined;
}

export function map() {
  const all = points();
  if (!all.length) return null;
  const lons = all.map((of) => of.lon),
    lats = all.map((of) => of.lat);
  const least = (list) => list.reduce((a, b) => Math.min(a, b)),
    most = (list) => list.reduce((a, b) => Math.max(a, b));
  const east = 111320 * Math.cos((((least(lats) + most(lats)) / 2) * Math.PI) / 180),
    north = 110574;
  const wide = Math.max(400, (most(lons) - least(lons)) * east),
    high = Math.max(200, (most(lats) - least(lats)) * north);
  const scale = Math.min((WIDTH - 2 * EDGE) / wide, (HEIGHT - 2 * EDGE) / high);
  const height = Math.max(160, high * scale + 2 * EDGE);
  const x = (lon) => WIDTH / 2 + (lon - (least(lons) + most(lons)) / 2) * east * scale;
  const y = (lat) => height / 2 - (lat - (least(lats) + most(lats)) / 2) * north * scale;
  const said = make("p", { class: "said", "aria-live": "polite" }, w("mapTouch"));
  const line = (zone) =>
    `${zoneName(zone.id)} · ${w(zone.status)} · ${w("downgrade")} ${short(zone.downgrade_on)}`;
  const marks = groups(all, x, y).map((of) => {
    const isHigh = of.zones.some((zone) => zone.status === "high"),
      size = of.zones.length > 1 ? 15 : 8;
    const lines = of.zones.slice(0, 8).map(line);
    if (of.zones.length > 8) lines.push(fill("and_more", of.zones.length - 8));
    const tell = () =>
      said.replaceChildren(...lines.flatMap((text, n) => (n ? [make("br"), text] : [text])));
    return draw(
      "g",
      {
        class: `mark ${isHigh ? "high" : "low"}`,
        tabindex: 0,
        role: "button",
        "aria-label": lines.join("; "),
        transform: `translate(${of.x.toFixed(1)},${of.y.toFixed(1)})`,
        onclick: tell,
        onfocus: tell,
        onmouseenter: tell,
      },
      draw("circle", { r: 22, class: "target" }),
      isHigh
        ? draw("rect", { x: -size, y: -size, width: 2 * size, height: 2 * size })
        : draw("circle", { r: size }),
      of.zones.length > 1
        ? draw("text", { "text-anchor": "middle", dy: "0.35em" }, String(of.zones.length))
        : null,
      draw("title", null, lines.join("\n")),
    );
  });
  const metres = 10 ** Math.floor(Math.log10(wide / 2)),
    length = metres * scale;
  const bar = [
    draw("path", { d: `M24,${height - 22} v6 h${length} v-6`, class: "edge" }),
    draw(
      "text",
      { x: 32 + length, y: height - 14 },
      metres >= 1000 ? `${metres / 1000} km` : `${metres} m`,
    ),
  ];
  // A group with marks that are reached is no picture: its parts speak.
  const drawing = picture(
    WIDTH,
    height,
    w("map"),
    draw("rect", { class: "land", width: WIDTH, height }),
    bar,
    marks,
  );
  drawing.setAttribute("role", "group");
  return [
    make("h3", null, w("map")),
    soft(w("mapHelp")),
    legend(["high", w("high")], ["low", w("low")]),
    chart(w("map"), drawing),
    said,
  ];
}
