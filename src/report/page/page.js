// The sections of the page, in order.
const section = (id, ...children) =>
  make("section", { id, "aria-label": w(id) }, make("h2", null, w(id)), ...children);
const soft = (...text) => make("p", { class: "soft" }, ...text);
// An authority without zones gets a page that does not speak of them.
const zoned = (...parts) => (data.drawsZones ? parts : []);
const spaced = (text) => list(text).join(" ");
const caseIds = data.cases.map((c) => c.id).slice(0, 500);
const byState = () => ({
  head: w("state"),
  values: ["isActive", "elapsed"],
  of: (row) => [row.state],
});
const byCase = () => ({ head: w("cases"), values: caseIds, of: (row) => list(row.cases) });

function header() {
  const title = `${w("asOf")} ${data.asOf.slice(0, 16).replace("T", " ")} · ${w("policy")} ${data.policy.name}`;
  const turn = () => {
    language = nextLanguage();
    draw();
  };
  return make(
    "header",
    null,
    make("h1", null, w("title")),
    make("span", null, title),
    make("button", { onclick: turn }, w("other")),
  );
}

function navigation() {
  const changed = data.changes ? ["changes"] : [];
  const ids = [
    ...changed,
    "curve",
    ...zoned("zones"),
    "contacts",
    "tests",
    "people_all",
    "timeline",
    "graph",
    "rules",
    "account",
  ];
  return make(
    "nav",
    null,
    ids.map((id) => make("a", { href: `#${id}` }, w(id))),
  );
}

function tiles() {
  const n = data.counts;
  const tile = (value, word, kind = "") =>
    make("div", { class: `tile ${kind}` }, make("b", null, value.toLocaleString()), w(word));
  return make(
    "div",
    { class: "tiles" },
    tile(n.cases, "cases", "mark"),
    tile(n.close, "close", "high"),
    tile(n.venue, "venue_exposed"),
    zoned(tile(n.high, "zonesHigh", "high"), tile(n.released, "zonesLow", "low")),
    tile(n.active, "active", "mark"),
    tile(n.links, "links"),
    tile(n.unknown, "unknown"),
  );
}

// Whom to call first, and which doors open next.
function whatNow() {
  const [first] = data.contacts,
    high = data.zones.filter((zone) => zone.status === "high");
  const opens = high.map((zone) => zone.downgrade_on).sort()[0];
  const next = high
    .filter((zone) => zone.downgrade_on === opens)
    .slice(0, 3)
    .map((zone) => zoneName(zone.id));
  return make(
    "p",
    null,
    first ? make("b", null, `${w("first")}: ${first.person}`) : null,
    first ? ` (${words(first.bases)}, ${spaced(first.cases)})` : null,
    high.length
      ? ` · ${high.length} ${w("doors")}, ${w("opens")} ${opens} (${next.join(", ")})`
      : null,
  );
}

function why(zone) {
  const often = `${zone.days} ${w("whyDays")}, ${zone.minutes} min`;
  const met = `${zone.contacts} ${w("whyContacts")}; ${zone.secondary} ${w("whySecondary")}`;
  return words(zone.bases) + (zone.bases.includes("activity") ? ` (${often}; ${met})` : "");
}

function zones() {
  const map = scaleMap(),
    asOf = day(data.asOf);
  const rows = data.zones.map((zone) => ({
    ...zone,
    why: why(zone),
    cases: spaced(zone.cases),
    left: Math.max(0, day(zone.downgrade_on) - asOf),
  }));
  const filters = [
    { head: w("status"), values: ["high", "low"], of: (row) => [row.status] },
    { head: w("level"), values: ["unit", "building", "place"], of: (row) => [row.level] },
  ];
  const columns = [
    { of: "id", head: w("zone"), show: (id) => make("span", { title: id }, zoneName(id)) },
    { of: "level", head: w("level"), t: 1, show: w },
    {
      of: "status",
      head: w("status"),
      t: 1,
      show: (status) => make("span", { class: `status ${status}` }, w(status)),
    },
    { of: "why", head: w("why") },
    { of: "cases", head: w("caseIds") },
    { of: "residents", head: w("residents"), n: 1 },
    { of: "present", head: w("present"), n: 1 },
    { of: "last_case", head: w("lastCase"), t: 1 },
    { of: "downgrade_on", head: w("downgrade"), t: 1 },
    { of: "left", head: w("daysLeft"), n: 1 },
  ];
  return section(
    "zones",
    soft(w("zonesHelp")),
    board(),
    map && [make("h3", null, w("map")), soft(w("mapHelp")), map],
    table({ id: "zone-table", page: 25, rows, search: ["id", "cases"], filters, columns }),
    make("h3", null, w("prices")),
    soft(w("pricesHelp")),
    prices(),
  );
}

function prices() {
  const columns = [
    { of: "zone_id", head: w("zone"), show: (id) => make("span", { title: id }, zoneName(id)) },
    { of: "level", head: w("level"), t: 1, show: w },
    { of: "status", head: w("status"), t: 1, show: w },
    { of: "residents", head: w("residents"), n: 1 },
    { of: "resident_days", head: w("residentDays"), n: 1 },
    { of: "spillover", head: w("spilled"), n: 1 },
    { of: "spillover_days", head: w("spilledDays"), n: 1 },
    { of: "contacts", head: w("metThere"), n: 1 },
    { of: "secondary", head: w("linkedThere"), n: 1 },
    { of: "smaller_residents", head: w("ifSmaller"), n: 1, show: (n) => n || "" },
    { of: "larger_residents", head: w("ifLarger"), n: 1, show: (n) => n || "" },
    { of: "missing", head: w("missing"), show: spaced },
  ];
  return table({ id: "price-table", page: 10, rows: data.prices, search: ["zone_id"], columns });
}

