// guessable-password: the described password of the stats page, which rendered files read from the environment.
import type { PlanRule } from "../rule.ts";
import { isGuessable } from "../rules/guessable-password.ts";

export const describedPasswordGuessable: PlanRule = {
  code: "guessable-password",
  severity: "warning",
  check({ plan, at }) {
    const user = plan.stats?.user;
    if (user?.password.from.kind !== "description") return [];
    if (!isGuessable(user.name, user.password.from.text.reveal())) return [];
    return {
      what: `the password of \`${user.name}\` for the stats page can be guessed`,
      why: "It is a well-known password or the user's own name, which attackers try first. Then they can read every backend with its addresses, load and health.",
      remedy:
        "Store a long random password in a Secret, and write `password: { secret: NAME, key: KEY }` in `stats.user`.",
      at: [at(["stats", "user", "password"])],
    };
  },
};
