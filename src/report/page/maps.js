// Where the doors are: county, compound, building, and in each building its units.
function board() {
  const group = (rows, key) => {
    const groups = new Map();
    for (const row of rows) groups.set(key(row), [...(groups.get(key(row)) || []), row]);
    return [...groups];
  };
  const cell = (zone, name) =>
    make(
      "span",
      {
        class: `cell ${zone.status}`,
        title: `${zone.id} · ${w(zone.status)} · ${w("downgrade")} ${zone.downgrade_on}`,
      },
      zone.status === "high" ? `${name} → ${zone.downgrade_on.slice(5)}` : name,
    );
  const shown = data.zones.slice(0, 400);
  const counties = group(shown, (zone) => zone.county || "—").map(([county, zones]) => {
    const [placed, others] = [
      zones.filter((zone) => zone.level !== "place"),
      zones.filter((zone) => zone.level === "place"),
    ];
    const compounds = group(placed, (zone) => zone.compound || "—").map(([compound, inside]) =>
      make(
        "div",
        { class: "compound" },
        make("h4", null, compound),
        group(inside, (zone) => zone.building).map(([building, units]) =>
          make(
            "div",
            { class: "house" },
            make("span", { class: "soft" }, `${building} `),
            units.map((zone) => cell(zone, zone.level === "building" ? w("building") : zone.unit)),
          ),
        ),
      ),
    );
    return make(
      "div",
      { class: "county" },
      make("h3", null, county),
      compounds,
      others.length
        ? make(
            "div",
            { class: "compound" },
            make("h4", null, w("place")),
            others.map((zone) => cell(zone, called(zone.place))),
          )
        : null,
    );
  });
  return [
    make("div", { class: "board" }, counties),
    data.zones.length > shown.length
      ? make("p", { class: "soft" }, `${w("leftOut")} ${data.zones.length - shown.length}`)
      : null,
  ];
}

// Zones at their coordinates; a degree of longitude is as long as it is at their latitude.
function scaleMap() {
  const zones = data.zones.filter((zone) => data.points && data.points[zone.id]);
  const points = zones.flatMap((zone) =>
    data.points[zone.id].map(([lon, lat]) => [lon, lat, zone]),
  );
  if (!points.length) return null;
  const lons = points.map(([lon]) => lon),
    lats = points.map(([, lat]) => lat);
  const least = (list) => list.reduce((a, b) => Math.min(a, b)),
    most = (list) => list.reduce((a, b) => Math.max(a, b));
  const middle = (least(lats) + most(lats)) / 2,
    east = 111320 * Math.cos((middle * Math.PI) / 180),
    north = 110574;
  const wide = Math.max(200, (most(lons) - least(lons)) * east),
    high = Math.max(200, (most(lats) - least(lats)) * north);
  const scale = Math.min(860 / wide, 260 / high),
    width = wide * scale + 200,
    height = high * scale + 90;
  const x = (lon) => 40 + (lon - least(lons)) * east * scale,
    y = (lat) => 30 + (most(lats) - lat) * north * scale;
  const marks = points.map(([lon, lat, zone]) =>
    make(
      "g",
      null,
      zone.status === "high"
        ? make("rect", { x: x(lon) - 5, y: y(lat) - 5, width: 10, height: 10, class: "met" })
        : make("circle", { cx: x(lon), cy: y(lat), r: 5, class: "ring" }),
      make(
        "svgtitle",
        null,
        `${zone.id} · ${w(zone.status)} · ${w("downgrade")} ${zone.downgrade_on}`,
      ),
    ),
  );
  const named =
    zones.length <= 40
      ? zones.map((zone) => {
          const [lon, lat] = data.points[zone.id][0];
          return make(
            "text",
            { x: x(lon) + 9, y: y(lat) + 4 },
            zone.level === "place"
              ? called(zone.place)
              : [zone.compound, zone.building, zone.unit].filter(Boolean).join(" · "),
          );
        })
      : [];
  const metres = 10 ** Math.floor(Math.log10(wide / 2)),
    bar = metres * scale;
  return make(
    "svg",
    { viewBox: `0 0 ${width} ${height}`, width, height, role: "img", "aria-label": w("map") },
    marks,
    named,
    make("path", { d: `M40,${height - 22} v6 h${bar} v-6`, class: "edge" }),
    make(
      "text",
      { x: 46 + bar, y: height - 14 },
      metres >= 1000 ? `${metres / 1000} km` : `${metres} m`,
    ),
  );
}

