import { useSignal } from "@preact/signals";
import { isTokenNeeded, tell } from "./ask.ts";
import { bump } from "./live.ts";
import { Title } from "./parts.tsx";

/** The daemon wants a token: it is given once, and a cookie that no script can read stands for it then. */
export function Login() {
  const token = useSignal("");
  const problem = useSignal("");
  const submit = async (event: Event) => {
    event.preventDefault();
    const answer = await tell("/api/login", { token: token.value.trim() });
    if (!answer.ok) {
      problem.value = answer.message;
      return;
    }
    isTokenNeeded.value = false;
    bump();
  };
  return (
    <>
      <Title text="A token is needed" />
      <form class="login" onSubmit={(event) => void submit(event)}>
        <p>
          This daemon answers only who has one of its tokens. Make one where it runs, with{" "}
          <code>tocsin token new</code>.
        </p>
        <label for="token">Token</label>
        <input
          id="token"
          type="password"
          autocomplete="current-password"
          required
          value={token.value}
          aria-describedby="token-problem"
          onInput={(event) => {
            token.value = event.currentTarget.value;
          }}
        />
        <p id="token-problem" class="field-problem" role="alert">
          {problem.value}
        </p>
        <button type="submit" class="primary">
          Log in
        </button>
      </form>
    </>
  );
}
