"use strict";
const data = JSON.parse(document.getElementById("data").textContent);
// Tables come as columns and rows, so that no name is repeated; they are used as objects.
const unpack = ({ columns, rows }) =>
  rows.map((row) => Object.fromEntries(columns.map((column, n) => [column, row[n]])));
for (const [name, value] of Object.entries(data)) {
  if (value && value.columns && value.rows) data[name] = unpack(value);
}
const LANGUAGES = Object.keys(data.words);
let language = document.documentElement.lang;
const nextLanguage = () => LANGUAGES[(LANGUAGES.indexOf(language) + 1) % LANGUAGES.length];
// What a place is called, when it has a name.
const called = (id) => (data.names && Object.hasOwn(data.names, id) ? data.names[id] : id);
const zoneName = (id) => (id.startsWith("place:") ? called(id.slice(6)) : id);
const w = (key) => (Object.hasOwn(data.words[language], key) ? data.words[language][key] : key);
const words = (list) => list.split(";").filter(Boolean).map(w).join(" · ");
const list = (text) => text.split(";").filter(Boolean);