const EGO = 240;

// One case in the middle, its contacts around it on rings, the first by rank inside.
function ego() {
  const holder = make("div"),
    of = (id) => data.contacts.filter((row) => list(row.cases).includes(id));
  const show = (id) => {
    const all = of(id),
      shown = all.slice(0, EGO);
    let rings = 0;
    for (let n = 0; n < shown.length; rings += 1) n += (rings + 1) * 18;
    const size = 2 * (40 + rings * 38) + 60,
      middle = size / 2,
      at = [];
    for (let n = 0, ring = 1; n < shown.length; ring += 1) {
      const room = Math.min(ring * 18, shown.length - n);
      for (let k = 0; k < room; k += 1, n += 1) {
        const angle = (k / room) * 2 * Math.PI + ring * 0.35,
          far = 40 + ring * 38;
        at.push([middle + far * Math.cos(angle), middle + far * Math.sin(angle)]);
      }
    }
    const others = (row) => list(row.cases).filter((other) => other !== id);
    const lines = shown.map((row, n) =>
      make("path", {
        d: `M${middle},${middle} L${at[n][0].toFixed(1)},${at[n][1].toFixed(1)}`,
        class: "ray",
        "stroke-width": row.minutes > 240 ? 1.6 : 0.7,
        "stroke-dasharray": others(row).length ? "4 3" : undefined,
      }),
    );
    const nodes = shown.map((row, n) =>
      make(
        "g",
        null,
        make("circle", {
          cx: at[n][0].toFixed(1),
          cy: at[n][1].toFixed(1),
          r: row.bases.includes("household") ? 6 : 4,
          class: row.bases.includes("household") ? "met" : "stay",
        }),
        make(
          "svgtitle",
          null,
          `${row.rank}. ${row.person} · ${row.minutes} min · ${words(row.bases)}`,
          others(row).length ? ` · ${w("alsoOf")} ${others(row).join(" ")}` : null,
        ),
      ),
    );
    const linked = data.links.filter((link) => link.earlier === id).map((link) => link.later);
    holder.replaceChildren(
      make(
        "svg",
        {
          viewBox: `0 0 ${size} ${size}`,
          width: size,
          height: size,
          role: "img",
          "aria-label": `${w("ego")} ${id}`,
        },
        lines,
        nodes,
        make("circle", { cx: middle, cy: middle, r: 9, class: "node" }),
        make("text", { x: middle, y: middle - 14, "text-anchor": "middle", class: "over" }, id),
      ),
      make(
        "p",
        { class: "soft" },
        `${shown.length} ${w("shownOf")} ${all.length} · ${w("links")}: ${linked.join(" ") || w("none")}`,
      ),
    );
  };
  const ids = [...data.cases].sort((a, b) => b.contacts - a.contacts).map((c) => c.id);
  if (!ids.length) return null;
  show(ids[0]);
  return make(
    "div",
    { id: "ego" },
    make(
      "div",
      { class: "bar" },
      make(
        "label",
        null,
        `${w("chooseCase")} `,
        make(
          "select",
          { onchange: (event) => show(event.target.value) },
          ids.map((id) => make("option", { value: id }, id)),
        ),
      ),
    ),
    holder,
  );
}

// What is new since the output that this one replaced.
function changes() {
  const c = data.changes;
  if (!c) return null;
  const named = (key, ids) =>
    ids.length
      ? make(
          "p",
          null,
          make("b", null, `${w(key)} (${ids.length}): `),
          ids.slice(0, 40).map(zoneName).join(", ") + (ids.length > 40 ? " …" : ""),
        )
      : null;
  return make(
    "section",
    { id: "changes", "aria-label": w("changes") },
    make("h2", null, w("changes")),
    make(
      "p",
      { class: "soft" },
      `${w("before")} ${(c.since || "").slice(0, 16).replace("T", " ")} · ${c.cases_before} ${w("cases")}`,
    ),
    make(
      "p",
      null,
      `+${c.new_contacts} ${w("newContacts")} · −${c.contacts_no_longer} ${w("noLonger")}`,
    ),
    named("newZones", c.new_zones),
    named("releasedZones", c.released_zones),
    named("goneZones", c.zones_no_longer),
  );
}
