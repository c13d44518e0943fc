// What a leader reads in ten seconds: the brief, five numbers with their difference, who is held where.
import { data } from "./data.js";
import { make, soft } from "./dom.js";
import { current, fill, moment, number, turnLanguage, w } from "./words.js";

export function header(redraw) {
  const turn = () => (turnLanguage(), redraw());
  return make(
    "header",
    null,
    make("h1", null, w("title")),
    make(
      "p",
      { class: "of" },
      `${fill("as_of_moment", moment(data.asOf))} · ${w("policy")} ${data.policy.name}`,
    ),
    make("button", { class: "turn", onclick: turn }, w("other")),
    make("button", { onclick: () => print() }, w("print")),
  );
}

export const navigation = (ids) =>
  make(
    "nav",
    { "aria-label": w("parts") },
    ids.map((id) => make("a", { href: `#${id}` }, w(id))),
  );

export const brief = () =>
  make(
    "section",
    { id: "brief", "aria-label": w("brief") },
    data.brief[current()].map((sentence) => make("p", null, sentence)),
  );

function difference(now, before) {
  if (before === undefined || before === null) return null;
  const more = now - before,
    text = more > 0 ? `+${number(more)}` : more < 0 ? `−${number(-more)}` : "±0";
  return make("small", null, fill("against", text));
}

export function tiles() {
  const n = data.counts,
    before = data.changes?.before ?? {};
  const tile = (id, value, was, kind = "") =>
    make(
      "div",
      { class: `tile ${kind}` },
      make("b", null, number(value)),
      w(id),
      difference(value, was),
    );
  return make(
    "div",
    { class: "tiles" },
    tile("cases", n.cases, before.cases, "case"),
    tile("close", n.close, before.close_contacts, "high"),
    tile("active", n.active, before.held, "mark"),
    data.drawsZones && tile("zonesHigh", n.high, before.high_zones, "high"),
    tile("unknown", n.unknown, null, "low"),
  );
}

export function held() {
  const of = (kind) => {
    const [people, days] = data.held[kind] ?? [0, 0];
    return make(
      "li",
      null,
      make("b", null, number(people)),
      ` ${w(kind)}`,
      make("small", null, ` ${fill("person_days", number(days))}`),
    );
  };
  // Whole buildings are in every run, the others where they were asked for.
  const practices = Object.entries(data.avoided ?? {}).filter(
    ([name, of]) => name !== "whole_building" || of.people > 0,
  );
  return make(
    "div",
    { class: "held" },
    make("ul", null, ["central", "home", "monitor"].map(of)),
    soft(fill("rests_on", number(data.rests.household), number(data.rests.one))),
    practices.length > 0
      ? make(
          "div",
          { class: "soft", id: "looser" },
          w("looser"),
          make(
            "ul",
            { class: "plain" },
            practices.map(([name, of]) =>
              make(
                "li",
                null,
                fill("practice", w(`practice_${name}`), number(of.people), number(of.person_days)),
              ),
            ),
          ),
        )
      : null,
    data.counts.late
      ? make("p", { id: "late" }, `${number(data.counts.late)} ${w("lateRows")}`)
      : null,
    soft(w("degree"), data.drawsZones ? w("ofNotice") : null),
  );
}
