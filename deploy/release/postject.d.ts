/** postject has no types of its own. */
declare module 'postject' {
  export interface InjectOptions {
    readonly sentinelFuse?: string;
    readonly machoSegmentName?: string;
    readonly overwrite?: boolean;
  }
  /** Writes `data` into the executable `file` under a name by which it finds that when it runs. */
  export function inject(file: string, name: string, data: Buffer, options?: InjectOptions): Promise<void>;
}
