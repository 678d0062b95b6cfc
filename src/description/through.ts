// Where the request of an expectation enters the edge.

export const THROUGH = ["public", "internal", "untrusted", "pod"] as const;
export type Through = (typeof THROUGH)[number];
