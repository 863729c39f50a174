import { useMemo, useRef } from "preact/hooks";
import type { FlowView } from "../../http/flow-view.ts";
import type { Items } from "./ask.ts";
import { useData } from "./data.ts";
import { FlowTable } from "./flow-table.tsx";
import { Health } from "./health.tsx";
import { ARRANGED_BY, arrange, FlowFilters, hasOrder } from "./home-filters.tsx";
import { RunningNow, UpNext } from "./home-now.tsx";
import { Empty, Failure, Section, Title } from "./parts.tsx";
import { place } from "./router.ts";
import { TriggerDialog } from "./trigger-form.tsx";

/** The list of many flows is long: it is not asked for at every event. */
const MANY_FLOWS = 100;
const CALM_MS = { few: 500, many: 3_000 } as const;

/** What ran, what runs, and what will. */
export function Home() {
  const amount = useRef<keyof typeof CALM_MS>("few");
  const flows = useData<Items<FlowView>>("/api/flows", { calmMs: CALM_MS[amount.current] });
  amount.current = (flows.value?.items.length ?? 0) > MANY_FLOWS ? "many" : "few";
  const { query } = place.value;
  const all = flows.value?.items;
  const asked = ARRANGED_BY.map((field) => query.get(field)).join("\n");
  const rows = useMemo(() => (all === undefined ? [] : arrange(all, query)), [all, asked]);
  const span = query.get("span") ?? "runs";
  return (
    <>
      <Title text="Flows" />
      <Health />
      <Failure of={flows} />
      <div class="pair">
        <RunningNow />
        <UpNext flows={all} />
      </div>
      <Section name="Flows" aside={all === undefined ? null : <Count rows={rows} all={all} />}>
        {all?.length === 0 ? (
          <Empty>
            The config has no flows yet. Define one in <code>flows.config.ts</code>, list it in{" "}
            <code>defineConfig</code>, and it is here as soon as the file is saved.
          </Empty>
        ) : (
          <>
            <FlowFilters flows={all ?? []} />
            {all !== undefined && rows.length === 0 ? (
              <Empty>No flow fits. Clear the search to see all {all.length}.</Empty>
            ) : (
              <FlowTable rows={rows} span={span} isGrouped={hasOrder(query, "tag")} />
            )}
          </>
        )}
      </Section>
      <TriggerDialog />
    </>
  );
}

function Count({
  rows,
  all,
}: {
  readonly rows: readonly unknown[];
  readonly all: readonly FlowView[];
}) {
  const flows = rows.filter((row) => typeof row !== "string").length;
  return <span class="dim">{flows === all.length ? all.length : `${flows} of ${all.length}`}</span>;
}
