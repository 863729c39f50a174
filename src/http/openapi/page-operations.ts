import type { Operation } from "./operation.ts";

/** A document for people. */
function page(route: Operation["route"], id: string, more: Partial<Operation>): Operation {
  return {
    ...{ id, route, tag: "Page", summary: "the page", isOpen: true },
    headers: ["If-None-Match"],
    answers: {
      200: { text: "The page.", type: "text/html", headers: ["ETag"] },
      304: { text: "It is what you have." },
    },
    example: {},
    ...more,
  };
}

const { isOpen: _, ...docs } = page("GET /docs", "viewDocs", {
  summary: "this API, for people: the document of `/openapi.json` as a page",
});

export const PAGE_OPERATIONS: readonly Operation[] = [
  docs,
  page("GET /", "viewHome", {
    summary:
      "the page, as at each of the addresses below: one document without data, which asks the API",
  }),
  page("GET /runs", "viewRuns", { summary: "the page: runs" }),
  page("GET /runs/{run}", "viewRun", {
    summary: "the page: one run; also where there is none",
    example: { path: "/runs/brave-otter-1" },
  }),
  page("GET /flows/{flow}", "viewFlow", {
    summary: "the page: one flow",
    example: { path: "/flows/backup" },
  }),
  page("GET /hooks", "viewHooks", { summary: "the page: hooks and deliveries" }),
  page("GET /deliveries/{delivery}", "viewDelivery", {
    summary: "the page: one delivery",
    example: { path: "/deliveries/019bd2f0" },
  }),
  page("GET /system", "viewSystem", { summary: "the page: the daemon" }),
];
