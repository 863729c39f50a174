import manifest from "../package.json" with { type: "json" };

/** The version of this binary, as package.json gives it. */
export const VERSION: string = manifest.version;
