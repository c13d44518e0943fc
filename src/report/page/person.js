// Somebody, in a window of their own: why, the plan, the rows behind it, who was there before and after.
import { data, part, persons, proofOf } from "./data.js";
import { make, soft } from "./dom.js";
import { stays } from "./timeline.js";
import {
  called,
  days,
  home,
  list,
  moment,
  number,
  personName,
  phases,
  short,
  time,
  w,
  words,
  zoneName,
} from "./words.js";

// People before and after somebody that are listed.
const NEAR = 5;

// A name that opens the window.
export function personLink(n) {
  if (n === null || n === undefined) return "";
  return make(
    "button",
    { class: "person", onclick: (event) => (event.stopPropagation(), open(n)) },
    personName(n),
  );
}
export const personLinks = (all) => all.map((n, at) => [at ? ", " : null, personLink(n)]);

const entry = (head, ...text) =>
  text.some(Boolean) ? [make("dt", null, head), make("dd", null, text)] : [];
const heading = (word) => make("h3", null, w(word));

function rowsOf(proof) {
  if (!proof.length) return soft(w("noProof"));
  const rows = proof.map((row) =>
    make(
      "tr",
      null,
      make("td", null, row.case === null ? zoneName(row.zone) : personLink(row.case)),
      make("td", null, row.basis ? w(row.basis) : w("spillover")),
      make("td", null, called(row.place)),
      make("td", { class: "t" }, `${time(row.start)} – ${time(row.end)}`),
      make("td", null, [row.case_row, row.person_row].filter(Boolean).join(" · ")),
    ),
  );
  const heads = ["caseOrZone", "bases", "places", "when", "inputRows"];
  return make(
    "div",
    { class: "scroll" },
    make(
      "table",
      null,
      make(
        "thead",
        null,
        make(
          "tr",
          null,
          heads.map((head) => make("th", { scope: "col" }, w(head))),
        ),
      ),
      make("tbody", null, rows),
    ),
  );
}

// Who met the same case at the same place, by the time they were last there.
async function near(own) {
  const contacts = await part("contacts");
  const shares = (row) =>
    row.cases.some((of) => own.cases.includes(of)) &&
    list(row.places).some((place) => list(own.places).includes(place));
  const all = contacts
    .filter(shares)
    .toSorted((a, b) => (a.last < b.last ? -1 : a.last > b.last ? 1 : 0));
  const at = all.findIndex((row) => row.person === own.person);
  const some = all
    .slice(Math.max(0, at - NEAR), at + NEAR + 1)
    .filter((row) => row.person !== own.person);
  return some.map((row) =>
    make(
      "li",
      null,
      personLink(row.person),
      ` ${time(row.last)} · ${row.minutes} ${w("min")} · ${list(row.places).map(called).join(", ")}`,
    ),
  );
}

async function contents(n) {
  const of = persons[n],
    own = data.cases.find((c) => c.id === n);
  const [contacts, measured, proof] = [
    await part("contacts"),
    await part("people"),
    await proofOf(n),
  ];
  const contact = contacts.find((row) => row.person === n),
    plan = measured.find((row) => row.person === n);
  const who = make(
    "dl",
    null,
    entry(w("id"), of.id),
    entry(w("phone"), of.phone),
    entry(w("age"), of.age),
    entry(w("address"), of.address || home(of)),
    entry(w("groups"), of.groups),
  );
  const parts = [who];
  if (own) {
    parts.push(
      heading("isCase"),
      make(
        "dl",
        null,
        entry(w("onset"), short(own.onset || "")),
        entry(w("sampled"), moment(own.sampled)),
        entry(w("confirmed"), moment(own.confirmed)),
        entry(w("isolated"), moment(own.isolated)),
        entry(w("window"), `${moment(own.window[0], true)} – ${moment(own.window[1])}`),
        entry(w("close"), number(own.contacts)),
      ),
      stays(own),
    );
  }
  if (contact) {
    parts.push(
      heading("why"),
      make(
        "dl",
        null,
        entry(w("close_contact"), `${w("rank")} ${contact.rank}`),
        entry(w("caseIds"), personLinks(contact.cases)),
        entry(w("bases"), words(contact.bases)),
        entry(w("places"), list(contact.places).map(called).join(", ")),
        entry(w("minutes"), number(contact.minutes)),
        entry(w("peak"), number(contact.peak)),
        entry(w("last"), moment(contact.last)),
      ),
    );
  }
  if (plan) {
    parts.push(
      heading("plan"),
      make(
        "dl",
        null,
        entry(w("measure"), `${w(plan.measure)}, ${w(plan.state)}`),
        entry(w("phases"), phases(plan.phases)),
        entry(w("testDays"), days(plan.tests)),
        entry(w("release"), short(plan.release_on)),
        entry(w("zone"), list(plan.zones).map(zoneName).join(", ")),
      ),
    );
  }
  if (contact || plan) parts.push(heading("proof"), rowsOf(proof));
  const others = contact ? await near(contact) : [];
  if (others.length) parts.push(heading("near"), make("ul", null, others));
  return parts;
}

export async function open(n) {
  document.querySelector("dialog")?.remove();
  const close = make("button", { onclick: () => dialog.close(), autofocus: "" }, w("close_window"));
  const title = make("h2", { id: "person-title" }, personName(n));
  const dialog = make(
    "dialog",
    { "aria-labelledby": "person-title" },
    make("div", { class: "bar" }, title, close),
  );
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
  dialog.append(...(await contents(n)).flat(4).filter(Boolean));
}
