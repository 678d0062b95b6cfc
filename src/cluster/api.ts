// A client of the Kubernetes API: plain JSON over the kubeconfig's connection, with a timeout on every request.
import { type ClientRequest, request as requestHttp } from "node:http";
import { type RequestOptions, request as requestHttps } from "node:https";
import type { Readable } from "node:stream";
import type { KubeConfig } from "@kubernetes/client-node";
import { ClusterFailure, failedWith, failureOf } from "./failure.ts";
import {
  FIELD_MANAGER,
  type KubernetesObject,
  listPath,
  type ObjectMetadata,
  objectPath,
} from "./objects.ts";

export interface ApiRequestOptions {
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly contentType?: string;
  /** The media type of the answer. Default `application/json`. */
  readonly accept?: string;
  /** Until the answer is complete. Default 15,000. */
  readonly timeoutMs?: number;
}

export interface ApplyOptions {
  /** Dry run: nothing is stored, and the answer is the resulting object. */
  readonly dryRun?: boolean;
  /** Take over fields from their owners. */
  readonly force?: boolean;
}

type Kind = Pick<KubernetesObject, "apiVersion" | "kind">;
type Named = Kind & { readonly metadata: Pick<ObjectMetadata, "name" | "namespace"> };

const ASK_TIMEOUT_MS = 15_000;

/** Every method rejects with ClusterFailure when the cluster refuses or does not answer. */
export class ClusterApi {
  readonly context: string;
  readonly server: string;
  /** For port forwards, which are not plain requests. */
  readonly config: KubeConfig;

  constructor(config: KubeConfig) {
    this.config = config;
    this.context = config.getCurrentContext();
    this.server = config.getCurrentCluster()?.server ?? "";
  }

  async get<T>(path: string, query: Readonly<Record<string, string>> = {}): Promise<T> {
    return (await this.request("GET", path, { query })) as T;
  }

  async find<T extends KubernetesObject>(object: Named): Promise<T | undefined> {
    try {
      return await this.get<T>(objectPath(object));
    } catch (error) {
      if (failedWith(error, 404)) return undefined;
      throw error;
    }
  }

  /** Empty where the cluster does not have the kind. Without a namespace: in all of them. */
  async list<T>(kind: Kind, namespace: string | undefined, selector?: string): Promise<readonly T[]> {
    try {
      const { items } = await this.get<{ items: readonly T[] }>(
        listPath(kind, namespace),
        selector === undefined ? {} : { labelSelector: selector },
      );
      // The items of a list have no kind.
      return items.map((item) => ({ ...kind, ...item }));
    } catch (error) {
      if (failedWith(error, 404)) return [];
      throw error;
    }
  }

  /** Server-side apply: creates the object, or sets these fields and gives up those that it no longer has. */
  async apply(object: KubernetesObject, options: ApplyOptions = {}): Promise<KubernetesObject> {
    return (await this.request("PATCH", objectPath(object), {
      query: {
        fieldManager: FIELD_MANAGER,
        fieldValidation: "Strict",
        ...(options.dryRun === true ? { dryRun: "All" } : {}),
        ...(options.force === true ? { force: "true" } : {}),
      },
      body: object,
      // JSON is YAML, and every supported server accepts it here.
      contentType: "application/apply-patch+yaml",
    })) as KubernetesObject;
  }

  /** Does nothing when it is gone already. `uid`: only if the object still has it. */
  async remove(object: Named, uid?: string): Promise<void> {
    try {
      await this.request("DELETE", objectPath(object), {
        body: {
          apiVersion: "v1",
          kind: "DeleteOptions",
          propagationPolicy: "Background",
          ...(uid === undefined ? {} : { preconditions: { uid } }),
        },
      });
    } catch (error) {
      if (!failedWith(error, 404)) throw error;
    }
  }

  async request(method: string, path: string, options: ApiRequestOptions = {}): Promise<unknown> {
    const text = await this.text(method, path, options);
    return text === "" ? undefined : (JSON.parse(text) as unknown);
  }

  async text(method: string, path: string, options: ApiRequestOptions = {}): Promise<string> {
    const request = `${method} ${path}`;
    const signal = AbortSignal.timeout(options.timeoutMs ?? ASK_TIMEOUT_MS);
    const answer = await this.#send(method, path, options, signal);
    const chunks: Buffer[] = [];
    try {
      for await (const chunk of answer) chunks.push(chunk as Buffer);
    } catch (error) {
      throw noAnswer(request, this.server, error);
    }
    const text = Buffer.concat(chunks).toString();
    const status = answer.statusCode ?? 0;
    if (status < 200 || status > 299) throw failureOf(request, status, text);
    return text;
  }

  /** An endless answer, such as a followed log. Ends when `signal` aborts. */
  async stream(
    path: string,
    query: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<Readable> {
    const answer = await this.#send("GET", path, { query }, signal);
    const status = answer.statusCode ?? 0;
    if (status >= 200 && status <= 299) return answer;
    const chunks: Buffer[] = [];
    for await (const chunk of answer) chunks.push(chunk as Buffer);
    throw failureOf(`GET ${path}`, status, Buffer.concat(chunks).toString());
  }

  async #send(
    method: string,
    path: string,
    { query, body, contentType, accept }: ApiRequestOptions,
    signal: AbortSignal,
  ) {
    const request = `${method} ${path}`;
    const url = new URL(`${this.server.replace(/\/$/, "")}${path}`);
    for (const [name, value] of Object.entries(query ?? {})) url.searchParams.set(name, value);
    const text = body === undefined ? undefined : JSON.stringify(body);
    const options: RequestOptions = {
      method,
      headers: {
        accept: accept ?? "application/json",
        "user-agent": "portico",
        ...(text === undefined
          ? {}
          : {
              "content-type": contentType ?? "application/json",
              "content-length": String(Buffer.byteLength(text)),
            }),
      },
      signal,
    };
    try {
      // The client library handles certificates, tokens and the commands that fetch them.
      await this.config.applyToHTTPSOptions(options);
    } catch (error) {
      throw noSignIn(request, error);
    }
    const { promise, resolve, reject } = Promise.withResolvers<import("node:http").IncomingMessage>();
    let sent: ClientRequest;
    try {
      sent = (url.protocol === "http:" ? requestHttp : requestHttps)(url, options, resolve);
    } catch (error) {
      // Node throws immediately for invalid header values (a token with a line break) and for invalid keys and certificates.
      throw noSignIn(request, error);
    }
    sent.on("error", (error) => reject(noAnswer(request, this.server, error)));
    sent.end(text);
    return promise;
  }
}

function noSignIn(request: string, error: unknown): ClusterFailure {
  const message = error instanceof Error ? error.message : String(error);
  return new ClusterFailure(`cannot sign in: ${message}`, { status: null, reason: "SignIn", request });
}

function noAnswer(request: string, server: string, error: unknown): ClusterFailure {
  const { code, name, message } = error as NodeJS.ErrnoException;
  const timedOut = name === "TimeoutError" || name === "AbortError";
  return new ClusterFailure(timedOut ? `${server} does not answer` : `${server}: ${message || code}`, {
    status: null,
    reason: timedOut ? "Timeout" : (code ?? "Unknown"),
    request,
  });
}
