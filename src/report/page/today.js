// Today's work: a list a task, the first things first.
import { data, part, persons } from "./data.js";
import { make, soft } from "./dom.js";
import { personLink } from "./person.js";
import { table } from "./table.js";
import { cause, home, moment, number, phases, short, w, zoneName } from "./words.js";

const ofPeople = () => [
  { of: "rank", head: w("rank"), n: 1, by: (row) => row.rank ?? 1e9 },
  // Who is in no list of the page goes by their id.
  {
    of: "person",
    head: w("person"),
    show: (n, row) => (n === null ? row.zone : personLink(n)),
    by: (row) => persons[row.person]?.name ?? row.zone,
  },
  {
    of: "person",
    head: w("phone"),
    t: 1,
    show: (n) => persons[n]?.phone,
    by: (row) => persons[row.person]?.phone,
  },
  {
    of: "person",
    head: w("address"),
    show: (n) => where(persons[n]),
    by: (row) => where(persons[row.person]),
  },
  {
    of: "person",
    head: w("id"),
    t: 1,
    show: (n) => persons[n]?.id,
    by: (row) => persons[row.person]?.id,
  },
  { of: "measure", head: w("measure"), show: w },
  { of: "phases", head: w("phases"), show: phases },
  { of: "day", head: w("due"), t: 1, show: short },
  { of: "cause", head: w("cause"), show: cause },
];
const ofZones = () => [
  { of: "zone", head: w("zone"), show: zoneName, by: (row) => zoneName(row.zone) },
  { of: "by", head: w("by"), t: 1, show: moment },
  { of: "day", head: w("due"), t: 1, show: short },
  { of: "cause", head: w("cause"), show: cause },
];
const where = (of) => (of ? of.address || home(of) : "");

export async function today() {
  const rows = await part("today"),
    tasks = Object.keys(data.tasks);
  const holder = make("div");
  const dated = data.asOf.slice(0, 10);
  // A day is said where it is not today.
  const says = (rows, { of }) => rows.some((row) => row[of] && (of !== "day" || row[of] !== dated));
  function show(task) {
    const own = rows.filter((row) => row.task === task);
    const zones = ["announce", "open"].includes(task);
    const columns = (zones ? ofZones() : ofPeople()).filter((column) =>
      column.of === "person" ? own.some((row) => column.show(row.person, row)) : says(own, column),
    );
    const compounds = [
      ...new Set(own.map((row) => persons[row.person]?.compound).filter(Boolean)),
    ].sort();
    const filters =
      compounds.length > 0
        ? [
            {
              head: w("compound"),
              values: compounds,
              of: (row) => [persons[row.person]?.compound],
              show: String,
            },
          ]
        : [];
    const search = (row) => {
      const of = persons[row.person];
      const parts = of
        ? [of.name, of.id, of.phone, where(of), of.compound, home(of)]
        : [row.zone, zoneName(row.zone)];
      return parts.join(" ");
    };
    holder.replaceChildren(
      table({ id: `today-${task}`, rows: own, columns, filters, search, page: 25 }),
    );
    buttons.forEach((button) =>
      button.setAttribute("aria-pressed", String(button.dataset.task === task)),
    );
  }
  const button = (task) =>
    make(
      "button",
      { "data-task": task, "aria-pressed": "false", onclick: () => show(task) },
      `${w(`task_${task}`)} ${number(data.tasks[task])}`,
    );
  const buttons = tasks.map(button);
  if (!tasks.length) return [soft(w("nothingToday"))];
  show(tasks[0]);
  return [soft(w("todayHelp")), make("div", { class: "tabs" }, buttons), holder];
}
