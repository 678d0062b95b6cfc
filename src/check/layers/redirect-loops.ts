// The redirect loops of each haproxy.cfg, searched once for the findings and for what is not known.
import { Formulas } from "../../space/formula.ts";
import { evaluateHaproxy, inputOf, listenerNames } from "../../space/haproxy/evaluate-haproxy.ts";
import { haproxyQueryDimensions } from "../../space/haproxy/haproxy-query.ts";
import { haproxyRedirectLoops } from "../../space/haproxy/redirect-loops.ts";
import type { QueryListener } from "../../space/query.ts";
import type { RedirectLoops } from "../../space/redirects/redirect-loops.ts";
import type { HaproxyLayer, LeftOut, Wiring } from "../../wiring/wiring.ts";
import { memoized } from "./memoized.ts";

interface LoopsOfLayer extends RedirectLoops {
  readonly layer: HaproxyLayer;
}

export const redirectLoopsIn = memoized((wiring: Wiring): readonly LoopsOfLayer[] =>
  wiring.haproxies
    .filter(({ config }) => config.lines.some(({ text }) => REDIRECTS.test(text)))
    .map((layer) => ({ layer, ...loopsOf(wiring, layer) })),
);

const REDIRECTS = /\bredirect\b|(?:status|code)\s+30|\berrorloc/;

/** Where the evaluation reached its budget, or a Location or a condition for the next URL cannot be evaluated. */
export function unexaminedRedirects(wiring: Wiring): readonly LeftOut[] {
  return redirectLoopsIn(wiring)
    .filter(({ isIncomplete }) => isIncomplete)
    .map(({ layer: { config } }) => ({
      what: `the search for redirect loops in \`${config.file}\` is incomplete`,
      why: "The search needs more steps than the limit of the evaluation, or Portico cannot evaluate the `Location` of a redirect or a condition for the next URL.",
      severity: "note",
      at: { file: config.file, line: 1, column: 1 },
    }));
}

function loopsOf(wiring: Wiring, layer: HaproxyLayer): RedirectLoops {
  const formulas = new Formulas();
  const program = evaluateHaproxy({ ...inputOf(layer), quiet: true }, formulas);
  return haproxyRedirectLoops(program, listenersOf(wiring, layer), formulas);
}

/** Without those whose TLS a load balancer terminates: https-redirect-loop reports them. */
function listenersOf(wiring: Wiring, layer: HaproxyLayer): readonly QueryListener[] {
  const names = listenerNames(layer.wiring);
  const withTls = new Set([...names].flatMap(([{ ssl }, name]) => (ssl ? [name] : [])));
  return haproxyQueryDimensions(layer, wiring, names).listeners.filter(
    ({ scheme, name }) => scheme === "http" || withTls.has(name),
  );
}
