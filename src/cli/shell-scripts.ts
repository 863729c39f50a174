import bash from "./templates/complete.bash.txt" with { type: "text" };
import fish from "./templates/complete.fish.txt" with { type: "text" };
import powershell from "./templates/complete.powershell.txt" with { type: "text" };
import zsh from "./templates/complete.zsh.txt" with { type: "text" };

/**
 * What each shell is to run at its start. The package's own scripts evaluate the line that is being typed, and
 * its bash one wants bash-completion, which a server often has not.
 */
export const SHELL_SCRIPTS: ReadonlyMap<string, string> = new Map([
  ["bash", bash],
  ["zsh", zsh],
  ["fish", fish],
  ["powershell", powershell],
]);
