// When each case was infectious, fell ill, was sampled, confirmed and isolated: all on one axis of days. And
// where one case was, place by place.
import { scaleLinear } from "d3-scale";
import { data } from "./data.js";
import { dayAxis } from "./axis.js";
import { chart, draw, legend, make, picture, pressed } from "./dom.js";
import { onPrint } from "./printing.js";
import { called, day, fill, moment, personName, short, time, w } from "./words.js";

const FIRST = 40;
const WIDTH = 1100,
  LEFT = 170,
  RIGHT = 30,
  LANE = 26,
  PLACE = 20;
const MARKS = ["onset", "sampled", "confirmed", "isolated"];
// A shape for each: colours alone say nothing to some, and nothing on paper.
const SHAPES = {
  onset: "M0,-7 L7,6 L-7,6 Z",
  sampled: "M0,-7 L7,0 L0,7 L-7,0 Z",
  confirmed: "M-6,0 a6,6 0 1,0 12,0 a6,6 0 1,0 -12,0",
  isolated: "M-6,-6 h12 v12 h-12 Z",
};

const instant = (text) =>
  Date.parse(text.length > 10 ? `${text.slice(0, 19)}Z` : `${text}T12:00:00Z`) / 864e5;
const cut = (text, most) => (text.length > most ? `${text.slice(0, most - 1)}…` : text);

export function timelines(open) {
  const cases = data.cases.toSorted((a, b) =>
    a.anchor < b.anchor ? -1 : a.anchor > b.anchor ? 1 : 0,
  );
  const moments = cases
    .flatMap((c) => [...c.window, ...MARKS.map((mark) => c[mark])])
    .filter(Boolean)
    .map(instant);
  const x = scaleLinear(
    [Math.floor(Math.min(...moments)), Math.ceil(Math.max(...moments, day(data.asOf)))],
    [LEFT, WIDTH - RIGHT],
  );
  const holder = chart(w("timeline"));
  const show = (shown) => {
    const height = shown.length * LANE + 60;
    const lanes = shown.map((c, n) => lane(c, 8 + n * LANE, x, open));
    const drawing = picture(
      WIDTH,
      height,
      fill("timelineSaid", shown.length),
      lanes,
      dayAxis(x, shown.length * LANE + 10, w("day"), 14),
    );
    drawing.setAttribute("role", "group");
    const more = cases.length - shown.length;
    holder.replaceChildren(
      drawing,
      ...(more > 0
        ? [make("button", { onclick: () => show(cases) }, fill("show_all", cases.length))]
        : []),
    );
  };
  show(cases.slice(0, FIRST));
  onPrint(
    () => show(cases),
    () => show(cases.slice(0, FIRST)),
  );
  return [
    legend(["window", w("window")], ...MARKS.map((mark) => [`shape ${mark}`, w(mark)])),
    holder,
  ];
}

function lane(c, y, x, open) {
  const [from, to] = c.window.map(instant);
  const marks = MARKS.filter((mark) => c[mark]).map((mark) =>
    draw(
      "path",
      {
        d: SHAPES[mark],
        class: `sign ${mark}`,
        transform: `translate(${x(instant(c[mark])).toFixed(1)},${y + 9})`,
      },
      draw(
        "title",
        null,
        `${personName(c.id)} · ${w(mark)} ${mark === "onset" ? short(c[mark]) : moment(c[mark])}`,
      ),
    ),
  );
  const name = draw(
    "text",
    {
      x: LEFT - 10,
      y: y + 13,
      "text-anchor": "end",
      class: "link",
      ...pressed(() => open(c.id)),
    },
    cut(personName(c.id), 20),
  );
  return draw(
    "g",
    null,
    draw("line", { x1: LEFT, x2: WIDTH - RIGHT, y1: y + 9, y2: y + 9, class: "rule" }),
    draw("rect", {
      x: x(from),
      y: y + 2,
      width: Math.max(1, x(to) - x(from)),
      height: 14,
      class: "window",
    }),
    marks,
    name,
  );
}

// The stays of one case inside its window and around it, a line a place.
export function stays(c) {
  const places = [...new Set(c.stays.map(([place]) => place))];
  if (!places.length) return null;
  const x = scaleLinear([day(c.window[0]), day(c.window[1]) + 1], [LEFT, WIDTH - RIGHT]).clamp(
    true,
  );
  const rows = c.stays.map(([place, from, to, met, dated]) =>
    draw(
      "rect",
      {
        x: x(instant(from)),
        y: 8 + places.indexOf(place) * PLACE,
        width: Math.max(3, x(instant(to)) - x(instant(from))),
        height: 13,
        class: `${met ? "met" : "stay"}${dated ? " dated" : ""}`,
      },
      draw(
        "title",
        null,
        `${called(place)} · ${time(from)} – ${time(to)}${dated ? ` · ${w("date_only")}` : ""}`,
      ),
    ),
  );
  const names = places.map((place, n) =>
    draw("text", { x: LEFT - 8, y: 19 + n * PLACE, "text-anchor": "end" }, cut(called(place), 22)),
  );
  const height = places.length * PLACE + 60;
  return [
    legend(["stay", w("stay")], ["met", w("metContacts")]),
    chart(
      w("stay"),
      picture(
        WIDTH,
        height,
        fill("staysSaid", c.stays.length, places.length),
        rows,
        names,
        dayAxis(x, places.length * PLACE + 10, w("day")),
      ),
    ),
    c.more_stays > 0 && make("p", { class: "soft" }, fill("and_more", c.more_stays)),
  ];
}
