// What is otherwise before and after a print: on paper there is nothing to press.
const printed = new Set();
export const forget = () => printed.clear();
export const onPrint = (before, after) => printed.add([before, after]);
addEventListener("beforeprint", () => printed.forEach(([before]) => before()));
addEventListener("afterprint", () => printed.forEach(([, after]) => after()));
