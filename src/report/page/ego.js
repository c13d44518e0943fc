// One case in the middle, its close contacts around it on rings, the first by rank inside.
import { data, part } from "./data.js";
import { chart, draw, make, picture, soft } from "./dom.js";
import { choice } from "./table.js";
import { fill, personName, w, words } from "./words.js";

const MOST = 240;

function ring(id, all) {
  const shown = all.slice(0, MOST),
    at = [];
  let rings = 0;
  for (let n = 0; n < shown.length; rings += 1) n += (rings + 1) * 18;
  const size = 2 * (40 + rings * 38) + 60,
    middle = size / 2;
  for (let n = 0, ring = 1; n < shown.length; ring += 1) {
    const room = Math.min(ring * 18, shown.length - n);
    for (let k = 0; k < room; k += 1, n += 1) {
      const angle = (k / room) * 2 * Math.PI + ring * 0.35,
        far = 40 + ring * 38;
      at.push(
        [middle + far * Math.cos(angle), middle + far * Math.sin(angle)].map((n) => n.toFixed(1)),
      );
    }
  }
  const others = (row) => row.cases.filter((other) => other !== id);
  const lines = shown.map((row, n) =>
    draw("path", {
      d: `M${middle},${middle} L${at[n].join(",")}`,
      class: "ray",
      "stroke-width": row.minutes > 240 ? 1.6 : 0.7,
      "stroke-dasharray": others(row).length ? "4 3" : undefined,
    }),
  );
  const nodes = shown.map((row, n) =>
    draw(
      "circle",
      {
        cx: at[n][0],
        cy: at[n][1],
        r: row.bases.includes("household") ? 6 : 4,
        class: row.bases.includes("household") ? "met" : "stay",
      },
      draw(
        "title",
        null,
        [
          `${row.rank}. ${personName(row.person)}`,
          `${row.minutes} ${w("min")}`,
          words(row.bases),
          others(row).length && `${w("alsoOf")} ${others(row).map(personName).join(", ")}`,
        ]
          .filter(Boolean)
          .join(" · "),
      ),
    ),
  );
  return picture(
    size,
    size,
    fill("egoSaid", personName(id), all.length),
    lines,
    nodes,
    draw("circle", { cx: middle, cy: middle, r: 9, class: "node" }),
    draw(
      "text",
      { x: middle, y: middle - 14, "text-anchor": "middle", class: "over" },
      personName(id),
    ),
  );
}

export async function ego() {
  const contacts = await part("contacts"),
    holder = chart(w("ego"));
  const show = (id) => {
    const all = contacts.filter((row) => row.cases.includes(id));
    const linked = data.links
      .filter((link) => link.earlier === id)
      .map((link) => personName(link.later));
    holder.replaceChildren(
      ring(id, all),
      soft(
        all.length > MOST ? `${fill("firstOf", MOST, all.length)} · ` : null,
        `${w("links")}: ${linked.join(", ") || w("none")}`,
      ),
    );
  };
  const ids = data.cases.toSorted((a, b) => b.contacts - a.contacts).map((c) => c.id);
  if (!ids.length) return null;
  show(ids[0]);
  return make(
    "div",
    { id: "ego" },
    make(
      "div",
      { class: "bar" },
      choice(
        w("chooseCase"),
        ids.map((id) => [String(id), personName(id)]),
        (id) => show(Number(id)),
      ),
    ),
    holder,
  );
}
