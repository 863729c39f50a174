import { readFile } from "node:fs/promises";

/** Where the daemon finds the page: one file, imported as text, so that it is inside the binary. */
export const PAGE_PATH = "src/dashboard/generated/page.html.txt";

const SCRIPT = "src/dashboard/page/main.tsx";
/** In their order: what is for narrow screens comes last. */
const STYLES = [
  ...["base", "shell", "states", "controls", "overlays", "tables", "rows", "lists"],
  ...["charts", "logs", "forms", "narrow-tables", "narrow"],
].map((name) => `src/dashboard/page/styles/${name}.css`);
/** A bell. Its colour follows nothing: icons cannot see the page's theme. */
const ICON =
  "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'><path fill='#b7791f' d='M8 1a5 5 0 0 0-5 5v3.5L1.5 12h13L13 9.5V6a5 5 0 0 0-5-5Zm-2 12a2 2 0 0 0 4 0Z'/></svg>";

/** The whole page as one document: its script and its styles are in it, and nothing else is asked for. */
export async function pageDocument(): Promise<string> {
  const [script, style] = await Promise.all([bundled(SCRIPT), styles()]);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>tocsin</title>
<link rel="icon" href="data:image/svg+xml,${encodeURIComponent(ICON)}">
<style>${style}</style>
</head>
<body>
<div id="page"></div>
<noscript>This page needs JavaScript. Everything in it is in the tocsin command and at /api too.</noscript>
<script type="module">${script}</script>
</body>
</html>
`;
}

async function bundled(entry: string): Promise<string> {
  const { outputs } = await Bun.build({
    entrypoints: [entry],
    target: "browser",
    format: "esm",
    minify: true,
    define: { "process.env.NODE_ENV": '"production"' },
  });
  const text = (await outputs[0]?.text()) ?? "";
  // Nothing in a text or a regular expression may end the script, or open a comment in it.
  return text.trim().replaceAll("</script", "<\\/script").replaceAll("<!--", "<\\!--");
}

async function styles(): Promise<string> {
  const texts = await Promise.all(STYLES.map((path) => readFile(path, "utf8")));
  return texts
    .join("\n")
    .replace(/\/\*[\s\S]*?\*\//g, "")
    .replace(/\s+/g, " ")
    .replace(/ ?([{};,>]) ?/g, "$1")
    .replace(/: /g, ":")
    .replaceAll(";}", "}")
    .trim();
}
