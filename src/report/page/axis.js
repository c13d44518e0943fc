// Axes: days below, counts at the side, with their names and lines across.
import { axisBottom, axisLeft } from "d3-axis";
import { select } from "d3-selection";
import { draw } from "./dom.js";
import { iso, short } from "./words.js";

// Days along the bottom: as many labels as there is room for.
export function dayAxis(scale, y, title, most = 12) {
  const [first, last] = scale.domain();
  const step = Math.max(1, Math.ceil((last - first) / most)),
    days = [];
  for (let day = Math.ceil(first); day <= last; day += step) days.push(day);
  const group = draw("g", { class: "axis", transform: `translate(0,${y})` });
  select(group).call(
    axisBottom(scale)
      .tickValues(days)
      .tickFormat((day) => short(iso(day)))
      .tickSizeOuter(0),
  );
  const [from, to] = scale.range();
  group.append(
    draw("text", { class: "name", x: (from + to) / 2, y: 38, "text-anchor": "middle" }, title),
  );
  return group;
}

// Counts along the left, with a line across at each.
export function countAxis(scale, x, width, title) {
  const group = draw("g", { class: "axis grid", transform: `translate(${x},0)` });
  const ticks = scale.ticks(5).filter(Number.isInteger);
  select(group).call(axisLeft(scale).tickValues(ticks).tickFormat(String).tickSize(-width));
  const [low, high] = scale.range();
  group.append(
    draw(
      "text",
      {
        class: "name",
        transform: `translate(-36,${(low + high) / 2}) rotate(-90)`,
        "text-anchor": "middle",
      },
      title,
    ),
  );
  return group;
}
