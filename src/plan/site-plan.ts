// Sites and routes in the plan: matches and actions.
import type { HostPattern } from "../description/host.ts";
import type { MessageText } from "../description/message-text.ts";
import type { Position } from "../findings/finding.ts";
import type { AmbiguousPaths } from "./ambiguous-paths.ts";
import type { Decided, Entrance } from "./plan.ts";

export interface SitePlan {
  /** The first host as written in its normal form: `app.example.com`, `*.example.com`, `*`; with `#internal` where another site has it for another entrance. Unique. */
  readonly name: string;
  readonly hosts: readonly SiteHost[];
  /** The Strict-Transport-Security value on every HTTPS response; null: none. */
  readonly hsts: string | null;
  /**
   * A catch-all whose every route redirects to a fixed place: it does so on the plain port directly, not through https,
   * because the host there is any text that the client sent.
   */
  readonly skipsHttpsRedirect: boolean;
  /** `refuse`: 400 for a path with a spelling that servers read as another path (ambiguous-paths.ts). */
  readonly ambiguousPaths: Decided<AmbiguousPaths>;
  /** In order of precedence: the first that matches a request is its route. */
  readonly routes: readonly RoutePlan[];
  readonly at: Position | undefined;
}

export interface SiteHost extends HostPattern {
  readonly entrances: readonly Entrance[];
  readonly at: Position | undefined;
}

export interface RoutePlan {
  /** A readable name: `app.example.com/api`, and its conditions after a `#`: `app.example.com/api#POST`. Logs have what is before it. Unique. */
  readonly id: string;
  readonly match: RouteMatch;
  /** Client networks that may use it; empty: all. */
  readonly allow: readonly string[];
  readonly deny: readonly string[];
  /** null: no limit. */
  readonly maxBody: BodyLimit | null;
  readonly action: RouteAction;
  readonly rewrite: { readonly host: string | null; readonly path: PathRewrite | null };
  readonly requestHeaders: HeaderEdits;
  /** Of a route that forwards: of its servers' responses. */
  readonly responseHeaders: HeaderEdits;
  /** Of HAProxy's own responses on a route that forwards; undefined: as `responseHeaders`. */
  readonly ownResponseHeaders?: HeaderEdits | undefined;
  /** Whether WebSocket handshakes are passed on as such; elsewhere they are plain requests. */
  readonly webSocket: boolean;
  /** On a listener that redirects to HTTPS. */
  readonly plainHttp: "redirect" | "serve";
  /** In ms; null: the backend's own. */
  readonly timeouts: {
    readonly serverMs: number | null;
    readonly tunnelMs: number | null;
    readonly at?: Readonly<Record<string, Position | undefined>> | undefined;
  };
  readonly at: Position | undefined;
}

export interface BodyLimit {
  /** A larger Content-Length gets 413. */
  readonly bytes: number;
  /** Bodies without Content-Length, of which HAProxy does not know the size: `refuse` answers 411 (RFC 9110, 15.5.12). */
  readonly unknownLength: "refuse" | "allow";
}

export interface RouteMatch {
  readonly path: PathMatch;
  /** Empty: every method. */
  readonly methods: readonly string[];
  /** Names in lower case, in alphabetical order. */
  readonly headers: readonly ValueMatch[];
  readonly query: readonly ValueMatch[];
}

/** A prefix is by whole segments and has no slash at its end, except for `/` itself. */
export interface PathMatch {
  readonly kind: "prefix" | "exact" | "regex";
  readonly value: string;
}

/** Of a repeated header the last line counts, of a repeated parameter the first. `present` has the value "". */
export interface ValueMatch {
  readonly name: string;
  readonly kind: "exact" | "present" | "regex";
  readonly value: string;
}

/** `whole` replaces the path, `prefix` what the route's prefix matched; the query stays. */
export interface PathRewrite {
  readonly kind: "whole" | "prefix";
  readonly value: string;
}

/** Names as the description writes them; HTTP compares them without case. Applied in this order. */
export interface HeaderEdits {
  readonly remove: readonly HeaderName[];
  readonly set: readonly HeaderLine[];
  readonly add: readonly HeaderLine[];
  readonly setIfAbsent: readonly DefaultHeader[];
  /** The preset that replaces those of outer levels; `none` removes them. */
  readonly preset?: string | undefined;
}

export interface HeaderName {
  readonly name: string;
  readonly at?: Position | undefined;
}

export interface HeaderLine extends HeaderName {
  readonly value: MessageText;
}

export interface DefaultHeader extends HeaderLine {
  /** The preset that has it. */
  readonly preset?: string | undefined;
}

export type RouteAction =
  | { readonly kind: "forward"; readonly to: readonly Share[] }
  | { readonly kind: "redirect"; readonly redirect: RedirectPlan }
  | {
      readonly kind: "respond";
      readonly status: number;
      readonly contentType: string;
      readonly body: string;
    };

/** `weight` parts of all; at least one share of a forward has more than 0. */
export interface Share {
  /** The name of a BackendPlan. */
  readonly backend: string;
  readonly weight: number;
}

export interface RedirectPlan {
  readonly status: number;
  /** The complete Location, unchanged; when set, the rest is null. */
  readonly location: string | null;
  readonly scheme: "http" | "https" | null;
  readonly host: string | null;
  /** null: the listener's `redirectPorts`. The default port of the scheme is not written (RFC 9110 section 4.2.3). */
  readonly port: number | null;
  readonly path: PathRewrite | null;
}
