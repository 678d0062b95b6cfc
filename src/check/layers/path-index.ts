// Which of many tests of the path match a path, without trying each: by whole paths and by their beginnings.
import { type PathTest, subjectOf } from "./path-tests.ts";

export interface PathIndex<T> {
  /** The items whose test matches a path; `rest` is not among them. */
  readonly matching: (path: string) => ReadonlySet<T>;
  /** Whether there are any. */
  readonly matches: (path: string) => boolean;
  /** Items whose test compares anything else, or is not known: each has to be tried. */
  readonly rest: readonly T[];
}

export function indexPaths<T extends { readonly asked: PathTest | undefined }>(
  items: readonly T[],
): PathIndex<T> {
  const forms = new Map<string, Form<T>>();
  const rest: T[] = [];
  for (const item of items) {
    const { asked } = item;
    if (asked?.method !== "str" && asked?.method !== "beg") rest.push(item);
    else addTo(forms, asked, item);
  }
  return {
    matching: (path) => new Set([...forms.values()].flatMap((form) => matchingIn(form, path))),
    matches: (path) => [...forms.values()].some((form) => matchesIn(form, path)),
    rest,
  };
}

/** Tests that compare the same form of a path: decoded or not, in lower case or not. */
interface Form<T> {
  readonly like: PathTest;
  readonly str: Map<string, T[]>;
  readonly beg: Map<string, T[]>;
}

function addTo<T>(forms: Map<string, Form<T>>, test: PathTest, item: T): void {
  const key = `${test.decodes} ${test.ignoresCase}`;
  const form = forms.get(key) ?? { like: test, str: new Map(), beg: new Map() };
  forms.set(key, form);
  const byPattern = test.method === "str" ? form.str : form.beg;
  for (const pattern of test.patterns) {
    const same = byPattern.get(pattern) ?? [];
    same.push(item);
    byPattern.set(pattern, same);
  }
}

function matchingIn<T>({ like, str, beg }: Form<T>, path: string): readonly T[] {
  const subject = subjectOf(like, path);
  return [...(str.get(subject) ?? []), ...beginningsOf(subject).flatMap((text) => beg.get(text) ?? [])];
}

function matchesIn<T>({ like, str, beg }: Form<T>, path: string): boolean {
  const subject = subjectOf(like, path);
  return str.has(subject) || beginningsOf(subject).some((text) => beg.has(text));
}

function beginningsOf(text: string): readonly string[] {
  return Array.from({ length: text.length + 1 }, (_, length) => text.slice(0, length));
}
