/** What must not be, with its evidence. The run fails when there is any. */
export interface Finding {
  readonly at: number;
  /** Such as `wrong deletion`. */
  readonly what: string;
  readonly evidence: string;
}

export class Findings {
  readonly all: Finding[] = [];
  readonly #told: (line: string) => void;

  /** `told` is given a line at once when something is found. */
  constructor(told: (line: string) => void) {
    this.#told = told;
  }

  add(what: string, evidence: string): void {
    this.all.push({ at: Date.now(), what, evidence });
    this.#told(`FOUND ${what}: ${evidence.slice(0, 300)}`);
  }
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
