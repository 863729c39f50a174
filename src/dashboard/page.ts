import { createHash } from "node:crypto";
import { html, raw } from "hono/html";

type Html = ReturnType<typeof html>;

const STYLE = `
:root { color-scheme: light dark; --line: light-dark(#ddd, #333); --dim: light-dark(#666, #999); }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 70rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.4rem; } h2 { font-size: 1.05rem; margin-top: 2rem; }
table { border-collapse: collapse; width: 100%; } td, th { text-align: left; padding: .3rem .8rem .3rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; margin: 0; font: 13px/1.5 ui-monospace, monospace; }
td { overflow-wrap: anywhere; } time, .dim { color: var(--dim); } .state, time { white-space: nowrap; }
.state::before { content: "●"; margin-right: .35em; color: #888; }
.COMPLETED::before { color: light-dark(#1a7f37, #3fb950); } .FAILED::before, .CRASHED::before, .dead::before { color: light-dark(#cf222e, #f85149); }
.RUNNING::before { color: light-dark(#0969da, #58a6ff); } .retrying::before, .CANCELLED::before, .CANCELLING::before { color: light-dark(#9a6700, #d29922); }
.delivered::before { color: light-dark(#1a7f37, #3fb950); }
`;

/** Lets the page's one style through, and nothing else: no script, no request to anywhere. */
export const PAGE_POLICY = `default-src 'none'; style-src 'sha256-${createHash("sha256").update(STYLE).digest("base64")}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;

/** A whole document. What is interpolated is escaped by hono's `html`. */
export function page(title: string, body: Html): Html {
  return html`<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${title} · tocsin</title><style>${raw(STYLE)}</style></head>
<body>${body}</body>
</html>`;
}

/** A state or status with its colour. */
export function stateMark(type: string, name: string): Html {
  return html`<span class="state ${type}">${name}</span>`;
}

export function moment(iso: string | undefined): Html | string {
  return iso === undefined
    ? ""
    : html`<time datetime="${iso}">${iso.replace("T", " ").replace("Z", " UTC")}</time>`;
}
