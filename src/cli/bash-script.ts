import script from "./templates/complete.bash.txt" with { type: "text" };

/**
 * What bash is to run at its start. The package's own wants bash-completion, which a server often has not, and
 * evaluates the line that is being typed.
 */
export const BASH_SCRIPT: string = script;
