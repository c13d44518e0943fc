// The lists of people: close contacts, and everybody with a measure.
import { data, part, persons } from "./data.js";
import { soft } from "./dom.js";
import { open, personLink, personLinks } from "./person.js";
import { table } from "./table.js";
import {
  called,
  days,
  fill,
  home,
  list,
  moment,
  number,
  phases,
  personName,
  short,
  w,
  words,
  zoneName,
} from "./words.js";

const has = (field) => persons.some((of) => of[field]);
const cell = (field, head, t) => ({
  of: "person",
  head: w(head),
  t,
  show: (n) => persons[n][field],
  by: (row) => persons[row.person][field],
});
const who = () => [
  {
    of: "person",
    head: w("person"),
    show: personLink,
    by: (row) => personName(row.person),
    csv: (row) => personName(row.person),
  },
  ...(has("phone") ? [cell("phone", "phone", 1)] : []),
  ...(has("address") || has("building")
    ? [
        {
          of: "person",
          head: w("address"),
          show: (n) => persons[n].address || home(persons[n]),
          by: (row) => persons[row.person].address || home(persons[row.person]),
        },
      ]
    : []),
  ...(has("name") ? [cell("id", "id", 1)] : []),
];
const search = (row) => {
  const of = persons[row.person];
  return [of.name, of.id, of.phone, of.address, of.compound, home(of)].join(" ");
};
// Values of a filter, the commonest first.
function values(rows, of) {
  const count = new Map();
  for (const value of rows.flatMap(of))
    if (value || value === 0) count.set(value, (count.get(value) ?? 0) + 1);
  return [...count]
    .toSorted((a, b) => b[1] - a[1])
    .slice(0, 500)
    .map(([value]) => value);
}
const byState = () => ({
  head: w("state"),
  values: ["isActive", "elapsed"],
  of: (row) => [row.state],
});
const byCase = (rows) => ({
  head: w("cases"),
  values: values(rows, (row) => row.cases),
  of: (row) => row.cases,
  show: personName,
});
const compound = (row) => persons[row.person].compound;
const byCompound = (rows) => ({
  head: w("compound"),
  values: values(rows, (row) => [compound(row)]),
  of: (row) => [compound(row)],
  show: String,
});

export async function contacts() {
  const plans = new Map((await part("people")).map((row) => [row.person, row]));
  const rows = (await part("contacts")).map((row) => {
    const plan = plans.get(row.person);
    return { ...row, release_on: plan?.release_on ?? "", state: plan?.state ?? "" };
  });
  const columns = [
    { of: "rank", head: w("rank"), n: 1 },
    ...who(),
    {
      of: "cases",
      head: w("caseIds"),
      show: personLinks,
      by: (row) => row.cases[0] ?? -1,
      csv: (row) => row.cases.map(personName).join(" "),
    },
    { of: "last", head: w("last"), t: 1, show: moment },
    { of: "peak", head: w("peak"), n: 1, show: number },
    { of: "minutes", head: w("minutes"), n: 1, show: number },
    { of: "bases", head: w("why"), show: words },
    { of: "places", head: w("places"), show: (places) => list(places).map(called).join(" · ") },
    { of: "release_on", head: w("release"), t: 1, show: short },
  ];
  const groups = [
    { head: w("byRank") },
    {
      head: w("byPlace"),
      of: (row) => list(row.places)[0] ?? "",
      show: (place) => (place ? called(place) : w("noPlace")),
    },
    {
      head: w("byCompound"),
      of: (row) => compound(row),
      show: (name) => name || w("county_unknown"),
    },
    { head: w("byCase"), of: (row) => row.cases[0] ?? -1, show: (n) => personName(n) },
  ];
  const left = data.leftOut.contacts;
  return [
    soft(w("contactsHelp")),
    left > 0 && soft(fill("contactsLeft", number(left))),
    data.leftOut.proof > 0 && soft(fill("proofLeft", number(data.leftOut.proof))),
    table({
      id: "contact-table",
      rows,
      columns,
      groups,
      search,
      filters: [byCase(rows), byCompound(rows), byState()],
      onrow: (row) => open(row.person),
    }),
  ];
}

export async function people() {
  const rows = await part("people");
  const zones = {
    head: w("zone"),
    values: values(rows, (row) => list(row.zones)),
    of: (row) => list(row.zones),
    show: zoneName,
  };
  const measures = {
    head: w("measure"),
    values: data.measures.map((row) => row.measure),
    of: (row) => [row.measure],
  };
  const columns = [
    ...who(),
    { of: "measure", head: w("measure"), show: w },
    { of: "state", head: w("state"), t: 1, show: w },
    { of: "phases", head: w("phases"), show: phases },
    { of: "tests", head: w("testDays"), show: days },
    { of: "release_on", head: w("release"), t: 1, show: short },
    {
      of: "cases",
      head: w("caseIds"),
      show: personLinks,
      csv: (row) => row.cases.map(personName).join(" "),
    },
    ...(data.drawsZones
      ? [{ of: "zones", head: w("zone"), show: (ids) => list(ids).map(zoneName).join(" · ") }]
      : []),
  ];
  const left = data.leftOut.people;
  return [
    soft(w("peopleHelp"), data.drawsZones ? w("presenceHelp") : null),
    left > 0 && soft(fill("peopleLeft", number(left))),
    table({
      id: "people-table",
      rows,
      columns,
      page: 25,
      search,
      filters: [
        measures,
        byState(),
        ...(data.drawsZones ? [zones] : []),
        byCase(rows),
        byCompound(rows),
      ],
      onrow: (row) => open(row.person),
    }),
  ];
}
