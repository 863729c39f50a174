/**
 * The daemon's environment for what runs code of flows and hooks: without its secrets, and without what would
 * turn a program started by a flow into Bun.
 */
export function flowEnvironment(): NodeJS.ProcessEnv {
  const { BUN_BE_BUN: _b, BUN_OPTIONS: _o, TOCSIN_KEY: _key, ...others } = process.env;
  const { TOCSIN_STORE_TOKEN: _theStoresToken, ...rest } = others;
  return rest;
}
