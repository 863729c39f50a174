import { useEffect } from "preact/hooks";
import { DELIVERY_STATUSES } from "../../domain/delivery.ts";
import type { HookView } from "../../http/hook-view.ts";
import type { DeliveryEntry } from "../../store/run-history.ts";
import { type Items, tell } from "./ask.ts";
import { useData } from "./data.ts";
import { DeedButton } from "./deed-button.tsx";
import { DeliveryRows } from "./delivery-rows.tsx";
import { SelectField } from "./fields.tsx";
import { TrialDialog, toTry } from "./hook-trial.tsx";
import { confirmed, notify, perform } from "./notices.ts";
import { useGrowing } from "./pages.ts";
import { Empty, Failure, FlowLink, Section, StateMark, Time, Title } from "./parts.tsx";
import { place, setQuery } from "./router.ts";
import { plural } from "./words.ts";

/** Which bells there are, which rang, and which did not. */
export function Hooks() {
  const hooks = useData<Items<HookView>>("/api/hooks", { calmMs: 2_000 });
  const items = hooks.value?.items;
  return (
    <>
      <Title text="Hooks" />
      <Failure of={hooks} />
      {items?.length === 0 ? (
        <Empty>
          The config has no hooks yet. Give a flow one, such as{" "}
          <code>onFailure: [slack({"{ webhook }"})]</code>.
        </Empty>
      ) : (
        <HookTable hooks={items ?? []} />
      )}
      <Deliveries hooks={items ?? []} />
      <TrialDialog />
    </>
  );
}

function HookTable({ hooks }: { readonly hooks: readonly HookView[] }) {
  return (
    <table class="hooks">
      <thead>
        <tr>
          <th scope="col">Hook</th>
          <th scope="col">Of</th>
          <th scope="col" class="moment">
            Moments
          </th>
          <th scope="col">Deliveries</th>
          <th scope="col" class="when">
            Last delivered
          </th>
          <th scope="col" class="message">
            Last failure
          </th>
          <th scope="col">
            <span class="unseen">Actions</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {hooks.map((hook) => (
          <HookRow key={hook.key} hook={hook} />
        ))}
      </tbody>
    </table>
  );
}

function HookRow({ hook }: { readonly hook: HookView }) {
  const { key, name, owner, moments, deliveries, lastDeliveredAt, lastFailure, down, gone } = hook;
  const { query } = place.value;
  const isChosen = query.get("hook") === key;
  return (
    <tr class={isChosen ? "chosen" : ""}>
      <th scope="row">
        <a href={`/hooks?${new URLSearchParams({ hook: key })}`} class="name" title={key}>
          {name}
        </a>
        {gone === true ? <span class="tag">not in the config</span> : null}
        {down === undefined ? null : (
          <span class="line">
            <span class="state dead">
              does not answer since <Time iso={down.since} />
            </span>
          </span>
        )}
      </th>
      <td>
        {owner.kind === "flow" ? <FlowLink name={owner.name} /> : `${owner.kind} ${owner.name}`}
      </td>
      <td class="dim">{moments.join(", ")}</td>
      <td>
        {DELIVERY_STATUSES.filter((status) => (deliveries[status] ?? 0) > 0).map((status) => (
          <a
            key={status}
            class="count"
            href={`/hooks?${new URLSearchParams({ hook: key, status })}`}
          >
            <StateMark type={status} name={`${deliveries[status]} ${status}`} />
          </a>
        ))}
      </td>
      <td class="when">
        <Time iso={lastDeliveredAt} />
      </td>
      <td class="message dim" title={lastFailure?.message}>
        {lastFailure?.message}
      </td>
      <td class="actions">
        {gone === true ? null : (
          <DeedButton
            aria-label={`Try ${name}`}
            onClick={() => {
              toTry.value = hook;
            }}
          >
            Try…
          </DeedButton>
        )}
      </td>
    </tr>
  );
}

const STATUSES = [
  ["", "Any status"],
  ...DELIVERY_STATUSES.map((status) => [status, status] as const),
] as const;
const RANGES = [
  ["", "Any time"],
  ["1h", "Last hour"],
  ["24h", "Last 24 hours"],
  ["7d", "Last 7 days"],
] as const;

function Deliveries({ hooks }: { readonly hooks: readonly HookView[] }) {
  const { query } = place.value;
  const asked = ["status", "hook", "since"].flatMap((field) => {
    const value = query.get(field);
    return value === null ? [] : [[field, value] satisfies [string, string]];
  });
  const list = useGrowing<DeliveryEntry>(
    `/api/deliveries?${new URLSearchParams([...asked, ["limit", "50"]])}`,
  );
  const { items = [], lookAt } = list;
  const newest = items[0]?.id;
  const oldest = items.at(-1)?.id;
  useEffect(() => {
    if (newest !== undefined && oldest !== undefined) lookAt({ newest, oldest });
  }, [newest, oldest, lookAt]);
  const names = hooks.map(({ key, name }) => [key, `${name} (${key})`] as const);
  return (
    <Section name="Deliveries" aside={<RedeliverMany filter={Object.fromEntries(asked)} />}>
      <div class="filters">
        <SelectField name="status" label="Status" options={STATUSES} />
        <SelectField name="hook" label="Hook" options={[["", "Any hook"], ...names]} />
        <SelectField name="since" label="Time" options={RANGES} />
        {asked.length === 0 ? null : (
          <button
            type="button"
            class="plain"
            onClick={() => setQuery({ status: undefined, hook: undefined, since: undefined })}
          >
            Clear all
          </button>
        )}
      </div>
      {list.failure === undefined ? null : <p class="failure">{list.failure.message}</p>}
      {list.items?.length === 0 ? (
        <Empty>No delivery fits: no hook was rung, or the filters leave all of them out.</Empty>
      ) : (
        <DeliveryRows deliveries={items} withRun />
      )}
      {list.hasMore ? (
        <p class="below">
          <button type="button" disabled={list.isLoading} onClick={list.more}>
            Older deliveries
          </button>
        </p>
      ) : null}
    </Section>
  );
}

const BODY_FIELDS = ["status", "hook", "since"] as const;

/** Rings all that the filters let through again: first it is counted, then somebody says yes. */
function RedeliverMany({ filter }: { readonly filter: Readonly<Record<string, string>> }) {
  const redeliver = async () => {
    const given = BODY_FIELDS.filter((field) => filter[field] !== undefined);
    const body = {
      status: "dead",
      ...Object.fromEntries(given.map((field) => [field, filter[field]])),
    };
    const path = "/api/deliveries/redeliver";
    const counted = await tell<{ readonly redelivered: number }>(path, { ...body, dryRun: true });
    if (!counted.ok || counted.value.redelivered === 0) {
      const text = counted.ok ? "There is none to redeliver" : counted.message;
      notify({ text, isBad: !counted.ok });
      return;
    }
    const count = plural(
      counted.value.redelivered,
      `${body.status} delivery`,
      `${body.status} deliveries`,
    );
    const isSure = await confirmed({
      title: "Redeliver all of them?",
      text: `${count} will be rung again. Whoever is told hears it once more.`,
      action: "Redeliver them",
    });
    if (isSure) await perform({ path, body, done: `${count} will be rung again` });
  };
  if (filter["status"] === "pending") return null;
  return (
    <DeedButton onClick={() => void redeliver()}>
      Redeliver all {filter["status"] ?? "dead"} ones
    </DeedButton>
  );
}
