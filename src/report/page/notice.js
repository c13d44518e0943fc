// The tables of the Notice's other measures, and what could not be answered.
import { data } from "./data.js";
import { make, soft } from "./dom.js";
import { table } from "./table.js";
import { called, current, days, fill, list, moment, number, phases, short, w } from "./words.js";

const SHOW = {
  words: (cell) =>
    list(cell)
      .map((word) => w(`cell_${word}`))
      .join(" · "),
  number: (cell) => (cell === "" ? "" : number(Number(cell))),
  date: short,
  time: (cell) => moment(cell, true),
  phases,
  tests: days,
  places: (cell) => list(cell).map(called).join(" · "),
  text: (cell) => cell.replaceAll(";", " · "),
};

function one({ name, columns, rows, all }) {
  const shown = columns.map(([column, kind], at) => ({
    of: at,
    head: w(`column_${column}`),
    n: kind === "number" ? 1 : undefined,
    by: kind === "number" ? (row) => Number(row[at]) : undefined,
    show: SHOW[kind],
  }));
  return [
    make("h3", { id: `notice-${name}` }, `${w(`table_${name}`)} (${number(all)})`),
    rows.length < all && soft(fill("shownOf", number(rows.length), number(all), `${name}.csv`)),
    rows.length
      ? table({
          id: `notice-${name}-table`,
          rows,
          columns: shown,
          page: 10,
          search: (row) => row.join(" "),
        })
      : soft(w("none")),
  ];
}

export function notice() {
  const open = data.unanswered[current()];
  return [
    data.notice.flatMap(one),
    open.length > 0 && make("h3", null, w("notAnswered")),
    open.length > 0 &&
      make(
        "ul",
        null,
        open.map(([what, needs]) => make("li", null, fill("needsFor", what, needs))),
      ),
  ];
}
