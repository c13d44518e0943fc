// The epidemic curve: a bar a day, by whether a source is known; days without cases are there, too.
import { scaleBand, scaleLinear } from "d3-scale";
import { data } from "./data.js";
import { countAxis, dayAxis } from "./axis.js";
import { chart, draw, legend, make, picture } from "./dom.js";
import { choice, table } from "./table.js";
import { day, fill, iso, short, w } from "./words.js";

const WIDTH = 1100,
  HEIGHT = 300,
  LEFT = 56,
  BOTTOM = 48,
  TOP = 14;

function bars(onset) {
  const rows = data.curve.filter((row) => row.onset === onset);
  if (!rows.length) return make("p", { class: "soft" }, w("none"));
  const of = new Map(rows.map((row) => [day(row.day), row]));
  const first = Math.min(...of.keys()),
    last = Math.max(day(data.asOf) - 1, ...of.keys());
  const days = Array.from({ length: last - first + 1 }, (_, n) => first + n);
  const x = scaleBand(days, [LEFT, WIDTH - 10]).padding(0.15);
  const most = Math.max(...rows.map((row) => row.known + row.unknown));
  const y = scaleLinear([0, most], [HEIGHT - BOTTOM, TOP]).nice(5);
  const rects = days.flatMap((of_day) => {
    const { known = 0, unknown = 0 } = of.get(of_day) ?? {};
    const bar = (kind, from, count) =>
      count > 0 &&
      draw(
        "rect",
        {
          class: kind,
          x: x(of_day),
          width: x.bandwidth(),
          y: y(from + count),
          height: y(from) - y(from + count),
        },
        draw(
          "title",
          null,
          `${short(iso(of_day))} · ${w(kind === "known" ? "sourceKnown" : "sourceUnknown")}: ${count}`,
        ),
      );
    return [bar("known", 0, known), bar("unknown", known, unknown)];
  });
  const line = scaleLinear([first, last + 1], [LEFT, WIDTH - 10]);
  const middle = scaleLinear(
    [first, last],
    [x(first) + x.bandwidth() / 2, x(last) + x.bandwidth() / 2],
  );
  const said = fill(
    "curveSaid",
    rows.reduce((sum, row) => sum + row.known + row.unknown, 0),
    short(iso(first)),
    short(iso(last)),
    most,
  );
  return picture(
    WIDTH,
    HEIGHT,
    said,
    countAxis(y, LEFT, WIDTH - LEFT - 10, w("casesADay")),
    rects,
    dayAxis(days.length > 1 ? middle : line, HEIGHT - BOTTOM, w(onset ? "onset" : "confirmed")),
  );
}

export function curve() {
  const holder = chart(w("curve"), bars(false));
  const kinds = [
    ["", w("confirmed")],
    ["onset", w("onset")],
  ];
  return [
    make(
      "div",
      { class: "bar" },
      choice(w("by_day"), kinds, (kind) => holder.replaceChildren(bars(kind === "onset"))),
      legend(["known", w("sourceKnown")], ["unknown", w("sourceUnknown")]),
    ),
    holder,
  ];
}

// Tests by day and county, with sums.
export function tests() {
  const days = [...new Set(data.tests.map((row) => row.day))].sort();
  const counties = [...new Set(data.tests.map((row) => row.county))].sort();
  const count = new Map(data.tests.map((row) => [`${row.day} ${row.county}`, row.people]));
  const rows = days.map((of) => {
    const own = counties.map((county) => count.get(`${of} ${county}`) ?? 0);
    return { day: of, own, all: own.reduce((a, b) => a + b, 0) };
  });
  const sum = (n) => rows.reduce((all, row) => all + row.own[n], 0);
  const all = {
    day: "",
    own: counties.map((_, n) => sum(n)),
    all: rows.reduce((a, row) => a + row.all, 0),
  };
  const columns = [
    { of: "day", head: w("day"), t: 1, show: (of) => (of ? short(of) : w("sum")) },
    ...counties.map((county, n) => ({
      of: "own",
      head: county || w("county_unknown"),
      n: 1,
      show: (own) => own[n] || "",
      by: (row) => row.own[n],
    })),
    { of: "all", head: w("sum"), n: 1 },
  ];
  return rows.length
    ? table({ id: "test-table", page: 31, rows: [...rows, all], columns })
    : make("p", { class: "soft" }, w("none"));
}
