import type { DeliveryView } from "../../store/run-history.ts";
import { useData } from "./data.ts";
import { Attempts, DeliveryMark, Redeliver, Subject } from "./delivery-rows.tsx";
import { Empty, Fact, FlowLink, Section, Time, Title } from "./parts.tsx";

/** One delivery: what a hook was told of, and how each attempt went. */
export function DeliveryPage({ id }: { readonly id: string }) {
  const { value, failure } = useData<DeliveryView>(`/api/deliveries/${encodeURIComponent(id)}`);
  if (failure !== undefined) {
    return (
      <>
        <Title text="This delivery cannot be shown" />
        <Empty>
          {failure.message}. Deliveries are deleted with their runs. All that there are:{" "}
          <a href="/hooks">Hooks</a>.
        </Empty>
      </>
    );
  }
  if (value === undefined) return <Title text="Delivery" />;
  return (
    <>
      <Title text={value.hookName ?? value.hook}>
        <div class="buttons">
          <Redeliver delivery={value} />
        </div>
      </Title>
      <p class="standing">
        <DeliveryMark delivery={value} />
        <span class="reason">{value.reason ?? value.lastError ?? ""}</span>
      </p>
      <dl class="facts">
        <Fact name="Tells of">
          <Subject delivery={value} />
        </Fact>
        <Fact name="Flow">
          <FlowLink name={value.flow} />
        </Fact>
        <Fact name="Moment">{value.moment}</Fact>
        <Fact name="Written">
          <Time iso={value.createdAt} />
        </Fact>
        {value.nextAttemptAt === undefined ? null : (
          <Fact name="Next attempt">
            <Time iso={value.nextAttemptAt} />
          </Fact>
        )}
        {value.replays === 0 ? null : <Fact name="Asked for again">{value.replays}</Fact>}
        <Fact name="Hook" isWide>
          <code>{value.hook}</code>
        </Fact>
        <Fact name="Id" isWide>
          <code>{value.id}</code>
        </Fact>
      </dl>
      <Section name="Attempts">
        {value.attempts.length === 0 ? (
          <Empty>None was made yet.</Empty>
        ) : (
          <Attempts delivery={value} />
        )}
      </Section>
    </>
  );
}
