import { render } from "preact";
import { isTokenNeeded } from "./ask.ts";
import { DeliveryPage } from "./delivery.tsx";
import { FlowPage } from "./flow.tsx";
import { Home } from "./home.tsx";
import { Hooks } from "./hooks.tsx";
import { listenToKeys } from "./keys.ts";
import { stayLive } from "./live.ts";
import { Login } from "./login.tsx";
import { Empty, Title } from "./parts.tsx";
import { followLinks, place } from "./router.ts";
import { RunPage } from "./run.tsx";
import { Runs } from "./runs.tsx";
import { Shell } from "./shell.tsx";
import { System } from "./system.tsx";

followLinks();
listenToKeys();
stayLive();
const root = document.getElementById("page");
if (root !== null) render(<Page />, root);

function Page() {
  return <Shell>{isTokenNeeded.value ? <Login /> : <View />}</Shell>;
}

/** The view of an address. Another thing of the same kind is a view of its own, with nothing left of the last. */
function View() {
  const [kind = "", name] = place.value.path.split("/").slice(1).map(decoded);
  if (kind === "") return <Home />;
  if (kind === "runs") return name === undefined ? <Runs /> : <RunPage key={name} run={name} />;
  if (kind === "flows" && name !== undefined) return <FlowPage key={name} flow={name} />;
  if (kind === "hooks") return <Hooks />;
  if (kind === "deliveries" && name !== undefined) return <DeliveryPage key={name} id={name} />;
  if (kind === "system") return <System />;
  return (
    <>
      <Title text="Nothing is here" />
      <Empty>
        There is no such view. <a href="/">Go home</a>
      </Empty>
    </>
  );
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
