// The explanation of one request to layers or a haproxy.cfg as JSON.
import { maskedJson } from "../../findings/credentials.ts";
import { merged } from "./explanation-rows.ts";
import type { LayersExplanation } from "./layers-explanation.ts";

export function layersExplanationJson({
  request,
  layer,
  answer,
  streams,
  rules,
  difference,
  haproxy,
  notRun,
}: LayersExplanation): string {
  const { seen } = answer;
  return maskedJson({
    file: layer.config.file,
    request: {
      method: request.method,
      url: request.url,
      headers: request.options.headers,
      from: answer.client,
    },
    path: answer.path ?? null,
    frontend: answer.listener,
    status: answer.status,
    location: answer.location,
    backend: answer.backend,
    servers: answer.servers ?? [],
    rules: rules?.rules ?? null,
    decided: rules?.answer?.text ?? null,
    notExamined: rules?.unexamined ?? [],
    streams: streams?.map(({ server, ...stream }) => ({ ...stream, server: server ?? null })) ?? null,
    seen:
      seen === null
        ? null
        : {
            method: seen.method,
            target: seen.target,
            headers: Object.fromEntries(merged(seen.headers)),
          },
    headers: Object.fromEntries(merged(answer.headers)),
    refused: answer.refused,
    notRun,
    haproxy: { version: haproxy, difference: difference ?? null },
  });
}
