// Failures of a cluster: its messages, with their parts.

/** A part of an answer's `details.causes`: which field, and why. */
export interface FailureCause {
  readonly reason: string;
  readonly message: string;
  readonly field: string;
}

/**
 * A request that the API server refused (`status` is HTTP's), or that had no answer (`status` null). The message is the server's
 * or the system's.
 */
export class ClusterFailure extends Error {
  override readonly name = "ClusterFailure";
  readonly status: number | null;
  /** Kubernetes' reason: `NotFound`, `Forbidden`, `Conflict` …; without an answer, the system's error code. */
  readonly reason: string;
  readonly causes: readonly FailureCause[];
  /** The request: `PATCH /apis/apps/v1/…`. */
  readonly request: string;

  constructor(
    message: string,
    parts: {
      readonly status: number | null;
      readonly reason: string;
      readonly causes?: readonly FailureCause[];
      readonly request: string;
    },
  ) {
    super(message);
    this.status = parts.status;
    this.reason = parts.reason;
    this.causes = parts.causes ?? [];
    this.request = parts.request;
  }
}

export function failedWith(error: unknown, status: number): error is ClusterFailure {
  return error instanceof ClusterFailure && error.status === status;
}

/** Whether there was no answer, or only a proxy's: worth a retry. */
export function isUnreachable(error: unknown): error is ClusterFailure {
  return (
    error instanceof ClusterFailure && (error.status === null || error.status === 429 || error.status >= 500)
  );
}

/** The failure of an answer other than 2xx: the API server's Status object where it is one. */
export function failureOf(request: string, status: number, text: string): ClusterFailure {
  const parsed = statusObject(text);
  const causes = (parsed?.details?.causes ?? []).map(({ reason = "", message = "", field = "" }) => ({
    reason,
    message,
    field,
  }));
  const message = parsed?.message ?? (text.trim().slice(0, 400) || `HTTP status ${status}`);
  return new ClusterFailure(message, { status, reason: parsed?.reason ?? "", causes, request });
}

interface StatusObject {
  readonly message?: string;
  readonly reason?: string;
  readonly details?: {
    readonly causes?: readonly {
      readonly reason?: string;
      readonly message?: string;
      readonly field?: string;
    }[];
  };
}

function statusObject(text: string): StatusObject | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && "kind" in value && value.kind === "Status"
      ? (value as StatusObject)
      : undefined;
  } catch {
    return undefined;
  }
}
