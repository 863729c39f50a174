import { hook } from "tocsin";

// biome-ignore lint/style/noDefaultExport: a hook module is its default export
export default hook({
  name: "audit",
  on: ["onFailure", "onCrashed"],
  run: ({ flow, run, state, log }) => {
    log.info(`${state.at} ${flow.name} ${run.name} ${state.name}: ${state.message}`);
  },
});
