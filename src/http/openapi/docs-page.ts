import type { JsonObject } from "../../domain/json.ts";
import { VERSION } from "../../version.ts";
import { DOCS_STYLE } from "./docs-style.ts";
import { openApiDocument } from "./document.ts";
import { html, inlineText, type Markup } from "./markup.ts";
import { operationMarkup, type Placed } from "./operation-markup.ts";
import { schemaMarkup } from "./schema-markup.ts";

/** The API as a page: the same for everybody who may read, with no script and nothing from elsewhere. */
interface DocsPage {
  readonly text: string;
  readonly tag: string;
  readonly policy: string;
}

/** Made once, when it is first asked for. */
export function docsPage(): Promise<DocsPage> {
  made ??= makePage();
  return made;
}

let made: Promise<DocsPage> | undefined;

async function makePage(): Promise<DocsPage> {
  const text = pageOf(openApiDocument()).text;
  const style = await sha256(DOCS_STYLE);
  const rest = ["img-src data:", "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'"];
  const policy = ["default-src 'none'", `style-src 'sha256-${style}'`, ...rest].join("; ");
  return { text, policy, tag: `"${(await sha256(text)).slice(0, 22)}"` };
}

async function sha256(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return btoa(String.fromCharCode(...new Uint8Array(digest)));
}

interface Group {
  readonly name: string;
  readonly description: string;
  readonly operations: readonly Placed[];
}

function pageOf(document: JsonObject): Markup {
  const groups = groupsOf(document);
  const { schemas = {} } = document["components"] as { readonly schemas?: JsonObject };
  const { description } = document["info"] as { readonly description: string };
  const style: Markup = { text: `<style>${DOCS_STYLE}</style>` };
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>tocsin HTTP API</title>
<link rel="icon" href="data:,">
${style}
</head>
<body>
<header>
<h1>tocsin HTTP API <small>${VERSION}</small></h1>
<p>${inlineText(description)} For programs: <a href="/openapi.json">openapi.json</a>. The daemon itself: <a href="/">the page</a>.</p>
</header>
<nav aria-label="Operations">${groups.map(navMarkup)}
<h2><a href="#schemas">Schemas</a></h2>
</nav>
<main>${groups.map(groupMarkup)}
<section aria-labelledby="schemas"><h2 id="schemas">Schemas</h2>
${Object.entries(schemas).map(([name, schema]) => schemaMarkup(name, schema as JsonObject))}
</section>
</main>
</body>
</html>
`;
}

function groupsOf(document: JsonObject): readonly Group[] {
  const tags = document["tags"] as readonly {
    readonly name: string;
    readonly description: string;
  }[];
  const paths = document["paths"] as Readonly<Record<string, Readonly<Record<string, JsonObject>>>>;
  const all = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      ...{ path, operation },
      method: method.toUpperCase(),
    })),
  );
  return tags.map(({ name, description }) => ({
    ...{ name, description },
    operations: all.filter(({ operation }) => String(operation["tags"]) === name),
  }));
}

function navMarkup({ name, operations }: Group): Markup {
  return html`
<h2><a href="#${name}">${name}</a></h2>
<ul>${operations.map(
    ({ method, path, operation }) => html`
<li><a href="#${String(operation["operationId"])}"><b class="${method}">${method}</b> ${path}</a></li>`,
  )}
</ul>`;
}

function groupMarkup({ name, description, operations }: Group): Markup {
  return html`
<section aria-labelledby="${name}">
<h2 id="${name}">${name}</h2>
<p>${description}</p>
${operations.map(operationMarkup)}
</section>`;
}
