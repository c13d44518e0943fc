// What changed, the policy, and what became of the rows.
import { data } from "./data.js";
import { make, soft } from "./dom.js";
import { personLink } from "./person.js";
import { table } from "./table.js";
import { cause, fill, moment, number, personName, short, w, zoneName } from "./words.js";

// Words of the tables that mean something else elsewhere on the page.
const STATES = { active: "isActive" };
const named = (kind) => w(["case", "link"].includes(kind) ? `what_${kind}` : kind);

export function changes() {
  const c = data.changes;
  const zonesOf = (key, ids) =>
    ids.length > 0 &&
    make(
      "p",
      null,
      make("b", null, `${w(key)} (${ids.length}): `),
      ids.slice(0, 40).map(zoneName).join(", ") + (ids.length > 40 ? " …" : ""),
    );
  const side = (kind, row) =>
    [
      row[`${kind}_class`] && named(row[`${kind}_class`]),
      row[`${kind}_state`] && w(STATES[row[`${kind}_state`]] ?? row[`${kind}_state`]),
      row[`${kind}_until`] &&
        fill(
          "until",
          row[`${kind}_until`].length > 10
            ? moment(row[`${kind}_until`])
            : short(row[`${kind}_until`]),
        ),
    ]
      .filter(Boolean)
      .join(", ");
  const whom = (n, row) =>
    row.what === "zone"
      ? zoneName(row.zone)
      : row.person === null
        ? row.zone
        : [personLink(row.person), row.other === null ? null : [" → ", personLink(row.other)]];
  const text = (row) =>
    row.what === "zone"
      ? zoneName(row.zone)
      : row.person === null
        ? row.zone
        : personName(row.person);
  const columns = [
    { of: "person", head: w("who"), show: whom, by: text, csv: text },
    { of: "change", head: w("change"), show: (of) => w(`change_${of}`) },
    { of: "cause", head: w("cause"), show: cause },
    { of: "old_class", head: w("was"), show: (_, row) => side("old", row) },
    { of: "new_class", head: w("is"), show: (_, row) => side("new", row) },
  ];
  const all = (of) => [...new Set(data.changed.map((row) => row[of]))].sort();
  const filters = [
    {
      head: w("what"),
      values: all("what"),
      of: (row) => [row.what],
      show: (of) => w(`what_${of}`),
    },
    {
      head: w("change"),
      values: all("change"),
      of: (row) => [row.change],
      show: (of) => w(`change_${of}`),
    },
    { head: w("cause"), values: all("cause"), of: (row) => [row.cause], show: cause },
  ];
  return [
    soft(`${w("before")} ${moment(c.since ?? "")}`),
    make(
      "p",
      null,
      [
        `+${number(c.new_contacts)} ${w("newContacts")}`,
        `−${number(c.contacts_no_longer)} ${w("noLonger")}`,
        `${number(c.became_cases)} ${w("becameCases")}`,
      ].join(" · "),
    ),
    zonesOf("newZones", c.new_zones),
    zonesOf("releasedZones", c.released_zones),
    zonesOf("goneZones", c.zones_no_longer),
    data.leftOut.changed > 0 &&
      soft(
        fill(
          "shownOf",
          number(data.changed.length),
          number(data.changed.length + data.leftOut.changed),
          "changes.csv",
        ),
      ),
    data.changed.length > 0 &&
      table({ id: "change-table", rows: data.changed, columns, filters, search: text, page: 20 }),
  ];
}

// `central 5 d, 4 tests` in words.
function inWords(value) {
  const of = (_, kind, days, tests) => fill("phaseOfPolicy", w(kind), days, tests);
  return value.replace(/(central|home|monitor) (\d+) d, (\d+) tests/g, of);
}

export function rules() {
  const columns = [
    { of: "key", head: w("key"), show: (key) => (w(key) === key ? key : `${w(key)} (${key})`) },
    { of: "value", head: w("value"), show: inWords },
    { of: "source", head: w("source"), show: w },
  ];
  return [
    make("p", null, w(data.policy.title)),
    table({ id: "rule-table", rows: data.values, page: 100, columns }),
  ];
}

export function account() {
  const counts = {
    rows: "read",
    used: "used",
    rejected: "rejected",
    repeated: "repeated",
    after_as_of: "late",
    inaccurate: "inaccurate",
    earlier_episode: "earlier",
    others: "otherRows",
  };
  const rows = [
    { of: "table", head: w("table"), show: (name) => w(`input_${name}`) },
    ...Object.entries(counts).map(([of, word]) => ({ of, head: w(word), n: 1, show: number })),
  ];
  const rejects = [
    { of: "file", head: w("file") },
    { of: "line", head: w("line"), n: 1 },
    { of: "column", head: w("column") },
    { of: "value", head: w("value") },
    { of: "reason", head: w("reason") },
    { of: "fate", head: w("fate"), show: w },
  ];
  const checks = [
    { of: "what", head: w("check"), show: w },
    { of: "file", head: w("file") },
    { of: "line", head: w("line"), n: 1, show: (n) => n || "" },
    { of: "id", head: w("id") },
    { of: "value", head: w("value") },
    { of: "count", head: w("count"), n: 1, show: (n) => n || "" },
  ];
  const some = (id, rows, columns, all, file) => [
    rows.length < all && soft(fill("shownOf", number(rows.length), number(all), file)),
    rows.length ? table({ id, rows, page: 20, columns }) : soft(w("none")),
  ];
  return [
    table({ id: "row-table", rows: data.rows, columns: rows }),
    make("h3", null, `${w("rejects")} (${number(data.rejected)})`),
    some("reject-table", data.rejects, rejects, data.rejected, "rejects.csv"),
    make("h3", null, `${w("checks")} (${number(data.checked)})`),
    some("check-table", data.checks, checks, data.checked, "checks.csv"),
  ];
}
