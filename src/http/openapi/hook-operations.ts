import { BlockBody, RekeyBody } from "../block-routes.ts";
import { DeliveriesQuery } from "../delivery-query.ts";
import { TestBody } from "../hook-test-route.ts";
import { NoBody } from "../read-body.ts";
import { FilterBody } from "../redeliver-routes.ts";
import { listOf, pageOf } from "./answer-schema.ts";
import { Block, RekeyedAnswer, SavedBlock } from "./daemon-answers.ts";
import { Delivery, DeliveryListed, Hook, Redelivered, Trial } from "./hook-answers.ts";
import { done, type Operation, ok, paged } from "./operation.ts";

const ONE = "019bd2f0-0000-7000-8000-000000000001";

export const HOOK_OPERATIONS: readonly Operation[] = [
  {
    id: "listHooks",
    route: "GET /api/hooks",
    tag: "Hooks",
    summary:
      "the hooks: whose, when they ring, and how their deliveries stand; also those that the config has no longer",
    answers: ok("In the order of the config.", listOf(Hook)),
    example: {},
  },
  {
    id: "testHook",
    route: "POST /api/hooks/{hook}/test",
    tag: "Hooks",
    summary:
      "performs a hook, named by key or name, against `run` or a made-up one at one of its `moment`s, and answers what it did; nothing is sent without `send`",
    headers: ["Prefer"],
    body: TestBody,
    answers: ok("How it did.", Trial),
    problems: [404, 409, 422],
    example: { path: "/api/hooks/slack/test", body: { moment: "onFailure" } },
  },
  {
    id: "listDeliveries",
    route: "GET /api/deliveries",
    tag: "Hooks",
    summary: "deliveries, newest first, without their attempts",
    query: DeliveriesQuery,
    answers: paged("Newest first.", pageOf(DeliveryListed)),
    problems: [404, 409],
    example: { path: "/api/deliveries?status=dead,retrying&hook=notify&since=7d" },
  },
  {
    id: "getDelivery",
    route: "GET /api/deliveries/{delivery}",
    tag: "Hooks",
    summary: "one delivery with its attempts: errors, log lines, what it asked of others",
    answers: ok("The delivery.", Delivery),
    problems: [404, 409],
    example: { path: `/api/deliveries/${ONE}` },
  },
  {
    id: "listDeliveriesOfRun",
    route: "GET /api/runs/{run}/deliveries",
    tag: "Hooks",
    summary: "its hook deliveries with their attempts",
    answers: ok("In the order in which they were written.", listOf(Delivery)),
    problems: [404, 409],
    example: { path: "/api/runs/brave-otter-1/deliveries" },
  },
  {
    id: "redeliver",
    route: "POST /api/deliveries/{delivery}/redeliver",
    tag: "Hooks",
    summary: "rings it again; 409 where it is pending, or its hook is not in the config",
    body: NoBody,
    answers: { 202: { text: "The delivery as it is now.", schema: Delivery } },
    problems: [404, 409, 503],
    example: { path: `/api/deliveries/${ONE}/redeliver` },
  },
  {
    id: "redeliverMany",
    route: "POST /api/deliveries/redeliver",
    tag: "Hooks",
    summary: "rings again all dead ones that a filter lets through",
    body: FilterBody,
    answers: ok("How many.", Redelivered),
    problems: [404, 409, 503],
    example: { body: { hook: "notify", since: "1d" } },
  },
];

const GREETING = "/api/blocks/string/greeting";

export const BLOCK_OPERATIONS: readonly Operation[] = [
  {
    id: "listBlocks",
    route: "GET /api/blocks",
    tag: "Blocks",
    summary: "the blocks, without values",
    answers: ok("By type and name.", listOf(Block)),
    example: {},
  },
  {
    id: "getBlock",
    route: "GET /api/blocks/{type}/{name}",
    tag: "Blocks",
    summary: "one block; the value of a secret type is not answered",
    answers: ok("The block.", Block),
    problems: [404],
    example: { path: GREETING },
  },
  {
    id: "saveBlock",
    route: "PUT /api/blocks/{type}/{name}",
    tag: "Blocks",
    summary: "saves one; 409 if it is there and `overwrite` is not asked for",
    body: BlockBody,
    answers: ok("It is saved.", SavedBlock),
    problems: [409],
    example: { path: GREETING, body: { value: "hello", overwrite: true } },
  },
  {
    id: "deleteBlock",
    route: "DELETE /api/blocks/{type}/{name}",
    tag: "Blocks",
    summary: "deletes one",
    answers: done("It is gone."),
    problems: [404],
    example: { path: GREETING },
  },
  {
    id: "rekeyBlocks",
    route: "POST /api/blocks/rekey",
    tag: "Blocks",
    summary:
      "encrypts all blocks with a new key: `key` (base64 or hexadecimal), or one that is made where the key is kept in a file",
    body: RekeyBody,
    answers: ok("It is done.", RekeyedAnswer),
    problems: [422],
    example: { body: {} },
  },
];
