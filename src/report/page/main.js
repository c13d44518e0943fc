// The page: first what a leader decides from, then what investigators work with, then the proof and the rules.
import { account, changes, rules } from "./account.js";
import { clusters } from "./clusters.js";
import { curve, tests } from "./curve.js";
import { data, loadPersons, part } from "./data.js";
import { make, soft } from "./dom.js";
import { ego } from "./ego.js";
import { contacts, people } from "./lists.js";
import { open } from "./person.js";
import { notice } from "./notice.js";
import { forget } from "./printing.js";
import { timelines } from "./timeline.js";
import { today } from "./today.js";
import { brief, header, held, navigation, tiles } from "./top.js";
import { current, fill, moment, number, w } from "./words.js";
import { zones } from "./zones.js";

// The parts below the top, in order: each is made when its turn comes.
const SECTIONS = [
  ["today", today],
  ["changes", data.changes && changes],
  ["zones", data.drawsZones && zones],
  ["curve", curve],
  ["contacts", contacts],
  ["tests", tests],
  ["people_all", people],
  ["notice", data.notice.length + data.unanswered[current()].length > 0 && notice],
  ["timeline", () => [soft(w("timelineHelp")), casesLeft(), timelines(open)]],
  [
    "graph",
    async () => [
      soft(w("graphHelp")),
      clusters(open),
      make("h3", null, w("ego")),
      soft(w("egoHelp")),
      await ego(),
    ],
  ],
  ["rules", rules],
  ["account", account],
].filter(([, make]) => make);

const casesLeft = () =>
  data.leftOut.cases > 0 && soft(fill("casesLeft", number(data.leftOut.cases)));

// Turning the language begins anew; what was still being made is left.
let turn = 0;
async function redraw() {
  const own = ++turn;
  forget();
  document.documentElement.lang = current();
  document.title = `${w("title")} · ${moment(data.asOf)}`;
  const sections = SECTIONS.map(([id]) =>
    make("section", { id, "aria-label": w(id) }, make("h2", null, w(id))),
  );
  const about = `${fill("as_of_moment", moment(data.asOf))} · ${w("policy")} ${data.policy.name}`;
  document
    .getElementById("page")
    .replaceChildren(
      header(redraw),
      navigation(SECTIONS.map(([id]) => id)),
      brief(),
      tiles(),
      held(),
      ...sections,
      make("footer", null, about),
    );
  // Unpacked side by side, while the top is read.
  ["today", "contacts", "people"].forEach(part);
  await loadPersons();
  for (const [n, [, contents]] of SECTIONS.entries()) {
    const parts = await contents();
    if (own !== turn) return;
    sections[n].append(...[parts].flat(3).filter(Boolean));
  }
  document.body.dataset.ready = String(own);
}
redraw();
