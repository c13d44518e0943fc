// What the page shows: the findings as JSON, and large lists that are unpacked when they are needed.
export const data = JSON.parse(document.getElementById("data").textContent);

// Lists come as columns and rows, so that no name is repeated; they are used as objects.
const unpack = ({ columns, rows }) =>
  rows.map((row) => Object.fromEntries(columns.map((column, n) => [column, row[n]])));
for (const [name, value] of Object.entries(data)) {
  if (value && value.columns && value.rows) data[name] = unpack(value);
}

const parts = new Map();

// A packed list; nothing when the page has none of that name.
export function part(name) {
  if (!parts.has(name)) parts.set(name, read(name));
  return parts.get(name);
}

async function read(name) {
  const element = document.getElementById(`part-${name}`);
  if (!element) return [];
  const bytes = Uint8Array.from(atob(element.textContent), (letter) => letter.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return unpack(JSON.parse(await new Response(stream).text()));
}

// Everybody, by number. Filled before anything is drawn that names somebody.
export let persons = [];
export async function loadPersons() {
  persons = await part("persons");
}

export const byId = new Map();
for (const zone of data.zones) byId.set(zone.id, zone);

// How many people's rows of proof are in one part.
const CHUNK = 1000;
export async function proofOf(person) {
  const rows = await part(`proof-${Math.floor(person / CHUNK)}`);
  return rows.filter((row) => row.person === person);
}
