import * as v from "valibot";
import { Text, Texts } from "./answer-schema.ts";
import { ConfigProblemAnswer } from "./daemon-answers.ts";
import { StateTypeWord } from "./run-answers.ts";

/** A member that some problems have. */
const some = (schema: v.GenericSchema, text: string) =>
  v.optional(v.pipe(schema, v.description(text)));

/** Any answer but success (RFC 9457). */
export const ProblemAnswer = v.object({
  type: v.pipe(v.string(), v.description("`urn:tocsin:problem:…`")),
  title: Text,
  status: v.pipe(v.number(), v.integer()),
  detail: v.pipe(
    v.string(),
    v.description("What cannot be done, why, and often what to do, for people."),
  ),
  field: some(v.string(), "400: what of the request does not fit; empty for all of it."),
  nearest: some(v.string(), "404: what was probably meant."),
  known: some(Texts, "404: some of what there is."),
  keys: some(Texts, "409: the hooks that have this name."),
  state: some(StateTypeWord, "409: the state of the run."),
  blockedBy: some(v.string(), "409: the run that is in the way, by id."),
  run: some(v.string(), "422: the run that was made with the key, by id."),
  index: some(v.number(), "Which of several could not be made, from 0."),
  problems: some(v.array(ConfigProblemAnswer), "422: what is wrong with the config."),
});
