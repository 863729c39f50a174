import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { gzipSync } from "node:zlib";
import { PAGE_PATH, pageDocument } from "./page.ts";

/** Writes the page where the daemon finds it, unless it is there already: a file that is written anew is newer. */
export async function writePage(): Promise<void> {
  const document = await pageDocument();
  const before = await readFile(PAGE_PATH, "utf8").catch(() => "");
  if (before === document) return;
  await mkdir(dirname(PAGE_PATH), { recursive: true });
  await writeFile(PAGE_PATH, document);
  const [size, zipped] = [document.length, gzipSync(document).length].map((n) =>
    (n / 1_000).toFixed(1),
  );
  console.log(`Wrote ${PAGE_PATH}: ${size} kB, ${zipped} kB gzipped`);
}

if (import.meta.main) await writePage();
