function curve() {
  const days = [...data.curve.map((row) => day(row.day))];
  if (!days.length) return null;
  const first = Math.min(...days),
    last = Math.max(...days),
    most = Math.max(...data.curve.map((row) => Math.max(row.onset, row.confirmed)));
  const step = Math.max(12, Math.min(48, 1000 / (last - first + 1))),
    height = 180,
    width = (last - first + 1) * step + 50;
  const bars = data.curve.map(({ day: date, onset, confirmed }) => {
    const x = 40 + (day(date) - first) * step,
      y = (n) => height - 24 - (n / most) * (height - 50);
    const bar = (n, kind, dx) =>
      n
        ? make(
            "rect",
            { x: x + dx, y: y(n), width: step * 0.4, height: height - 24 - y(n), class: kind },
            make("svgtitle", null, `${date} ${w(kind)}: ${n}`),
          )
        : null;
    return make(
      "g",
      null,
      bar(onset, "onset", step * 0.08),
      bar(confirmed, "confirmed", step * 0.5),
    );
  });
  const every = Math.ceil(46 / step),
    labels = [];
  for (let d = first; d <= last; d += every)
    labels.push(make("text", { x: 40 + (d - first) * step, y: height - 8 }, show(d).slice(5)));
  return [
    make(
      "div",
      { class: "legend" },
      make("span", { class: "a" }, make("i"), w("onset")),
      make("span", { class: "b" }, make("i"), w("confirmed")),
    ),
    make(
      "svg",
      { viewBox: `0 0 ${width} ${height}`, width, height, role: "img", "aria-label": w("curve") },
      make("line", { x1: 36, x2: width, y1: height - 24, y2: height - 24, class: "axis" }),
      make("text", { x: 4, y: 32 }, String(most)),
      make("text", { x: 4, y: height - 24 }, "0"),
      bars,
      labels,
    ),
  ];
}

function timelines() {
  const shown = data.cases.slice(0, 60);
  return shown
    .map((c) => {
      const [start, end] = [day(c.window[0]), day(c.window[1]) + 1],
        width = 900,
        scale = (width - 20) / Math.max(1, end - start);
      const x = (text) => 10 + (Date.parse(text.slice(0, 19) + "Z") / 864e5 - start) * scale;
      const places = [...new Set(c.stays.map(([place]) => place))].slice(0, 14),
        line = 17;
      const height = places.length * line + 26,
        from = x(c.window[0]),
        until = x(c.window[1]);
      const rows = c.stays
        .filter(([place]) => places.includes(place))
        .map(([place, a, b, met, dated]) =>
          make(
            "rect",
            {
              x: x(a),
              y: 6 + places.indexOf(place) * line,
              width: Math.max(2, x(b) - x(a)),
              height: 11,
              rx: 2,
              class: `${met ? "met" : "stay"}${dated ? " dated" : ""}`,
            },
            make(
              "svgtitle",
              null,
              `${called(place)} (${place}) ${time(a)} – ${time(b)}${dated ? ` · ${w("date_only")}` : ""}`,
            ),
          ),
        );
      const labels = places.map((place, n) =>
          make("text", { x: width + 6, y: 15 + n * line }, called(place)),
        ),
        days = [];
      for (let d = start; d < end; d++)
        days.push(
          make("text", { x: 10 + (d - start) * scale + 2, y: height - 4 }, show(d).slice(5)),
        );
      return make(
        "details",
        { id: `case-${c.id}` },
        make(
          "summary",
          null,
          make("b", null, c.id),
          ` · ${w("onset")} ${c.onset || "—"} · ${w("confirmed")} ${time(c.confirmed)}`,
          ` · ${c.contacts} ${w("close")}`,
        ),
        make(
          "svg",
          {
            viewBox: `0 0 ${width + 190} ${height}`,
            width: width + 190,
            height,
            role: "img",
            "aria-label": c.id,
          },
          make("rect", {
            x: from,
            y: 0,
            width: Math.max(0, until - from),
            height: height - 16,
            class: "window",
          }),
          rows,
          labels,
          days,
        ),
      );
    })
    .concat(
      data.cases.length > 60
        ? [make("p", { class: "soft" }, `${w("leftOut")} ${data.cases.length - 60}`)]
        : [],
    );
}

function clusters() {
  const anchors = new Map(data.cases.map((c) => [c.id, day(c.anchor)])),
    out = [];
  let drawn = 0,
    left = 0;
  for (const members of data.clusters) {
    if (drawn + members.length > 300) {
      left += members.length;
      continue;
    }
    drawn += members.length;
    const days = members.map((id) => anchors.get(id)),
      first = Math.min(...days),
      span = Math.max(1, Math.max(...days) - first);
    const perDay = new Map(),
      at = new Map(),
      width = Math.min(1000, 140 + span * 110);
    for (const id of members) {
      const d = anchors.get(id),
        n = perDay.get(d) || 0;
      perDay.set(d, n + 1);
      at.set(id, [50 + ((d - first) / span) * (width - 150), 26 + n * 40]);
    }
    const height = Math.max(...[...at.values()].map(([, y]) => y)) + 34;
    const edges = data.links
      .filter(
        (link) =>
          at.has(link.earlier) &&
          at.has(link.later) &&
          anchors.get(link.earlier) <= anchors.get(link.later),
      )
      .map(({ earlier: a, later: b, minutes }) => {
        const [fromX, fromY] = at.get(a),
          [toX, toY] = at.get(b),
          bend = (fromX + toX) / 2 + (fromX === toX ? -34 : 0);
        return make(
          "path",
          {
            d: `M${fromX},${fromY} C${bend},${fromY} ${bend},${toY} ${toX},${toY}`,
            class: "edge",
            "stroke-width": minutes > 240 ? 2.5 : 1.2,
          },
          make("svgtitle", null, `${a} → ${b}: ${minutes} min`),
        );
      });
    const nodes = [...at].map(([id, [x, y]]) =>
      make(
        "g",
        null,
        make("circle", { cx: x, cy: y, r: 6, class: "node" }),
        make("text", { x, y: y - 10, "text-anchor": "middle" }, id),
      ),
    );
    const labels = [...perDay.keys()].map((d) =>
      make(
        "text",
        { x: 50 + ((d - first) / span) * (width - 150) - 14, y: height - 6 },
        show(d).slice(5),
      ),
    );
    out.push(
      make(
        "svg",
        {
          viewBox: `0 0 ${width} ${height}`,
          width,
          height,
          role: "img",
          "aria-label": members.join(" "),
        },
        edges,
        nodes,
        labels,
      ),
    );
  }
  if (left) out.push(make("p", { class: "soft" }, `${w("leftOut")} ${left}`));
  return out.length ? out : [make("p", { class: "soft" }, w("none"))];
}
