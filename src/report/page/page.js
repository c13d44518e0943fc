function draw() {
  document.documentElement.lang = zh ? "zh" : "en";
  document.title = `trace · ${data.asOf.slice(0, 10)}`;
  const asOf = day(data.asOf), n = data.counts, caseIds = data.cases.map((c) => c.id).slice(0, 500);
  const tile = (value, word, kind) => make("div", { class: `tile ${kind || ""}` }, make("b", null, value.toLocaleString()), w(word));
  const section = (id, ...children) => make("section", { id, "aria-label": w(id) }, make("h2", null, w(id)), ...children);
  // An authority without zones gets a page that does not speak of them.
  const zoned = (...parts) => (data.drawsZones ? parts : []);
  const nav = [...(data.changes ? ["changes"] : []), "curve", ...zoned("zones"), "contacts", "tests", "people_all", "timeline", "graph", "rules", "account"];
  const why = (zone) => {
    const [days, minutes, met, later] = zone[14];
    const seen = zone[8].includes("activity") ? ` (${days} ${w("whyDays")}, ${minutes} min; ${met} ${w("whyContacts")}; ${later} ${w("whySecondary")})` : "";
    return words(zone[8]) + seen;
  };
  const zoneRows = data.zones.map((z) => [z[0], z[1], z[2], why(z), z[9].join(" "), z[10], z[11], z[12], z[13], Math.max(0, day(z[13]) - asOf)]);
  const map = scaleMap();
  const high = data.zones.filter((zone) => zone[2] === "high"), opens = high.map((zone) => zone[13]).sort()[0], first = data.contacts[0];
  document.getElementById("page").replaceChildren(...[
    make("header", null, make("h1", null, w("title")), make("span", null, `${w("asOf")} ${data.asOf.slice(0, 16).replace("T", " ")} · ${w("policy")} ${data.policy.name}`),
      make("button", { onclick: () => { zh = 1 - zh; draw(); } }, w("other"))),
    make("nav", null, nav.map((id) => make("a", { href: `#${id}` }, w(id)))),
    make("div", { class: "tiles" }, tile(n.cases, "cases", "mark"), tile(n.close, "close", "high"), tile(n.venue, "venue_exposed"), zoned(tile(n.high, "zonesHigh", "high"), tile(n.released, "zonesLow", "low")), tile(n.active, "active", "mark"), tile(n.links, "links"), tile(n.unknown, "unknown")),
    make("p", null, first ? make("b", null, `${w("first")}: ${first[1]}`) : null, first ? ` (${words(first[6])}, ${first[2].split(";").join(" ")})` : null, high.length ? ` · ${high.length} ${w("doors")}, ${w("opens")} ${opens} (${high.filter((zone) => zone[13] === opens).map((zone) => zoneName(zone[0])).slice(0, 3).join(", ")})` : null),
    n.late ? make("p", { id: "late" }, `${n.late.toLocaleString()} ${w("lateRows")}`) : null,
    make("p", { class: "soft" }, w("degree"), zoned(w("ofNotice"))),
    changes(),
    section("curve", curve()),
    ...zoned(section("zones", make("p", { class: "soft" }, w("zonesHelp")), board(), map && [make("h3", null, w("map")), make("p", { class: "soft" }, w("mapHelp")), map], table({ id: "zone-table", page: 25, rows: zoneRows, search: [0, 4],
      filters: [{ head: w("status"), values: ["high", "low"], of: (row) => [row[2]] }, { head: w("level"), values: ["unit", "building", "place"], of: (row) => [row[1]] }],
      columns: [{ head: w("zone"), show: (v) => make("span", { title: v }, zoneName(v)) }, { head: w("level"), t: 1, show: w }, { head: w("status"), t: 1, show: (v) => make("span", { class: `status ${v}` }, w(v)) }, { head: w("why") }, { head: w("caseIds") }, { head: w("residents"), n: 1 }, { head: w("present"), n: 1 }, { head: w("lastCase"), t: 1 }, { head: w("downgrade"), t: 1 }, { head: w("daysLeft"), n: 1 }] }))),
    section("contacts", make("p", { class: "soft" }, w("contactsHelp")), n.close > data.mostContacts ? make("p", null, `${w("contactsLeft")} ${data.mostContacts.toLocaleString()} / ${n.close.toLocaleString()}`) : null, table({ id: "contact-table", rows: data.contacts, search: [1],
      filters: [{ head: w("cases"), values: caseIds, of: (row) => row[2].split(";") }, { head: w("state"), values: ["isActive", "elapsed"], of: (row) => [row[9]] }],
      columns: [{ head: w("rank"), n: 1 }, { head: w("person"), t: 1 }, { head: w("caseIds"), show: (v) => v.split(";").join(" ") }, { head: w("last"), t: 1, show: time }, { head: w("minutes"), n: 1 }, { head: w("peak"), n: 1 }, { head: w("bases"), show: words }, { head: w("places"), show: (v) => v.split(";").map(called).join(" · ") }, { head: w("release"), t: 1 }, { head: w("state"), t: 1, show: w }] })),
    section("tests", table({ id: "test-table", page: 21, rows: data.tests, search: [1], columns: [{ head: w("day"), t: 1 }, { head: w("county"), show: (v) => v || "—" }, { head: w("people"), n: 1 }] }),
      make("h3", null, w("people_by")), table({ rows: data.measures, columns: [{ head: w("measure"), t: 1, show: w }, { head: w("isActive"), n: 1 }, { head: w("elapsed"), n: 1 }] })),
    section("people_all", make("p", { class: "soft" }, w("peopleHelp"), zoned(w("presenceHelp"))), data.people.leftOut ? make("p", null, `${w("leftOut")} ${data.people.leftOut.toLocaleString()} · measures.csv`) : null, table({ id: "people-table", rows: data.people.rows, page: 25, search: [0],
      filters: [{ head: w("measure"), values: data.measures.map((row) => row[0]), of: (row) => [row[1]] }, { head: w("state"), values: ["isActive", "elapsed"], of: (row) => [row[2]] },
        ...zoned({ head: w("zone"), values: zoneRows.map((row) => row[0]).slice(0, 500), of: (row) => row[7].split(";"), show: zoneName }), { head: w("cases"), values: caseIds, of: (row) => row[6].split(";") }],
      columns: [{ head: w("person"), t: 1 }, { head: w("measure"), t: 1, show: w }, { head: w("state"), t: 1, show: w }, { head: w("phases"), show: phases }, { head: w("testDays"), show: (v) => v.split(";").map((d) => d.slice(5)).join(" ") }, { head: w("release"), t: 1 }, { head: w("caseIds"), show: (v) => v.split(";").join(" ") }, ...zoned({ head: w("zone"), show: (v) => v.split(";").filter(Boolean).map(zoneName).join(" · ") })] })),
    section("timeline", make("p", { class: "soft" }, w("timelineHelp")), timelines()),
    section("graph", make("p", { class: "soft" }, w("graphHelp")), clusters(), make("h3", null, w("ego")), make("p", { class: "soft" }, w("egoHelp")), ego()),
    section("rules", make("p", null, data.policy.title), table({ rows: data.policy.values, page: 60, columns: [{ head: w("key"), t: 1 }, { head: w("value") }, { head: w("source") }] })),
    section("account", table({ rows: data.rows, columns: [{ head: w("table") }, ...["read", "used", "rejected", "repeated", "late", "inaccurate", "earlier"].map((head) => ({ head: w(head), n: 1 }))] }),
      make("h3", null, `${w("rejects")} (${data.rejected})`), data.rejects.length ? table({ id: "reject-table", rows: data.rejects, page: 20, columns: [{ head: w("file") }, { head: w("line"), n: 1 }, { head: w("column") }, { head: w("value") }, { head: w("reason") }, { head: w("fate"), show: w }] }) : make("p", { class: "soft" }, w("none")),
      make("h3", null, `${w("checks")} (${data.checks.length})`), data.checks.length ? table({ id: "check-table", rows: data.checks, page: 20, columns: [{ head: w("check"), show: w }, { head: w("file") }, { head: w("line"), n: 1 }, { head: w("id") }, { head: w("value") }, { head: w("count"), n: 1 }] }) : make("p", { class: "soft" }, w("none"))),
  ].filter(Boolean));
}
draw();
