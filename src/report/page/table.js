// Text is only ever set as text: nothing in the data becomes markup.
const make = (tag, attributes, ...children) => {
  const svg =
    (["svg", "rect", "path", "text", "circle", "line", "g", "title"].includes(tag) &&
      tag !== "title") ||
    tag === "svgtitle";
  const node = svg
    ? document.createElementNS("http://www.w3.org/2000/svg", tag === "svgtitle" ? "title" : tag)
    : document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value !== undefined) node.setAttribute(name, value);
  }
  for (const child of children.flat())
    if (child !== null && child !== undefined) node.append(child);
  return node;
};
const day = (text) => Date.parse(text.slice(0, 10) + "T00:00:00Z") / 864e5;
const show = (days) => new Date(days * 864e5).toISOString().slice(0, 10);
const phases = (text) =>
  text
    .split(";")
    .map((part) => part.split(" "))
    .map(
      ([kind, days]) =>
        `${w(kind)} ${(days || "")
          .split("..")
          .map((d) => d.slice(5))
          .join("–")}`,
    )
    .join(" · ");
const time = (text) => text.slice(5, 16).replace("T", " ");

// A table of rows that are objects. A column shows the field `of` a row, as a number (`n`) or on one line
// (`t`); a filter keeps the rows among whose values the chosen one is.
function table({ columns, rows, search, filters = [], page = 50, id }) {
  let order = null,
    text = "",
    at = 0;
  const chosen = filters.map(() => "");
  const body = make("tbody"),
    count = make("span", { class: "soft", "aria-live": "polite" });
  const back = make(
    "button",
    {
      onclick: () => {
        at -= page;
        draw();
      },
    },
    w("prev"),
  );
  const on = make(
    "button",
    {
      onclick: () => {
        at += page;
        draw();
      },
    },
    w("next"),
  );
  const heads = columns.map((column, n) =>
    make(
      "th",
      { class: column.n ? "n" : undefined, scope: "col" },
      make(
        "button",
        {
          onclick: () => {
            order = order && order[0] === n ? [n, -order[1]] : [n, 1];
            at = 0;
            draw();
          },
        },
        column.head,
      ),
    ),
  );
  function draw() {
    let found = rows;
    if (text)
      found = found.filter((row) =>
        search.some((of) => String(row[of]).toLowerCase().includes(text)),
      );
    filters.forEach((filter, n) => {
      if (chosen[n]) found = found.filter((row) => filter.of(row).includes(chosen[n]));
    });
    if (order) {
      const [n, sign] = order,
        { of, n: numeric } = columns[n];
      const byText = (a, b) => (a < b ? -1 : a > b ? 1 : 0);
      const compare = (a, b) => (numeric ? a[of] - b[of] : byText(String(a[of]), String(b[of])));
      found = found.slice().sort((a, b) => sign * compare(a, b));
    }
    at = Math.max(0, Math.min(at, Math.floor(Math.max(0, found.length - 1) / page) * page));
    heads.forEach((head, n) =>
      head.setAttribute(
        "aria-sort",
        order && order[0] === n ? (order[1] > 0 ? "ascending" : "descending") : "none",
      ),
    );
    body.replaceChildren(
      ...found.slice(at, at + page).map((row) =>
        make(
          "tr",
          null,
          columns.map((column) =>
            make(
              "td",
              { class: [column.n ? "n" : "", column.t ? "t" : ""].join(" ").trim() || undefined },
              column.show ? column.show(row[column.of], row) : String(row[column.of]),
            ),
          ),
        ),
      ),
    );
    const first = found.length ? at + 1 : 0,
      last = Math.min(at + page, found.length);
    count.textContent = `${first}–${last} / ${found.length} ${w("rows")}`;
    back.disabled = at === 0;
    on.disabled = at + page >= found.length;
  }
  const controls = [];
  if (search)
    controls.push(
      make("input", {
        type: "search",
        placeholder: w("search"),
        "aria-label": w("search"),
        oninput: (event) => {
          text = event.target.value.trim().toLowerCase();
          at = 0;
          draw();
        },
      }),
    );
  filters.forEach((filter, n) =>
    controls.push(
      make(
        "select",
        {
          "aria-label": filter.head,
          onchange: (event) => {
            chosen[n] = event.target.value;
            at = 0;
            draw();
          },
        },
        make("option", { value: "" }, `${filter.head}: ${w("all")}`),
        filter.values.map((value) =>
          make("option", { value }, filter.show ? filter.show(value) : w(value)),
        ),
      ),
    ),
  );
  draw();
  return make(
    "div",
    { id },
    make("div", { class: "bar" }, controls, count, rows.length > page ? [back, on] : null),
    make(
      "div",
      { class: "scroll" },
      make("table", null, make("thead", null, make("tr", null, heads)), body),
    ),
  );
}
