import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import text from "./generated/page.html.txt" with { type: "text" };

/** The page as it is answered: the same for everybody, with nothing of the daemon's data in it. */
export interface PageDocument {
  readonly text: string;
  readonly gzipped: Uint8Array<ArrayBuffer>;
  /** Changes with the page: what a browser has need not be sent again. */
  readonly tag: string;
  /** Lets the page's own script and styles through, and requests to where it came from; nothing else. */
  readonly policy: string;
}

/** Reads and hashes the page, once: when it is first asked for. */
export function pageDocument(): PageDocument {
  made ??= {
    text,
    gzipped: Uint8Array.from(gzipSync(text, { level: 9 })),
    tag: `"${hashOf(text).slice(0, 22)}"`,
    policy: policyOf(text),
  };
  return made;
}

let made: PageDocument | undefined;

function policyOf(document: string): string {
  return [
    "default-src 'none'",
    `script-src '${sourceOf(document, /<script type="module">([\s\S]*?)<\/script>/)}'`,
    `style-src '${sourceOf(document, /<style>([\s\S]*?)<\/style>/)}'`,
    "connect-src 'self'",
    "img-src data:",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join("; ");
}

function sourceOf(document: string, part: RegExp): string {
  return `sha256-${hashOf(part.exec(document)?.[1] ?? "")}`;
}

function hashOf(part: string): string {
  return createHash("sha256").update(part).digest("base64");
}
