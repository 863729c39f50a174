import { existsSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Browser, chromium, type Page } from "playwright-core";

const ARGUMENTS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];
const SYSTEM =
  process.env["CHROMIUM"] === "package"
    ? []
    : ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/** Starts a real Chromium without a window: the machine's own, or else (or with CHROMIUM=package) that of npm. */
export async function openBrowser(more: readonly string[] = []): Promise<Browser> {
  const own = [process.env["CHROMIUM"], ...SYSTEM].find(
    (path) => path !== undefined && existsSync(path),
  );
  const found = own === undefined ? await packaged() : { executablePath: own, env: {} };
  const env = { ...stringsOf(process.env), ...found.env };
  return await chromium.launch({ ...found, env, args: [...ARGUMENTS, ...more] });
}

/**
 * The package unpacks its program and, where it believes to be at home, the libraries that a bare machine lacks;
 * it says where they are in the environment, which is left as it was. Its fonts are looked for where it is told.
 */
async function packaged() {
  const before = { ...process.env };
  process.env["AWS_EXECUTION_ENV"] = "AWS_Lambda_nodejs22.x";
  const { default: bundled } = await import("@sparticuz/chromium");
  const executablePath = await bundled.executablePath();
  const libraries = process.env["LD_LIBRARY_PATH"] ?? join(tmpdir(), "al2023/lib");
  for (const name of Object.keys(process.env)) {
    if (before[name] === undefined) delete process.env[name];
    else process.env[name] = before[name];
  }
  const fonts = join(tmpdir(), "page-fonts.conf");
  writeFileSync(
    fonts,
    `<fontconfig><dir>${tmpdir()}/fonts</dir><cachedir>${tmpdir()}/fonts-cache</cachedir></fontconfig>`,
  );
  const own = { LD_LIBRARY_PATH: libraries, FONTCONFIG_FILE: fonts };
  return { executablePath, env: { ...stringsOf(process.env), ...own } };
}

function stringsOf(env: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}

/** What the page is looked at with. */
export interface Look {
  readonly scheme: "light" | "dark";
  readonly device: "desktop" | "phone";
}

const SIZES = {
  desktop: { width: 1280, height: 900 },
  phone: { width: 390, height: 844 },
} as const;

/** A page of its own, with what went wrong in it: errors, and requests to anywhere but the daemon. */
export interface Visit extends AsyncDisposable {
  readonly page: Page;
  readonly wrong: string[];
}

export async function visit(
  browser: Browser,
  url: string,
  { scheme, device }: Look = { scheme: "light", device: "desktop" },
): Promise<Visit> {
  const context = await browser.newContext({
    baseURL: url,
    colorScheme: scheme,
    viewport: SIZES[device],
    deviceScaleFactor: 1,
    locale: "en-GB",
    timezoneId: "Europe/Vienna",
    reducedMotion: "reduce",
  });
  const page = await context.newPage();
  page.setDefaultTimeout(20_000);
  const wrong: string[] = [];
  page.on("pageerror", (error) => wrong.push(`error: ${error.message}`));
  page.on("console", (message) => {
    const isExpected = /Failed to load resource|net::ERR_/.test(message.text());
    if (message.type() === "error" && !isExpected) wrong.push(`console: ${message.text()}`);
  });
  page.on("request", (request) => {
    if (!request.url().startsWith(url) && !/^(?:data|blob):/.test(request.url())) {
      wrong.push(`asked ${request.url()}`);
    }
  });
  return { page, wrong, [Symbol.asyncDispose]: () => context.close() };
}
