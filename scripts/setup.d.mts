// Types of the functions of set-up that tests use.

export declare const oldestNode: readonly [number, number];
export declare const oldestHaproxy: readonly [number, number];
export declare function isAtLeast(version: string, oldest: readonly [number, number]): boolean;
export declare function findExecutable(name: string, folders: readonly string[]): string | undefined;

export interface InstallPlan {
  /** The command for the user to type. */
  readonly type: string;
  /** Undefined where that needs a password. */
  readonly run: { readonly install: readonly string[]; readonly refresh?: readonly string[] } | undefined;
}

export declare function planHaproxyInstall(here: {
  readonly folders: readonly string[];
  readonly isRoot: boolean;
  readonly sudoWithoutPassword: boolean;
}): InstallPlan | undefined;