function contacts() {
  const columns = [
    { of: "rank", head: w("rank"), n: 1 },
    { of: "person", head: w("person"), t: 1 },
    { of: "cases", head: w("caseIds"), show: spaced },
    { of: "last", head: w("last"), t: 1, show: time },
    { of: "minutes", head: w("minutes"), n: 1 },
    { of: "peak", head: w("peak"), n: 1 },
    { of: "bases", head: w("bases"), show: words },
    {
      of: "places",
      head: w("places"),
      show: (places) => places.split(";").map(called).join(" · "),
    },
    { of: "release_on", head: w("release"), t: 1 },
    { of: "state", head: w("state"), t: 1, show: w },
  ];
  const [all, most] = [data.counts.close, data.mostContacts];
  return section(
    "contacts",
    soft(w("contactsHelp")),
    all > most
      ? make("p", null, `${w("contactsLeft")} ${most.toLocaleString()} / ${all.toLocaleString()}`)
      : null,
    table({
      id: "contact-table",
      rows: data.contacts,
      search: ["person"],
      filters: [byCase(), byState()],
      columns,
    }),
  );
}

function tests() {
  const days = [
    { of: "day", head: w("day"), t: 1 },
    { of: "county", head: w("county"), show: (county) => county || "—" },
    { of: "people", head: w("people"), n: 1 },
  ];
  const measures = [
    { of: "measure", head: w("measure"), t: 1, show: w },
    { of: "active", head: w("isActive"), n: 1 },
    { of: "elapsed", head: w("elapsed"), n: 1 },
  ];
  return section(
    "tests",
    table({ id: "test-table", page: 21, rows: data.tests, search: ["county"], columns: days }),
    make("h3", null, w("people_by")),
    table({ rows: data.measures, columns: measures }),
  );
}

function people() {
  const ofZones = {
    head: w("zone"),
    values: data.zones.map((zone) => zone.id).slice(0, 500),
    of: (row) => row.zones.split(";"),
    show: zoneName,
  };
  const byMeasure = {
    head: w("measure"),
    values: data.measures.map((row) => row.measure),
    of: (row) => [row.measure],
  };
  const columns = [
    { of: "person", head: w("person"), t: 1 },
    { of: "measure", head: w("measure"), t: 1, show: w },
    { of: "state", head: w("state"), t: 1, show: w },
    { of: "phases", head: w("phases"), show: phases },
    {
      of: "tests",
      head: w("testDays"),
      show: (days) =>
        days
          .split(";")
          .map((d) => d.slice(5))
          .join(" "),
    },
    { of: "release_on", head: w("release"), t: 1 },
    { of: "cases", head: w("caseIds"), show: spaced },
    ...zoned({ of: "zones", head: w("zone"), show: (ids) => list(ids).map(zoneName).join(" · ") }),
  ];
  const left = data.peopleLeftOut;
  return section(
    "people_all",
    soft(w("peopleHelp"), zoned(w("presenceHelp"))),
    left ? make("p", null, `${w("leftOut")} ${left.toLocaleString()} · measures.csv`) : null,
    table({
      id: "people-table",
      rows: data.people,
      page: 25,
      search: ["person"],
      filters: [byMeasure, byState(), ...zoned(ofZones), byCase()],
      columns,
    }),
  );
}

function account() {
  const counts = {
    rows: "read",
    used: "used",
    rejected: "rejected",
    repeated: "repeated",
    after_as_of: "late",
    inaccurate: "inaccurate",
    earlier_episode: "earlier",
  };
  const rows = [
    { of: "table", head: w("table") },
    ...Object.entries(counts).map(([of, word]) => ({ of, head: w(word), n: 1 })),
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
    { of: "check", head: w("check"), show: w },
    { of: "file", head: w("file") },
    { of: "line", head: w("line"), n: 1 },
    { of: "id", head: w("id") },
    { of: "value", head: w("value") },
    { of: "count", head: w("count"), n: 1 },
  ];
  const some = (id, rows, columns) =>
    rows.length ? table({ id, rows, page: 20, columns }) : soft(w("none"));
  return section(
    "account",
    table({ rows: data.rows, columns: rows }),
    make("h3", null, `${w("rejects")} (${data.rejected})`),
    some("reject-table", data.rejects, rejects),
    make("h3", null, `${w("checks")} (${data.checks.length})`),
    some("check-table", data.checks, checks),
  );
}

function draw() {
  document.documentElement.lang = language;
  document.title = `trace · ${data.asOf.slice(0, 10)}`;
  const late = data.counts.late
    ? make("p", { id: "late" }, `${data.counts.late.toLocaleString()} ${w("lateRows")}`)
    : null;
  const values = [
    { of: "key", head: w("key"), t: 1 },
    { of: "value", head: w("value") },
    { of: "source", head: w("source") },
  ];
  const parts = [
    header(),
    navigation(),
    tiles(),
    whatNow(),
    late,
    soft(w("degree"), zoned(w("ofNotice"))),
    changes(),
    section("curve", curve()),
    ...(data.drawsZones ? [zones()] : []),
    contacts(),
    tests(),
    people(),
    section("timeline", soft(w("timelineHelp")), timelines()),
    section(
      "graph",
      soft(w("graphHelp")),
      clusters(),
      make("h3", null, w("ego")),
      soft(w("egoHelp")),
      ego(),
    ),
    section(
      "rules",
      make("p", null, data.policy.title),
      table({ rows: data.values, page: 60, columns: values }),
    ),
    account(),
  ];
  document.getElementById("page").replaceChildren(...parts.filter(Boolean));
}
draw();
