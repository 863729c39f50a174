import { describe, expect, test } from "bun:test";
import { Validator } from "@seriousme/openapi-schema-validator";
import { createApp } from "../../src/http/app.ts";
import { openApiDocument } from "../../src/http/openapi/document.ts";
import { API_OPERATIONS, faultsOf } from "../support/api-document.ts";
import { appForExample, HERE } from "./support/example-app.ts";
import { memoryDaemon } from "./support/memory-daemon.ts";
import { memoryStoreCare } from "./support/memory-store-care.ts";

const app = createApp({ ...memoryDaemon().api, storeCare: memoryStoreCare() });
const get = (path: string, headers: Readonly<Record<string, string>> = {}) =>
  app.request(path, { headers });

describe("GET /openapi.json", () => {
  test("is a document that a validator of OpenAPI accepts", async () => {
    const validator = new Validator();

    const { valid, errors } = await validator.validate(await (await get("/openapi.json")).json());

    expect([valid, errors ?? []]).toEqual([true, []]);
    expect(validator.version).toBe("3.1");
  });

  test("knows every route, and no other", () => {
    const routes = app.routes
      .filter(({ method }) => method !== "ALL")
      .map(({ method, path }) => `${method} ${path.replace(/:(\w+)/g, "{$1}")}`);

    const known = API_OPERATIONS.map(({ route }) => route);

    expect(known.toSorted()).toEqual([...new Set(routes)].toSorted());
  });

  test("gives every operation a name of its own", () => {
    const ids = API_OPERATIONS.map(({ id }) => id);

    expect(new Set(ids).size).toBe(ids.length);
  });

  test("leads nowhere with no reference", () => {
    const text = JSON.stringify(openApiDocument());
    const { components } = openApiDocument() as {
      readonly components: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
    };
    const references = [...text.matchAll(/"#\/components\/(\w+)\/([\w-]+)"/g)];

    const dead = references.filter(([, kind = "", name = ""]) => !components[kind]?.[name]);

    expect(references.length).toBeGreaterThan(100);
    expect(dead.map(([whole]) => whole)).toEqual([]);
  });

  test("names every schema that it has for a reason", () => {
    const text = JSON.stringify(openApiDocument());
    const { components } = openApiDocument() as {
      readonly components: { readonly schemas: Readonly<Record<string, unknown>> };
    };

    const unused = Object.keys(components.schemas).filter(
      (name) => !text.includes(`"#/components/schemas/${name}"`),
    );

    expect(unused).toEqual([]);
  });
});

describe("its examples", () => {
  test.each(API_OPERATIONS)("$route is answered as the document says", async (operation) => {
    const { example } = operation;
    const body = example.body === undefined ? {} : { body: JSON.stringify(example.body) };
    const headers = { "content-type": "application/json" };

    const answer = await (await appForExample(example.path)).request(
      example.path,
      { method: example.method, headers, ...body },
      HERE,
    );
    const isStream = answer.headers.get("content-type")?.startsWith("text/event-stream") === true;
    const text = isStream ? "" : await answer.text();
    if (isStream) await answer.body?.cancel();

    expect(answer.status).toBe(example.status);
    expect(faultsOf(operation, { status: answer.status, headers: answer.headers, text })).toEqual(
      [],
    );
  });
});

describe("the parameters that it names", () => {
  const withQuery = API_OPERATIONS.filter(({ parameters }) =>
    parameters.some((parameter) => parameter.in === "query"),
  );

  test.each(withQuery)("are those that $route reads, and no others", async (operation) => {
    const address = operation.example.path.split("?")[0] ?? "";
    const asked = await appForExample(address);
    const problemOf = async (query: string) => {
      const answer = await asked.request(`${address}?${query}`, {}, HERE);
      const text = answer.status === 200 ? "" : await answer.text();
      if (answer.status === 200) await answer.body?.cancel();
      return text;
    };

    for (const { name, in: place } of operation.parameters) {
      if (place === "query")
        expect(await problemOf(`${name}=%20`)).not.toContain("no such parameter");
    }
    if (!operation.isOpen) expect(await problemOf("nonsense=1")).toContain("no such parameter");
  });
});

describe("GET /docs", () => {
  test("has every operation and every schema, each with an anchor", async () => {
    const text = await (await get("/docs")).text();
    const anchors = [...text.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
    const links = [...text.matchAll(/href="#([^"]+)"/g)].map(([, id = ""]) => id);

    expect(anchors).toContain("schema-Run");
    for (const { id } of API_OPERATIONS) expect(anchors).toContain(id);
    expect(links.filter((link) => !anchors.includes(link))).toEqual([]);
    expect(new Set(anchors).size).toBe(anchors.length);
  });

  test("asks nobody for anything, and has no script", async () => {
    const answer = await get("/docs");
    const text = await answer.text();
    const policy = answer.headers.get("content-security-policy") ?? "";

    expect(text).not.toMatch(/<script|<link rel="stylesheet|@import|url\(|src=/);
    expect(text.match(/https?:\/\/(?!127\.0\.0\.1)[\w.]+/g)).toBeNull();
    expect(policy).toStartWith("default-src 'none'; style-src 'sha256-");
    expect(policy).not.toContain("script-src");
  });

  test("its policy lets its own style through", async () => {
    const answer = await get("/docs");
    const [, style = ""] = /<style>([\s\S]*)<\/style>/.exec(await answer.text()) ?? [];
    const hash = new Bun.CryptoHasher("sha256").update(style).digest("base64");

    expect(answer.headers.get("content-security-policy")).toContain(`'sha256-${hash}'`);
  });

  test("is not sent again to whoever has it", async () => {
    const etag = (await get("/docs")).headers.get("etag") ?? "";

    expect((await get("/docs", { "if-none-match": etag })).status).toBe(304);
  });
});
