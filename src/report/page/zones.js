// Zones by the days that are left, with their price; and the areas that nearly became one.
import { data } from "./data.js";
import { make, soft } from "./dom.js";
import { map } from "./map.js";
import { personLinks } from "./person.js";
import { table } from "./table.js";
import { day, fill, list, number, personName, short, w, words, zoneName } from "./words.js";

function why(zone) {
  const least = data.zoneRules ?? {};
  const often = fill(
    "why_often",
    zone.days,
    least.min_days,
    number(zone.minutes),
    number(least.min_minutes),
  );
  const met = fill(
    "why_met",
    zone.contacts,
    least.min_contacts,
    zone.secondary,
    least.min_secondary,
  );
  return words(zone.bases) + (zone.bases.includes("activity") ? `: ${often}; ${met}` : "");
}

const status = (of) => make("span", { class: `status ${of}` }, w(of));
const price = [
  ["resident_days", "residentDays"],
  ["spillover", "spilled"],
  ["spillover_days", "spilledDays"],
  ["smaller_residents", "ifSmaller"],
  ["larger_residents", "ifLarger"],
];
const ofPrice = () =>
  price.map(([of, head]) => ({ of, head: w(head), n: 1, show: (n) => (n ? number(n) : "") }));

function drawn(prices) {
  const asOf = day(data.asOf);
  const rows = data.zones
    .map((zone) => ({
      ...prices.get(zone.id),
      ...zone,
      why: why(zone),
      left: Math.max(0, day(zone.downgrade_on) - asOf),
    }))
    .toSorted((a, b) => (a.status === b.status ? a.left - b.left : a.status === "high" ? -1 : 1));
  const counties = [...new Set(rows.map((zone) => zone.county).filter(Boolean))].sort();
  const filters = [
    { head: w("status"), values: ["high", "low"], of: (row) => [row.status] },
    { head: w("level"), values: ["unit", "building", "place"], of: (row) => [row.level] },
    ...(counties.length > 1
      ? [{ head: w("county"), values: counties, of: (row) => [row.county], show: String }]
      : []),
  ];
  const columns = [
    { of: "id", head: w("zone"), show: zoneName, by: (row) => zoneName(row.id) },
    { of: "status", head: w("status"), t: 1, show: status },
    { of: "left", head: w("daysLeft"), n: 1 },
    { of: "downgrade_on", head: w("downgrade"), t: 1, show: short },
    { of: "residents", head: w("residents"), n: 1 },
    { of: "present", head: w("present"), n: 1 },
    ...(Object.keys(data.keyGroups).length > 0
      ? [{ of: "id", head: w("keyGroups"), show: keyGroups, by: keyPeople }]
      : []),
    ...ofPrice(),
    { of: "why", head: w("why") },
    { of: "cases", head: w("caseIds"), show: personLinks, by: (row) => row.cases.length },
  ];
  const search = (row) => [row.id, zoneName(row.id), ...row.cases.map(personName)].join(" ");
  return table({ id: "zone-table", page: 25, rows, search, filters, columns });
}

function nearly(rows) {
  const columns = [
    { of: "zone_id", head: w("zone"), show: zoneName, by: (row) => zoneName(row.zone_id) },
    { of: "level", head: w("level"), t: 1, show: w },
    { of: "residents", head: w("residents"), n: 1 },
    { of: "spillover", head: w("spilled"), n: 1 },
    { of: "spillover_days", head: w("spilledDays"), n: 1 },
    { of: "contacts", head: w("metThere"), n: 1 },
    { of: "secondary", head: w("linkedThere"), n: 1 },
    { of: "missing", head: w("missing"), show: (text) => list(text).map(lacks).join("; ") },
  ];
  return table({
    id: "nearly-table",
    page: 10,
    rows,
    search: (row) => zoneName(row.zone_id),
    columns,
  });
}

// `contacts 3 of 5` in words.
function lacks(text) {
  const [what, is, , least] = text.split(" ");
  return fill("lacks", w(`lack_${what}`), is, least);
}

// `elderly 3 · dialysis 1` of a zone.
const keyGroups = (id) =>
  (data.keyGroups[id] ?? []).map(([group, people]) => `${group} ${number(people)}`).join(" · ");
const keyPeople = (zone) =>
  (data.keyGroups[zone.id] ?? []).reduce((sum, [, people]) => sum + people, 0);

export function zones() {
  const prices = new Map(data.prices.map((row) => [row.zone_id, row]));
  const undrawn = data.prices.filter((row) => row.status === "not_drawn");
  return [
    soft(w("zonesHelp")),
    data.zones.length ? drawn(prices) : soft(w("none")),
    map(),
    undrawn.length > 0 && [make("h3", null, w("nearly")), soft(w("nearlyHelp")), nearly(undrawn)],
  ];
}
