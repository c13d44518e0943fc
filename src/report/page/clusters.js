// Clusters of linked cases, on an axis of days: a line is an exposure, from the earlier anchor to the later.
import { scaleLinear } from "d3-scale";
import { data } from "./data.js";
import { dayAxis } from "./axis.js";
import { chart, draw, make, picture, pressed, soft } from "./dom.js";
import { choice } from "./table.js";
import { day, fill, personName, short, w } from "./words.js";

const WIDTH = 1100,
  EDGE = 60,
  ROW = 44,
  MOST = 300;
const cut = (text) => (text.length > 12 ? `${text.slice(0, 11)}…` : text);

function cluster(members, open) {
  const of = new Map(data.cases.map((c) => [c.id, c])),
    anchor = (id) => day(of.get(id).anchor);
  const days = members.map(anchor),
    first = Math.min(...days),
    last = Math.max(...days, first + 1);
  const x = scaleLinear([first, last], [EDGE, WIDTH - EDGE]),
    perDay = new Map(),
    at = new Map();
  for (const id of members.toSorted((a, b) => anchor(a) - anchor(b))) {
    const n = perDay.get(anchor(id)) ?? 0;
    perDay.set(anchor(id), n + 1);
    at.set(id, [x(anchor(id)), 30 + n * ROW]);
  }
  const bottom = Math.max(...[...at.values()].map(([, y]) => y)) + 26;
  const edges = data.links
    .filter(
      (link) =>
        at.has(link.earlier) && at.has(link.later) && anchor(link.earlier) <= anchor(link.later),
    )
    .map(({ earlier, later, minutes }) => {
      const [[fromX, fromY], [toX, toY]] = [at.get(earlier), at.get(later)];
      const bend = (fromX + toX) / 2 + (fromX === toX ? -40 : 0);
      return draw(
        "path",
        {
          d: `M${fromX},${fromY} C${bend},${fromY} ${bend},${toY} ${toX},${toY}`,
          class: "edge",
          "stroke-width": minutes > 240 ? 2.5 : 1.2,
        },
        draw(
          "title",
          null,
          `${personName(earlier)} → ${personName(later)}: ${minutes} ${w("min")}`,
        ),
      );
    });
  const nodes = [...at].map(([id, [px, py]]) =>
    draw(
      "g",
      {
        class: "link",
        "aria-label": `${personName(id)}, ${short(of.get(id).anchor)}`,
        transform: `translate(${px},${py})`,
        ...pressed(() => open(id)),
      },
      draw("circle", { r: 22, class: "target" }),
      draw("circle", { r: 7, class: "node" }),
      draw("text", { y: -12, "text-anchor": "middle", class: "over" }, cut(personName(id))),
    ),
  );
  const drawing = picture(
    WIDTH,
    bottom + 48,
    fill("clusterSaid", members.length),
    edges,
    nodes,
    dayAxis(x, bottom, w("anchor")),
  );
  drawing.setAttribute("role", "group");
  return drawing;
}

export function clusters(open) {
  const all = data.clusters.filter((of) => of.length > 1).toSorted((a, b) => b.length - a.length);
  if (!all.length) return [soft(w("none"))];
  const holder = chart(w("graph"));
  const show = (n) => {
    const members = all[n];
    holder.replaceChildren(
      cluster(members.slice(0, MOST), open),
      ...(members.length > MOST ? [soft(fill("and_more", members.length - MOST))] : []),
    );
  };
  show(0);
  const anchor = new Map(data.cases.map((c) => [c.id, c.anchor]));
  const first = (members) => members.reduce((a, b) => (anchor.get(b) < anchor.get(a) ? b : a));
  const names = all.map((members, n) => [
    String(n),
    fill("clusterOf", members.length, personName(first(members))),
  ]);
  return [
    all.length > 1 &&
      make(
        "div",
        { class: "bar" },
        choice(w("cluster"), names, (n) => show(Number(n))),
      ),
    holder,
  ];
}
