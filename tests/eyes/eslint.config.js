// The modules of the page.
import js from "@eslint/js";

const globals = [
  "Blob",
  "CSS",
  "DecompressionStream",
  "Event",
  "Node",
  "Response",
  "URL",
  "addEventListener",
  "atob",
  "document",
  "print",
];
export default [
  js.configs.recommended,
  {
    languageOptions: {
      sourceType: "module",
      globals: Object.fromEntries(globals.map((name) => [name, "readonly"])),
    },
    rules: {
      "no-unused-vars": "error",
      "no-var": "error",
      "prefer-const": "error",
      eqeqeq: "error",
    },
  },
];
