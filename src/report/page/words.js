// Words in the language that is shown, and how days, plans and zones are said in it.
import { byId, data, persons } from "./data.js";

const LANGUAGES = Object.keys(data.words);
let language = document.documentElement.lang;
export const current = () => language;
export function turnLanguage() {
  language = LANGUAGES[(LANGUAGES.indexOf(language) + 1) % LANGUAGES.length];
}

export const w = (key) =>
  Object.hasOwn(data.words[language], key) ? data.words[language][key] : key;
// A sentence with what is filled in for each {}.
export const fill = (key, ...parts) =>
  w(key)
    .split("{}")
    .reduce((text, piece, n) => text + parts[n - 1] + piece);
export const cause = (name) => (name ? w(`cause_${name}`) : "");
export const list = (text) => text.split(";").filter(Boolean);
export const words = (text) => list(text).map(w).join(" · ");
export const number = (n) => n.toLocaleString(language);

export const day = (text) => Date.parse(`${text.slice(0, 10)}T00:00:00Z`) / 864e5;
export const iso = (days) => new Date(days * 864e5).toISOString().slice(0, 10);
const parts = (text) => text.slice(0, 10).split("-").map(Number);
const month = (n) => w("months").split(" ")[n - 1];
// A day without its year: 8 Nov, 11月8日.
export function short(text) {
  if (!text) return "";
  const [, of, date] = parts(text);
  return w("day_pattern").replace("{month}", month(of)).replace("{day}", date);
}
// From a day to another: 8–12 Nov, 11月8日至12日.
function span(from, to) {
  const [year, of, first] = parts(from);
  const [other, last_of, last] = parts(to);
  if (from === to) return short(from);
  if (year !== other || of !== last_of) return fill("from_to", short(from), short(to));
  const pattern = w("days_pattern").replace("{month}", month(of));
  return pattern.replace("{from}", first).replace("{to}", last);
}
// A moment; the midnight that ends a day is said of the day that it ends, that from which something begins of
// the day that it begins.
export function moment(text, begins = false) {
  if (!text) return "";
  const [hour, minute] = [Number(text.slice(11, 13)), text.slice(14, 16)];
  if (!hour && minute === "00" && !begins) return fill("at_hour", short(iso(day(text) - 1)), 24);
  return minute === "00"
    ? fill("at_hour", short(text), hour)
    : fill("at_minute", short(text), hour, minute);
}
export const time = (text) => text.slice(5, 16).replace("T", " ");

// The phases of a plan in words.
export const phases = (text) =>
  list(text)
    .map((part) => part.split(" "))
    .map(([kind, days]) => `${w(kind)} ${days ? span(...days.split("..")) : ""}`)
    .join(w("between_phases"));
export const days = (text) => list(text).map(short).join(", ");

// What a place is called: its name, or else its address.
export function called(id) {
  const name = data.names && Object.hasOwn(data.names, id) ? data.names[id] : id;
  if (!Array.isArray(name)) return name;
  const [compound, building, unit] = name;
  return home({ compound, building, unit });
}
const isNumber = (text) => /^[0-9A-Za-z]+$/.test(text);
const named = (text, pattern) => (!text ? "" : isNumber(text) ? fill(pattern, text) : ` ${text}`);
// A zone in words: Rose Garden, building 1, unit 2.
export function zoneName(id) {
  if (id.startsWith("place:")) return called(id.slice(6));
  const zone = byId.get(id);
  if (zone) return home(zone);
  const [, compound, building, unit] = id.split("/").map((part) => (part === "-" ? "" : part));
  return compound === undefined ? id : home({ compound, building, unit });
}
export const home = ({ compound, building, unit }) =>
  `${compound || ""}${named(building, "in_building")}${named(unit, "in_unit")}`.trim();
// Somebody by name, or by id where no name is known.
export function personName(n) {
  const of = persons[n];
  return of ? of.name || of.id : "";
}
