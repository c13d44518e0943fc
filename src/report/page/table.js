// A table that is searched, filtered, grouped, sorted, turned, printed and taken away as CSV.
import { make } from "./dom.js";
import { onPrint } from "./printing.js";
import { fill, number, w } from "./words.js";

// Rows that are printed of one table: more paper helps nobody.
const PRINTED = 2000;

// A text as a spreadsheet leaves it alone: never a formula, never a number that it cuts.
const harmless = (text) =>
  /^[^\p{L}]/u.test(text) && !/^\d{1,10}$/.test(text) ? `\t${text}` : text;
const quoted = (text) => (/[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

// A column shows the field `of` a row, as a number (`n`) or on one line (`t`), by `show`; it is sorted by
// what `by` says. A filter keeps the rows among whose values the chosen one is; a group has a head of its own.
export function table({ columns, rows, search, filters = [], groups = [], page = 50, id, onrow }) {
  let order = null,
    text = "",
    at = 0,
    group = null;
  const chosen = filters.map(() => "");
  const body = make("tbody"),
    count = make("span", { class: "soft count", "aria-live": "polite" });
  const turn = (by, word) =>
    make("button", { onclick: () => ((at += by * page), redraw()) }, w(word));
  const [back, on] = [turn(-1, "prev"), turn(1, "next")];
  const heads = columns.map((column, n) => {
    const sort = () => {
      order = order && order[0] === n ? [n, -order[1]] : [n, 1];
      at = 0;
      redraw();
    };
    const button = make("button", { onclick: sort }, column.head);
    return make("th", { class: column.n ? "n" : undefined, scope: "col" }, button);
  });
  const value = (column, row) => (column.by ? column.by(row) : row[column.of]);
  const shown = (column, row) => (column.show ? column.show(row[column.of], row) : row[column.of]);

  function found() {
    let found = rows;
    if (text) found = found.filter((row) => search(row).toLowerCase().includes(text));
    filters.forEach((filter, n) => {
      if (chosen[n]) found = found.filter((row) => filter.of(row).map(String).includes(chosen[n]));
    });
    const compare = (a, b) => (a === b ? 0 : a === null || a < b ? -1 : 1);
    if (order) {
      const [n, sign] = order;
      found = found.toSorted((a, b) => sign * compare(value(columns[n], a), value(columns[n], b)));
    }
    if (group) found = found.toSorted((a, b) => compare(group.of(a), group.of(b)));
    return found;
  }
  function line(row) {
    const cells = columns.map((column) => {
      const kind = [column.n ? "n" : "", column.t ? "t" : ""].join(" ").trim() || undefined;
      return make("td", { class: kind, "data-head": column.head }, shown(column, row) ?? "");
    });
    return make("tr", onrow ? { class: "opens", onclick: () => onrow(row) } : null, cells);
  }
  function lines(rows) {
    let last = null;
    return rows.flatMap((row) => {
      const name = group ? group.of(row) : null;
      const head =
        name !== last &&
        make(
          "tr",
          { class: "group" },
          make("th", { colspan: columns.length, scope: "rowgroup" }, (group?.show ?? String)(name)),
        );
      last = name;
      return head ? [head, line(row)] : [line(row)];
    });
  }
  function redraw(printed) {
    const all = found();
    at = Math.max(0, Math.min(at, Math.floor(Math.max(0, all.length - 1) / page) * page));
    const [first, size] = printed ? [0, printed] : [at, page];
    heads.forEach((head, n) => {
      const sorted = order && order[0] === n ? (order[1] > 0 ? "ascending" : "descending") : "none";
      head.setAttribute("aria-sort", sorted);
    });
    body.replaceChildren(...lines(all.slice(first, first + size)));
    const last = Math.min(first + size, all.length);
    count.textContent = fill("rows_of", all.length ? first + 1 : 0, last, number(all.length));
    back.disabled = at === 0;
    on.disabled = at + page >= all.length;
  }
  function take() {
    const cell = (column, row) => {
      const own = column.csv ? column.csv(row) : shown(column, row);
      return quoted(harmless(own instanceof Node ? own.textContent : String(own ?? "")));
    };
    const head = columns.map((column) => quoted(harmless(column.head))).join(",");
    const text = [head, ...found().map((row) => columns.map((c) => cell(c, row)).join(","))];
    const file = new Blob([`\ufeff${text.join("\r\n")}\r\n`], { type: "text/csv" });
    const link = make("a", { href: URL.createObjectURL(file), download: `${id}.csv` });
    link.click();
    URL.revokeObjectURL(link.href);
  }
  onPrint(
    () => redraw(PRINTED),
    () => redraw(),
  );
  redraw();
  const controls = [
    search && field((typed) => ((text = typed), (at = 0), redraw())),
    groups.length > 0 &&
      choice(
        w("group"),
        groups.map((of, n) => [String(n), of.head]),
        (n) => {
          group = groups[Number(n)].of ? groups[Number(n)] : null;
          redraw();
        },
      ),
    filters.map((filter, n) =>
      choice(
        filter.head,
        [["", w("all")], ...filter.values.map((of) => [String(of), (filter.show ?? w)(of)])],
        (of) => ((chosen[n] = of), (at = 0), redraw()),
      ),
    ),
    count,
    rows.length > page ? [back, on] : null,
    id && make("button", { class: "take", onclick: take }, w("take")),
  ];
  const grid = make("table", null, make("thead", null, make("tr", null, heads)), body);
  return make(
    "div",
    { id, class: "listing" },
    make("div", { class: "bar" }, controls),
    make("div", { class: "scroll", tabindex: 0, role: "group", "aria-label": id }, grid),
  );
}

function field(typed) {
  const oninput = (event) => typed(event.target.value.trim().toLowerCase());
  return make("input", {
    type: "search",
    placeholder: w("search"),
    "aria-label": w("search"),
    oninput,
  });
}

export function choice(head, values, chosen) {
  const onchange = (event) => chosen(event.target.value);
  const options = values.map(([value, word]) => make("option", { value }, `${head}: ${word}`));
  return make("select", { "aria-label": head, onchange }, options);
}
