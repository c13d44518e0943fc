"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const WORDS = {
    title: ["Contact tracing", "流调溯源分析"], asOf: ["as of", "截至"], policy: ["policy", "政策"], other: ["中文", "English"],
    cases: ["cases", "感染者"], close: ["close contacts", "密切接触者"], zonesHigh: ["high-risk zones", "高风险区"], zonesLow: ["released zones", "已降级"], active: ["people under measures now", "当前管控人数"], links: ["links between cases", "病例间关联"], unknown: ["cases without a known source", "来源不明病例"],
    degree: ["First degree only: contacts of contacts are not determined (the Notice, measure 2).", "仅判定第一层密接，不判定密接的密接（《通知》第二条）。"],
    curve: ["Epidemic curve", "流行曲线"], onset: ["onset", "发病"], confirmed: ["confirmed", "确诊"],
    zones: ["Risk zones", "风险区"], zonesHelp: ["Which doors are closed, until when, and why. A zone is a unit, a building or a place; it is never wider.", "哪些单元、楼栋或场所被划定，何时降级，依据为何；不随意扩大。"],
    zone: ["zone", "风险区"], level: ["level", "级别"], status: ["status", "状态"], high: ["high", "高"], low: ["released", "已降为低"], why: ["why", "依据"], residents: ["residents", "居住人数"], present: ["visitors", "到访人数"], downgrade: ["low from", "降级日期"], daysLeft: ["days left", "剩余天数"], caseIds: ["cases", "相关病例"],
    contacts: ["Close contacts, the first to call first", "密切接触者（按优先次序）"], contactsHelp: ["Household first, then longer exposure. Input rows behind every line are in evidence.csv.", "先同住，后按暴露时长排序；每一条的原始记录见 evidence.csv。"],
    person: ["person", "人员"], rank: ["rank", "次序"], last: ["last exposure", "末次暴露"], minutes: ["minutes", "分钟"], peak: ["most in window", "窗口内最长"], bases: ["basis", "判定依据"], places: ["places", "地点"], measure: ["measure", "管控措施"], release: ["release on", "解除日期"], state: ["state", "执行状态"],
    search: ["search by id…", "按编号查找…"], all: ["all", "全部"], rows: ["rows", "条"], prev: ["back", "上一页"], next: ["on", "下一页"],
    timeline: ["Cases: where and when", "病例轨迹"], timelineHelp: ["Shaded: the infectious window. Blue: stays at a place. Red: close contacts were met there.", "阴影为传染期；蓝色为停留；红色表示在该处有密切接触者。"],
    graph: ["Clusters of linked cases", "关联病例聚集"], graphHelp: ["A line is an exposure between two cases, from left (earlier anchor) to right. It does not say who infected whom.", "连线表示两例病例之间有达到阈值的暴露，不代表传播方向的认定。"], leftOut: ["left out of the picture:", "图中未显示："],
    tests: ["Tests by day and county", "每日核酸检测人数（按县区）"], day: ["day", "日期"], county: ["county", "县区"], people: ["people", "人数"],
    rules: ["Policy", "政策参数"], key: ["value of", "参数"], value: ["value", "取值"], source: ["source", "来源"],
    account: ["Rows", "数据行核对"], table: ["table", "表"], read: ["read", "读取"], used: ["used", "使用"], rejected: ["rejected", "拒绝"], repeated: ["repeated", "重复"], late: ["after as-of", "晚于截至"], inaccurate: ["too inaccurate", "精度不足"], rejects: ["Rejected rows", "被拒绝的行"], file: ["file", "文件"], line: ["line", "行"], column: ["column", "列"], reason: ["reason", "原因"],
    none: ["none", "无"], unit: ["unit", "单元"], building: ["building", "楼栋"], place: ["place", "场所"],
    residence: ["residence", "居住地"], activity: ["activity", "活动地"], escalated: ["several units", "多单元"], expanded: ["expanded", "扩大"],
    close_contact: ["close contact", "密切接触者"], spillover: ["spillover", "高风险区外溢人员"], venue_exposed: ["venue-exposed", "涉疫场所暴露人员"], closed_loop: ["closed loop", "结束闭环人员"],
    gps: ["positions", "定位"], household: ["household", "同住"], proximity: ["proximity", "近距离"], seat_unknown: ["seat unknown", "座位不明"], transport: ["transport", "同乘"], venue: ["venue", "同场所"],
    isActive: ["active", "执行中"], elapsed: ["elapsed", "已期满"], people_by: ["People by measure", "各类管控人数"],
  };
  let zh = document.documentElement.lang === "zh" ? 1 : 0;
  const w = (key) => (WORDS[key] ? WORDS[key][zh] : key);
  const words = (list) => list.split(";").filter(Boolean).map(w).join(" · ");

  // Text is only ever set as text: nothing in the data becomes markup.
  const make = (tag, attributes, ...children) => {
    const svg = ["svg", "rect", "path", "text", "circle", "line", "g", "title"].includes(tag) && tag !== "title" || tag === "svgtitle";
    const node = svg ? document.createElementNS("http://www.w3.org/2000/svg", tag === "svgtitle" ? "title" : tag) : document.createElement(tag);
    for (const [name, value] of Object.entries(attributes || {})) {
      if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
      else if (value !== undefined) node.setAttribute(name, value);
    }
    for (const child of children.flat()) if (child !== null && child !== undefined) node.append(child);
    return node;
  };
  const day = (text) => Date.parse(text.slice(0, 10) + "T00:00:00Z") / 864e5;
  const show = (days) => new Date(days * 864e5).toISOString().slice(0, 10);
  const time = (text) => text.slice(5, 16).replace("T", " ");

  function table({ columns, rows, search, filters = [], page = 50, id }) {
    let order = null, text = "", at = 0;
    const chosen = filters.map(() => "");
    const body = make("tbody"), count = make("span", { class: "soft", "aria-live": "polite" });
    const back = make("button", { onclick: () => { at -= page; draw(); } }, w("prev"));
    const on = make("button", { onclick: () => { at += page; draw(); } }, w("next"));
    const heads = columns.map((column, n) => make("th", { class: column.n ? "n" : undefined, scope: "col" },
      make("button", { onclick: () => { order = order && order[0] === n ? [n, -order[1]] : [n, 1]; at = 0; draw(); } }, column.head)));
    function draw() {
      let found = rows;
      if (text) found = found.filter((row) => search.some((n) => String(row[n]).toLowerCase().includes(text)));
      filters.forEach((filter, n) => { if (chosen[n]) found = found.filter((row) => filter.of(row).includes(chosen[n])); });
      if (order) {
        const [n, sign] = order, numeric = columns[n].n;
        found = found.slice().sort((a, b) => sign * (numeric ? a[n] - b[n] : String(a[n]) < String(b[n]) ? -1 : String(a[n]) > String(b[n]) ? 1 : 0));
      }
      at = Math.max(0, Math.min(at, Math.floor(Math.max(0, found.length - 1) / page) * page));
      heads.forEach((head, n) => head.setAttribute("aria-sort", order && order[0] === n ? (order[1] > 0 ? "ascending" : "descending") : "none"));
      body.replaceChildren(...found.slice(at, at + page).map((row) => make("tr", null, columns.map((column, n) =>
        make("td", { class: [column.n ? "n" : "", column.t ? "t" : ""].join(" ").trim() || undefined }, column.show ? column.show(row[n], row) : String(row[n]))))));
      count.textContent = `${found.length ? at + 1 : 0}–${Math.min(at + page, found.length)} / ${found.length} ${w("rows")}`;
      back.disabled = at === 0;
      on.disabled = at + page >= found.length;
    }
    const controls = [];
    if (search) controls.push(make("input", { type: "search", placeholder: w("search"), "aria-label": w("search"), oninput: (event) => { text = event.target.value.trim().toLowerCase(); at = 0; draw(); } }));
    filters.forEach((filter, n) => controls.push(make("select", { "aria-label": filter.head, onchange: (event) => { chosen[n] = event.target.value; at = 0; draw(); } },
      make("option", { value: "" }, `${filter.head}: ${w("all")}`), filter.values.map((value) => make("option", { value }, w(value))))));
    draw();
    return make("div", { id }, make("div", { class: "bar" }, controls, count, rows.length > page ? [back, on] : null),
      make("div", { class: "scroll" }, make("table", null, make("thead", null, make("tr", null, heads)), body)));
  }

  function curve() {
    const days = [...data.curve.map((row) => day(row[0]))];
    if (!days.length) return null;
    const first = Math.min(...days), last = Math.max(...days), most = Math.max(...data.curve.map((row) => Math.max(row[1], row[2])));
    const step = Math.max(12, Math.min(48, 1000 / (last - first + 1))), height = 180, width = (last - first + 1) * step + 50;
    const bars = data.curve.map(([date, onset, confirmed]) => {
      const x = 40 + (day(date) - first) * step, y = (n) => height - 24 - (n / most) * (height - 50);
      const bar = (n, kind, dx) => n ? make("rect", { x: x + dx, y: y(n), width: step * 0.4, height: height - 24 - y(n), class: kind }, make("svgtitle", null, `${date} ${w(kind)}: ${n}`)) : null;
      return make("g", null, bar(onset, "onset", step * 0.08), bar(confirmed, "confirmed", step * 0.5));
    });
    const every = Math.ceil(46 / step), labels = [];
    for (let d = first; d <= last; d += every) labels.push(make("text", { x: 40 + (d - first) * step, y: height - 8 }, show(d).slice(5)));
    return [make("div", { class: "legend" }, make("span", { class: "a" }, make("i"), w("onset")), make("span", { class: "b" }, make("i"), w("confirmed"))),
      make("svg", { viewBox: `0 0 ${width} ${height}`, width, height, role: "img", "aria-label": w("curve") }, make("line", { x1: 36, x2: width, y1: height - 24, y2: height - 24, class: "axis" }),
        make("text", { x: 4, y: 32 }, String(most)), make("text", { x: 4, y: height - 24 }, "0"), bars, labels)];
  }

  function board() {
    const counties = new Map();
    for (const zone of data.zones) {
      const county = zone[3] || "—";
      if (!counties.has(county)) counties.set(county, []);
      counties.get(county).push(zone);
    }
    return make("div", { class: "board" }, [...counties].map(([county, zones]) => make("div", { class: "county" }, make("h3", null, county),
      zones.slice(0, 60).map((zone) => make("span", { class: `cell ${zone[2]}`, title: `${w("downgrade")} ${zone[13]}` }, zone[1] === "place" ? zone[7] : [zone[4], zone[5], zone[6]].filter(Boolean).join(" · "))),
      zones.length > 60 ? make("span", { class: "soft" }, ` +${zones.length - 60}`) : null)));
  }

  function timelines() {
    const shown = data.cases.slice(0, 60);
    return shown.map((c) => {
      const [start, end] = [day(c.window[0]), day(c.window[1]) + 1], width = 900, scale = (width - 20) / Math.max(1, end - start);
      const x = (text) => 10 + (Date.parse(text.slice(0, 19) + "Z") / 864e5 - start) * scale;
      const places = [...new Set(c.stays.map((stay) => stay[0]))].slice(0, 14), line = 17;
      const height = places.length * line + 26, from = x(c.window[0]), until = x(c.window[1]);
      const rows = c.stays.filter((stay) => places.includes(stay[0])).map(([place, a, b, met]) =>
        make("rect", { x: x(a), y: 6 + places.indexOf(place) * line, width: Math.max(2, x(b) - x(a)), height: 11, rx: 2, class: met ? "met" : "stay" }, make("svgtitle", null, `${place} ${time(a)} – ${time(b)}`)));
      const labels = places.map((place, n) => make("text", { x: width + 6, y: 15 + n * line }, place)), days = [];
      for (let d = start; d < end; d++) days.push(make("text", { x: 10 + (d - start) * scale + 2, y: height - 4 }, show(d).slice(5)));
      return make("details", { id: `case-${c.id}` }, make("summary", null, make("b", null, c.id), ` · ${w("onset")} ${c.onset || "—"} · ${w("confirmed")} ${time(c.confirmed)} · ${c.contacts} ${w("close")}`),
        make("svg", { viewBox: `0 0 ${width + 190} ${height}`, width: width + 190, height, role: "img", "aria-label": c.id },
          make("rect", { x: from, y: 0, width: Math.max(0, until - from), height: height - 16, class: "window" }), rows, labels, days));
    }).concat(data.cases.length > 60 ? [make("p", { class: "soft" }, `${w("leftOut")} ${data.cases.length - 60}`)] : []);
  }

  function clusters() {
    const anchors = new Map(data.cases.map((c) => [c.id, day(c.anchor)])), out = [];
    let drawn = 0, left = 0;
    for (const members of data.clusters) {
      if (drawn + members.length > 300) { left += members.length; continue; }
      drawn += members.length;
      const days = members.map((id) => anchors.get(id)), first = Math.min(...days), span = Math.max(1, Math.max(...days) - first);
      const perDay = new Map(), at = new Map(), width = Math.min(1000, 140 + span * 110);
      for (const id of members) {
        const d = anchors.get(id), n = perDay.get(d) || 0;
        perDay.set(d, n + 1);
        at.set(id, [50 + ((d - first) / span) * (width - 150), 24 + n * 30]);
      }
      const height = Math.max(...[...at.values()].map((p) => p[1])) + 34;
      const edges = data.links.filter(([a, b]) => at.has(a) && at.has(b) && anchors.get(a) <= anchors.get(b)).map(([a, b, minutes]) => {
        const [p, q] = [at.get(a), at.get(b)], bend = (p[0] + q[0]) / 2 + (p[0] === q[0] ? -34 : 0);
        return make("path", { d: `M${p[0]},${p[1]} C${bend},${p[1]} ${bend},${q[1]} ${q[0]},${q[1]}`, class: "edge", "stroke-width": minutes > 240 ? 2.5 : 1.2 }, make("svgtitle", null, `${a} → ${b}: ${minutes} min`));
      });
      const nodes = [...at].map(([id, [x, y]]) => make("g", null, make("circle", { cx: x, cy: y, r: 6, class: "node" }), make("text", { x: x + 9, y: y + 4 }, id)));
      const labels = [...perDay.keys()].map((d) => make("text", { x: 50 + ((d - first) / span) * (width - 150) - 14, y: height - 6 }, show(d).slice(5)));
      out.push(make("svg", { viewBox: `0 0 ${width} ${height}`, width, height, role: "img", "aria-label": members.join(" ") }, edges, nodes, labels));
    }
    if (left) out.push(make("p", { class: "soft" }, `${w("leftOut")} ${left}`));
    return out.length ? out : [make("p", { class: "soft" }, w("none"))];
  }

  function draw() {
    document.documentElement.lang = zh ? "zh" : "en";
    document.title = `trace · ${data.asOf.slice(0, 10)}`;
    const asOf = day(data.asOf), n = data.counts, caseIds = data.cases.map((c) => c.id).slice(0, 500);
    const tile = (value, word, kind) => make("div", { class: `tile ${kind || ""}` }, make("b", null, value.toLocaleString()), w(word));
    const section = (id, ...children) => make("section", { id, "aria-label": w(id) }, make("h2", null, w(id)), ...children);
    const nav = ["curve", "zones", "contacts", "tests", "timeline", "graph", "rules", "account"];
    const zoneRows = data.zones.map((z) => [z[0], z[1], z[2], z[8], z[9].join(" "), z[10], z[11], z[13], Math.max(0, day(z[13]) - asOf)]);
    document.getElementById("page").replaceChildren(
      make("header", null, make("h1", null, w("title")), make("span", null, `${w("asOf")} ${data.asOf.slice(0, 16).replace("T", " ")} · ${w("policy")} ${data.policy.name}`),
        make("button", { onclick: () => { zh = 1 - zh; draw(); } }, w("other"))),
      make("nav", null, nav.map((id) => make("a", { href: `#${id}` }, w(id)))),
      make("div", { class: "tiles" }, tile(n.cases, "cases", "mark"), tile(n.close, "close", "high"), tile(n.venue, "venue_exposed"), tile(n.high, "zonesHigh", "high"), tile(n.released, "zonesLow", "low"), tile(n.active, "active", "mark"), tile(n.links, "links"), tile(n.unknown, "unknown")),
      make("p", { class: "soft" }, w("degree")),
      section("curve", curve()),
      section("zones", make("p", { class: "soft" }, w("zonesHelp")), board(), table({ id: "zone-table", page: 25, rows: zoneRows, search: [0, 4],
        filters: [{ head: w("status"), values: ["high", "low"], of: (row) => [row[2]] }, { head: w("level"), values: ["unit", "building", "place"], of: (row) => [row[1]] }],
        columns: [{ head: w("zone") }, { head: w("level"), t: 1, show: w }, { head: w("status"), t: 1, show: (v) => make("span", { class: `status ${v}` }, w(v)) }, { head: w("why"), show: words }, { head: w("caseIds") }, { head: w("residents"), n: 1 }, { head: w("present"), n: 1 }, { head: w("downgrade"), t: 1 }, { head: w("daysLeft"), n: 1 }] })),
      section("contacts", make("p", { class: "soft" }, w("contactsHelp")), table({ id: "contact-table", rows: data.contacts, search: [1],
        filters: [{ head: w("cases"), values: caseIds, of: (row) => row[2].split(";") }, { head: w("state"), values: ["isActive", "elapsed"], of: (row) => [row[9]] }],
        columns: [{ head: w("rank"), n: 1 }, { head: w("person"), t: 1 }, { head: w("caseIds"), show: (v) => v.split(";").join(" ") }, { head: w("last"), t: 1, show: time }, { head: w("minutes"), n: 1 }, { head: w("peak"), n: 1 }, { head: w("bases"), show: words }, { head: w("places"), show: (v) => v.split(";").join(" ") }, { head: w("release"), t: 1 }, { head: w("state"), t: 1, show: w }] })),
      section("tests", table({ id: "test-table", page: 21, rows: data.tests, search: [1], columns: [{ head: w("day"), t: 1 }, { head: w("county"), show: (v) => v || "—" }, { head: w("people"), n: 1 }] }),
        make("h3", null, w("people_by")), table({ rows: data.measures, columns: [{ head: w("measure"), t: 1, show: w }, { head: w("isActive"), n: 1 }, { head: w("elapsed"), n: 1 }] })),
      section("timeline", make("p", { class: "soft" }, w("timelineHelp")), timelines()),
      section("graph", make("p", { class: "soft" }, w("graphHelp")), clusters()),
      section("rules", make("p", null, data.policy.title), table({ rows: data.policy.values, page: 60, columns: [{ head: w("key"), t: 1 }, { head: w("value") }, { head: w("source") }] })),
      section("account", table({ rows: data.rows, columns: [{ head: w("table") }, ...["read", "used", "rejected", "repeated", "late", "inaccurate"].map((head) => ({ head: w(head), n: 1 }))] }),
        make("h3", null, `${w("rejects")} (${data.rejected})`), data.rejects.length ? table({ id: "reject-table", rows: data.rejects, page: 20, columns: [{ head: w("file") }, { head: w("line"), n: 1 }, { head: w("column") }, { head: w("value") }, { head: w("reason") }] }) : make("p", { class: "soft" }, w("none"))),
    );
  }
  draw();
})();
