// The page's scripts are one script in the page: they are linted as that, in the order of the page.
import js from "@eslint/js";

export default [
  js.configs.recommended,
  {
    files: ["report.js"],
    languageOptions: { sourceType: "script", globals: { document: "readonly" } },
    rules: {
      "no-unused-vars": "error",
      "no-var": "error",
      "prefer-const": "error",
      eqeqeq: "error",
    },
  },
];
